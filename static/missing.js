// The page for an unknown address.

import { addTexts } from "./texts.js";
import { drawTexts, showPage } from "./view.js";

addTexts({
  en: {
    title: "Nothing here · WeChat central control server",
    purpose: "There is nothing at this address.",
    lead: "It may be mistyped, or this listener does not have it: public and internal pages are separate.",
    home: "To the first page",
  },
  zh: {
    title: "没有这个页面 · 微信中控服务器",
    purpose: "没有这个页面。",
    lead: "网址可能有误，也可能不在当前监听端口上：公网与内网的页面是分开的。",
    home: "返回首页",
  },
});

drawTexts();
showPage(drawTexts);
