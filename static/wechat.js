// The part of the demo page in the mock's WeChat: it configures WeChat's own JS-SDK, and its buttons call the SDK.

import { call, enterWeChat, shareData } from "./phone.js";
import { say } from "./texts.js";

const CALLS = {
  share: () => ["updateAppMessageShareData", shareData(say("name"))],
  scan: () => ["scanQRCode", { needResult: 1 }],
  location: () => ["getLocation", { type: "gcj02" }],
};
const API_LIST = ["updateAppMessageShareData", "scanQRCode", "getLocation"];

const section = document.getElementById("wechat");
const buttons = [...section.querySelectorAll("[data-call]")];
let shown = { state: "waiting", message: "wechatWaiting" };
let note; // the name of a text, or undefined
let answered = ""; // WeChat's last answer, unchanged

/** Enter the mock's WeChat and configure this page; whether that worked. */
export async function enter(mock) {
  show({ state: "waiting", message: "wechatWaiting" });
  let helper;
  try {
    helper = await enterWeChat(mock, "android");
  } catch {
    show({ state: "failed", message: "wechatNoAnswer", values: { mock } });
    return false;
  }
  try {
    await helper.configure({ jsApiList: API_LIST });
    show({ state: "ok", message: "wechatReady" });
    return true;
  } catch (error) {
    show({ state: "failed", message: "wechatFailed" }, error.message);
    return false;
  }
}

/** Show why there is no WeChat to enter: `message` names the text. */
export function skip(message) {
  show({ state: "skipped", message });
}

/** Draw everything in the current language. */
export function draw() {
  const isReady = shown.state === "ok";
  section.dataset.state = shown.state;
  section.querySelector(".state").textContent = say(shown.state);
  section.querySelector(".message").textContent = say(shown.message, shown.values);
  for (const button of buttons) button.ariaDisabled = String(!isReady);
  document.getElementById("note").textContent = note ? say(note) : "";
  document.getElementById("answered").textContent = answered;
}

function show(what, said = "") {
  shown = what;
  note = undefined;
  answered = said;
  draw();
}

async function press(name) {
  if (shown.state !== "ok") return;
  const answer = await call(...CALLS[name]());
  note = name === "share" && answer.errMsg.endsWith(":ok") ? "wechatCard" : undefined;
  answered = JSON.stringify(answer);
  draw();
}

for (const button of buttons) button.addEventListener("click", () => press(button.dataset.call));
