// Every visible text, in English and Chinese.

const TEXTS = {
  en: {
    name: "Mock WeChat",
    share: "Share",
    clear: "Clear",
    close: "Close",
    language: "中文",
    nothing: "The page has not called WeChat yet.",
    asked: "Asked",
    answered: "Answered",
    waiting: "waiting …",
    accepted: "config accepted",
    refused: "config refused",
    unconfigured: "no config yet",
    appMessage: "Chat",
    timeline: "Moments",
    qq: "QQ",
    qzone: "QZone",
    weibo: "Weibo",
    hidden: "The page has hidden the menu.",
    send: "Send",
    cancel: "Cancel",
    untitled: "(no title)",
    image: "Image not loaded: it is not on this machine.",
    elsewhere: "The link has another host than the page: WeChat accepts only links on the JS domains.",
    unshared: "The page’s listener shared nothing.",
    heldBack: "The SDK’s report to Tencent was blocked: it contains the page’s whole address.",
    wrongAppid: "This page belongs to {appid}, its config to {given}.",
    unreachable: "The mock at {mock} does not answer this page: is it running, and may the page’s host call it?",
  },
  zh: {
    name: "模拟微信",
    share: "分享",
    clear: "清空",
    close: "关闭",
    language: "English",
    nothing: "页面还没有调用微信接口。",
    asked: "请求",
    answered: "返回",
    waiting: "等待中…",
    accepted: "config 通过",
    refused: "config 被拒绝",
    unconfigured: "尚未 config",
    appMessage: "发送给朋友",
    timeline: "朋友圈",
    qq: "QQ",
    qzone: "QQ 空间",
    weibo: "微博",
    hidden: "页面隐藏了菜单。",
    send: "发送",
    cancel: "取消",
    untitled: "（无标题）",
    image: "图片不在本机，未加载。",
    elsewhere: "链接的域名与页面不同：微信只接受公众号 JS接口安全域名下的链接。",
    unshared: "页面的监听函数没有分享任何内容。",
    heldBack: "已拦截 SDK 向腾讯的上报：其中包含页面的完整地址。",
    wrongAppid: "本页面属于 {appid}，而 config 用的是 {given}。",
    unreachable: "位于 {mock} 的模拟微信没有应答本页面：请确认它正在运行，且允许本页面的域名访问。",
  },
};

let language = settings.language || (navigator.language.startsWith("zh") ? "zh" : "en");

/** A text in the reader's language, with its {places} filled. */
function say(name, places = {}) {
  return TEXTS[language][name].replace(/\{(\w+)\}/g, (_, place) => places[place]);
}
