// The administrator's phone: WeChat asks about new IP addresses, and the user answers.

import { keep, make, write } from "./dom.js";
import { shortAppid, timeOfDay } from "./format.js";
import { say } from "./texts.js";

/** `actions` are `allow(confirmation)` and `refuse(confirmation)`. */
export function drawPhone({ now, confirmations }, actions) {
  const pending = confirmations.filter(({ state }) => state === "pending");
  const answered = confirmations.filter(({ state }) => state !== "pending");
  const key = ({ appid, ip }) => `${appid} ${ip}`;
  write(document.getElementById("phone-time"), timeOfDay(now, { withSeconds: false }));
  document.getElementById("idle").hidden = pending.length > 0;
  write(document.getElementById("waiting"), pending.length ? String(pending.length) : "");
  keep(document.getElementById("questions"), pending, key, (asked) => questionPart(asked, actions));
  keep(document.getElementById("answered"), answered, key, answeredPart);
}

function questionPart(asked, actions) {
  const [title, text] = [make("h3"), make("p")];
  const allow = make("button", { type: "button", class: "allow", click: () => actions.allow(asked) });
  const refuse = make("button", { type: "button", class: "refuse", click: () => actions.refuse(asked) });
  const element = make("li", { class: "question" }, title, text, make("div", { class: "choice" }, refuse, allow));

  function update(item) {
    write(title, say("questionTitle"));
    write(text, say("question", item));
    write(allow, say("allow"));
    write(refuse, say("refuse"));
    allow.ariaLabel = say("allowLabel", item);
    refuse.ariaLabel = say("refuseLabel", item);
  }
  return { element, update };
}

function answeredPart() {
  const [ip, appid, state] = [make("span", { class: "code" }), make("span", { class: "code appid" }), make("span", { class: "chip" })];
  const element = make("li", {}, ip, appid, state);

  function update(item) {
    write(ip, item.ip);
    write(appid, shortAppid(item.appid));
    write(state, say(item.state));
    state.dataset.state = item.state;
  }
  return { element, update };
}
