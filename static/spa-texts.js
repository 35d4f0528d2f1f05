// The texts of the single-page app, in English and Chinese, besides those that all pages share.

import { addTexts } from "./texts.js";

addTexts({
  en: {
    title: "Single-page app · WeChat central control server",
    purpose: "One page, many addresses: which one is signed?",
    lead: "A router changes the address without loading a page. iPhones keep verifying the address with which the app was entered, Android the current one.",
    phone: "Phone",
    way: "What is signed",
    naive: "always the current URL",
    tour: "Change the route three times",
    routes: "Routes of this app",
    shop: "Shop",
    cart: "Cart",
    order: "Order",

    summaryEntering: "Entering WeChat …",
    summaryEntered: "Entered and accepted. Now change the route.",
    summaryAccepted: "Share data was accepted on every route.",
    summaryRefused: "Refused: share data was not accepted on every route.",
    summaryNoMock: "This server uses WeChat itself: there is no mock phone to try this on.",
    summaryNoAnswer: "The mock does not answer this browser.",

    visiting: "Setting this page’s share data …",
    accepted: "WeChat accepts the share data.",
    refusedHere: "WeChat refuses the share data: it verifies another address than the signed one, or none was signed.",
    "row.page": "address",
    "row.signed": "signed",
    "row.config": "config",
    "row.shared": "share data",
    kept: "{said} (from before: this phone needs no new signature)",
  },

  zh: {
    title: "单页应用 · 微信中控服务器",
    purpose: "一个页面，多个网址：该给哪个网址签名？",
    lead: "前端路由改变网址，但不重新加载页面。iOS 一直验证进入应用时的网址，Android 验证当前网址。",
    phone: "手机",
    way: "签名用的网址",
    naive: "总是当前网址",
    tour: "切换三次路由",
    routes: "本应用的路由",
    shop: "商店",
    cart: "购物车",
    order: "订单",

    summaryEntering: "正在进入微信……",
    summaryEntered: "已进入，验证通过。现在请切换路由。",
    summaryAccepted: "每个路由的分享内容都设置成功。",
    summaryRefused: "验证失败：有的路由未能设置分享内容。",
    summaryNoMock: "本服务器连接的是真实的微信接口，没有模拟手机可供试用。",
    summaryNoAnswer: "此浏览器无法访问模拟微信。",

    visiting: "正在设置本页的分享内容……",
    accepted: "微信接受了分享内容。",
    refusedHere: "微信拒绝了分享内容：它验证的网址与签名的网址不同，或者没有签名。",
    "row.page": "当前网址",
    "row.signed": "签名网址",
    "row.config": "config",
    "row.shared": "分享内容",
    kept: "{said}（沿用之前的结果，此手机无需重新签名）",
  },
});
