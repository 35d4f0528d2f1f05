// Makes this browser the mock's WeChat: first its bridge, then WeChat's own JS-SDK, and the helper, which looks at both.

import { currentLanguage } from "./texts.js";

export const PHONES = ["android", "ios", "harmony"];

let helper; // a promise: a page is in WeChat once and for all

/** The helper, in the phone that the mock plays. Rejects when the mock does not answer. */
export function enterWeChat(mock, phone) {
  helper ??= bring(`${mock}/_mock/bridge.js?platform=${phone}&language=${currentLanguage()}`)
    .then(() => bring(`${mock}/open/js/jweixin-1.6.0.js`))
    .then(() => import("./wx-config.mjs"));
  return helper;
}

/** What the SDK says to a call of `name`. */
export function call(name, given) {
  return new Promise((resolve) => wx[name]({ ...given, complete: resolve }));
}

function bring(src) {
  return new Promise((resolve, reject) => {
    document.head.append(Object.assign(document.createElement("script"), { src, onload: resolve, onerror: reject }));
  });
}
