// Makes this browser the mock's WeChat: loads its bridge, then WeChat's own JS-SDK, then the helper, which needs both.

import { currentLanguage, say } from "./texts.js";

export const PHONES = ["android", "ios", "harmony"];

let helper; // a promise: a page enters WeChat once

/** The helper, on a phone that the mock imitates. Rejects when the mock does not answer. */
export function enterWeChat(mock, phone) {
  helper ??= bring(`${mock}/_mock/bridge.js?platform=${phone}&language=${currentLanguage()}`)
    .then(() => bring(`${mock}/open/js/jweixin-1.6.0.js`))
    .then(() => import("./wx-config.mjs"));
  return helper;
}

/** The SDK's answer to a call of `name`. */
export function call(name, given) {
  return new Promise((resolve) => wx[name]({ ...given, complete: resolve }));
}

/** What a page of the demo shares. */
export function shareData(title) {
  return { title, desc: say("purpose"), link: location.href, imgUrl: `${location.origin}/static/icon.png` };
}

function bring(src) {
  return new Promise((resolve, reject) => {
    document.head.append(Object.assign(document.createElement("script"), { src, onload: resolve, onerror: reject }));
  });
}
