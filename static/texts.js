// The texts of the demo page and those that all pages share, in English and Chinese, and the choice of the language.

export const TEXTS = {
  en: {
    title: "WeChat central control server",
    name: "WeChat central control server",
    languages: "Language",
    pages: "Pages",
    pageDemo: "Signature",
    pageRoutes: "Single-page app",
    pageModeration: "Content check",
    pageDebugger: "Debugger",
    pageLogin: "Login",
    pageConsole: "Console",
    pageApi: "API",
    pageMock: "Mock console",
    purpose: "One server that keeps WeChat’s tokens and tickets fresh, signs your H5 pages and checks what your users post.",
    lead: "This page requests a signature for its own address, as your pages would, and shows each step.",
    again: "Run again",

    waiting: "waiting",
    ok: "ok",
    failed: "failed",
    skipped: "not asked",
    stepState: "Step {number}: ",

    summaryWaiting: "Asking for a signature …",
    summaryValid: "Signed, and the mock accepts it.",
    summaryInvalid: "Signed, but the mock refuses it.",
    summaryUnchecked: "Signed. There is no mock here to verify it.",
    summaryUnsigned: "No signature.",

    ask: "What the page asks",
    askSent: "Its own address, encoded once with encodeURIComponent.",
    askCut: "Its own address, encoded once with encodeURIComponent. WeChat does not sign what follows the #, so it is not sent.",
    "row.address": "address",
    "row.sent": "sent",

    answer: "What it gets",
    answerWaiting: "The server takes the current jsapi_ticket and signs.",
    answerSigned: "Everything that wx.config needs, and the URL that was signed.",
    answerProblem: "The server does not sign this page, and says why.",
    answerUnreadable: "This answer is not the server’s. Is another program in front of it?",
    noAnswer: "No answer. Is the server still running?",
    "row.time": "HTTP status",
    timeValue: "{status} · {milliseconds} ms",
    keyMissing: "Type an API key first.",
    keyWrong: "An API key has letters, digits and ASCII symbols only.",
    hintKey: "A key has at least 24 characters and is set in WECHAT_API_KEYS; make run prints one.",
    "row.hint": "what to do",
    hintNotAllowed: "Open this page at a listed address, or add {host} to WECHAT_JS_DOMAINS. Like WeChat’s own list (JS接口安全域名), it allows ports 80 and 443 only, and other ports on loopback hosts.",

    verdict: "Would WeChat accept it?",
    verdictWaiting: "The mock hashes the same text with the ticket that it issued.",
    verdictValid: "The mock computes the same signature for this address.",
    verdictRenewed: "The mock refused the first signature, so the server fetched the current jsapi_ticket and signed again. This one is accepted.",
    verdictInvalid: "The mock refuses this signature.",
    verdictNoMock: "This server uses WeChat itself, not a mock, so the signature cannot be verified here. WeChat will judge it when the page calls wx.config on a phone.",
    verdictNoSignature: "Without a signature there is nothing to verify.",
    verdictNoAnswer: "The mock at {mock} does not answer this browser. Without --host it accepts connections from its own machine only.",
    "row.asked": "asked",
    "row.says": "says",

    "reason.unknown_appid": "No account of the mock has this AppID.",
    "reason.domain_not_listed": "This page is not on the account’s JS domains.",
    "reason.old_ticket": "It was made with a jsapi_ticket that is no longer valid.",
    "reason.other_account": "It was made with another account’s jsapi_ticket.",
    "reason.fragment_left_in": "The URL was signed together with its #fragment.",
    "reason.url_decoded": "The URL was decoded once more before it was signed.",
    "reason.no_match": "No ticket gives this signature for this address.",

    wechat: "In WeChat’s browser",
    wechatWaiting: "The mock’s bridge makes this browser WeChat’s; then wx-config.js configures WeChat’s own JS-SDK.",
    wechatReady: "WeChat’s own JS-SDK is ready: these buttons call it. The corner of the page shows the calls that the mock received and its answers.",
    wechatFailed: "The JS-SDK is not ready, for this reason.",
    wechatSkipped: "This server uses WeChat itself, not a mock: open one of your pages on a phone.",
    wechatUnsigned: "Without a signature there is nothing to configure.",
    wechatNoAnswer: "The mock at {mock} does not answer this browser.",
    share: "Share",
    scan: "Scan",
    location: "Location",
    wechatCard: "The card is set: open Mock WeChat in the corner and choose Chat to see it.",
    wechatRoutes: "For pages with routes, see the single-page app",

    snippet: "For your page",
    snippetNote: "Put this into any page on your JS domains. wx-config.js fetches the signature for the page’s own address, and a new one when a router changes it.",
    copy: "Copy",
    copied: "Copied.",
    selected: "Selected: copy it with the keyboard or the menu.",
  },

  zh: {
    title: "微信中控服务器",
    name: "微信中控服务器",
    languages: "语言",
    pages: "页面",
    pageDemo: "签名",
    pageRoutes: "单页应用",
    pageModeration: "内容安全",
    pageDebugger: "签名调试",
    pageLogin: "登录",
    pageConsole: "控制台",
    pageApi: "接口文档",
    pageMock: "模拟微信控制台",
    purpose: "统一管理 access_token 与 jsapi_ticket，为\u00a0H5\u00a0页面签名，并检测内容安全。",
    lead: "本页会像你的 H5 页面一样，为自己的网址请求签名，并逐步展示过程。",
    again: "重新运行",

    waiting: "等待中",
    ok: "成功",
    failed: "失败",
    skipped: "未请求",
    stepState: "第 {number} 步：",

    summaryWaiting: "正在请求签名……",
    summaryValid: "已签名，模拟微信验证通过。",
    summaryInvalid: "已签名，但模拟微信验证不通过。",
    summaryUnchecked: "已签名，此处无法验证是否有效。",
    summaryUnsigned: "未获得签名。",

    ask: "页面请求了什么",
    askSent: "当前页面的网址，用 encodeURIComponent 编码一次。",
    askCut: "当前页面的网址，用 encodeURIComponent 编码一次。# 及其后面的部分不参与签名，因此不发送。",
    "row.address": "页面网址",
    "row.sent": "发送",

    answer: "服务器返回了什么",
    answerWaiting: "服务器用当前的 jsapi_ticket 计算签名。",
    answerSigned: "wx.config 的全部参数与被签名的 url。",
    answerProblem: "服务器没有为本页签名，原因如下。",
    answerUnreadable: "返回的内容并非来自本服务器：前面是否有其他服务？",
    noAnswer: "没有响应。服务器是否仍在运行？",
    "row.time": "HTTP 状态",
    timeValue: "{status} · {milliseconds} 毫秒",
    keyMissing: "请先填写 API 密钥。",
    keyWrong: "API 密钥只含字母、数字和 ASCII 符号。",
    hintKey: "密钥至少 24 个字符，见 WECHAT_API_KEYS；make run 会打印一个。",
    "row.hint": "如何处理",
    hintNotAllowed: "请用列表中的域名打开本页，或把 {host} 加入 WECHAT_JS_DOMAINS。与微信的「JS接口安全域名」一样，只支持 80 和 443 端口；本机地址可以写明其他端口。",

    verdict: "微信是否认可",
    verdictWaiting: "模拟微信用它的 ticket 重新计算。",
    verdictValid: "模拟微信对该网址算出了相同的签名。",
    verdictRenewed: "模拟微信拒绝了第一个签名，服务器随即获取当前的 jsapi_ticket 并重新签名，这一次验证通过。",
    verdictInvalid: "模拟微信不认可该签名。",
    verdictNoMock: "本服务器连接的是真实的微信接口，此处没有模拟微信可供验证。页面在手机上调用 wx.config 时，由微信验证。",
    verdictNoSignature: "没有签名，无从验证。",
    verdictNoAnswer: "此浏览器无法访问 {mock} 上的模拟微信；未指定 --host 时，它只在其运行的机器上监听。",
    "row.asked": "请求",
    "row.says": "返回",

    "reason.unknown_appid": "模拟微信中没有使用该 AppID 的账号。",
    "reason.domain_not_listed": "本页不在该账号的「JS接口安全域名」之内。",
    "reason.old_ticket": "签名所用的 jsapi_ticket 已失效。",
    "reason.other_account": "签名所用的 jsapi_ticket 属于另一个账号。",
    "reason.fragment_left_in": "参与签名的 url 没有去掉 # 及其后面的部分。",
    "reason.url_decoded": "url 在签名前被多解码了一次。",
    "reason.no_match": "没有任何 jsapi_ticket 能对该网址算出这个签名。",

    wechat: "在微信浏览器中",
    wechatWaiting: "模拟微信让当前浏览器成为微信浏览器，再由 wx-config.js 配置微信官方 JS-SDK。",
    wechatReady: "微信官方 JS-SDK 已就绪，以下按钮会调用它。模拟微信收到的调用和返回的结果显示在页面角落。",
    wechatFailed: "JS-SDK 未能就绪，原因如下。",
    wechatSkipped: "本服务器连接的是真实的微信接口，没有模拟微信：请在手机上打开你自己的页面。",
    wechatUnsigned: "没有签名，无从配置。",
    wechatNoAnswer: "此浏览器无法访问 {mock} 上的模拟微信。",
    share: "分享",
    scan: "扫一扫",
    location: "位置",
    wechatCard: "分享内容已设置：打开角落的「模拟微信」，选择发送给朋友即可看到卡片。",
    wechatRoutes: "有路由时情况不同：请看单页应用",

    snippet: "用在你的页面里",
    snippetNote: "放进「JS接口安全域名」下的任意页面即可。wx-config.js 会为页面自己的网址获取签名，前端路由切换后也会自动更新。",
    copy: "复制",
    copied: "已复制。",
    selected: "已选中，请用键盘或菜单复制。",
  },
};

const LANGUAGE_TAGS = { en: "en", zh: "zh-CN" };
const REMEMBERED = "language";

let language = remembered() ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");

/** Add the texts of a page; they replace existing ones of the same name. */
export function addTexts({ en, zh }) {
  Object.assign(TEXTS.en, en);
  Object.assign(TEXTS.zh, zh);
}

/** "en" or "zh". */
export function currentLanguage() {
  return language;
}

/** The value of the lang attribute. */
export function languageTag() {
  return LANGUAGE_TAGS[language];
}

/** Choose the language for this visit and the next ones. */
export function chooseLanguage(chosen) {
  language = chosen;
  try {
    localStorage.setItem(REMEMBERED, chosen);
  } catch {
    // Storage may be forbidden: the choice is lost when the page closes.
  }
}

/** The text of this name, with its {gaps} filled from `values`. */
export function say(name, values = {}) {
  return TEXTS[language][name].replace(/\{(\w+)\}/g, (_, gap) => values[gap]);
}

/** Whether a text of this name exists. */
export function canSay(name) {
  return Object.hasOwn(TEXTS[language], name);
}

function remembered() {
  try {
    const chosen = localStorage.getItem(REMEMBERED);
    return Object.hasOwn(TEXTS, chosen) ? chosen : null;
  } catch {
    return null;
  }
}
