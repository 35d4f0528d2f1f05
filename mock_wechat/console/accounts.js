// The accounts with their tokens and tickets: generation, state, remaining life.

import { keep, make, write } from "./dom.js";
import { countdown, short } from "./format.js";
import { byKind } from "./kinds.js";
import { say } from "./texts.js";

const STEALABLE = ["access_token", "stable_token", "jsapi_ticket"]; // what POST /_mock/revoke takes
const MOST = 3; // shown per kind: frequent fetches by another server leave many that still work

/** `actions` are `copy(credential)` and `steal(appid, credential)`. */
export function drawAccounts({ now, accounts }, actions) {
  const items = accounts.map((account) => ({ now, account }));
  keep(document.getElementById("account-list"), items, ({ account }) => account.appid, () => accountPart(actions));
}

function accountPart(actions) {
  const [kind, appid, empty] = [make("h3"), make("p", { class: "code appid" }), make("p", { class: "empty" })];
  const list = make("ul", { class: "credentials", role: "list" });
  const [quotaTitle, quotas] = [make("summary"), make("dl")];
  const used = make("details", { class: "quotas" }, quotaTitle, quotas);
  const element = make("article", { class: "account" }, make("header", {}, kind, appid), empty, list, used);

  function update({ now, account }) {
    write(kind, say(account.kind));
    write(appid, account.appid);
    const shown = worthShowing(account.credentials);
    write(empty, shown.length ? "" : say("none"));
    const items = shown.map((credential) => ({ now, credential, appid: account.appid }));
    keep(list, items, ({ credential: it }) => `${it.credential}/${it.generation}`, () => credentialPart(actions));
    write(quotaTitle, say("quotas"));
    used.hidden = !Object.keys(account.quotas).length;
    keep(quotas, Object.entries(account.quotas), ([name]) => name, quotaPart);
  }
  return { element, update };
}

/** Of each kind the credentials that still work, newest first; if none does, the last one. */
function worthShowing(credentials) {
  return byKind(credentials).flatMap(([, line]) => {
    const alive = line.filter(({ state }) => state !== "dead");
    return alive.length ? alive.reverse().slice(0, MOST) : line.slice(-1);
  });
}

function credentialPart(actions) {
  let shown;
  const [name, generation, chip, left] = ["code name", "generation", "chip", "left"].map((it) => make("span", { class: it }));
  const fill = make("i");
  const life = make("div", { class: "life", role: "meter", "aria-valuemin": 0, "aria-valuemax": 100 }, fill);
  const value = make("span", { class: "code value" });
  const copy = make("button", { type: "button", class: "small", click: () => actions.copy(shown.credential) });
  const steal = make("button", { type: "button", class: "small bad", click: () => actions.steal(shown.appid, shown.credential) });
  const element = make(
    "li",
    { class: "credential" },
    make("p", { class: "line" }, name, generation, chip, left),
    life,
    make("p", { class: "line" }, value, copy, steal),
  );

  function update(item) {
    shown = item;
    const { credential: it, appid, now } = item;
    element.dataset.state = it.state;
    write(name, it.credential);
    write(generation, say("generation", it));
    write(chip, say(it.state));
    write(left, it.state === "dead" ? say(endedEarly(it) ? "endedEarly" : "expired") : countdown(it.usable_until - now));
    drawLife(life, fill, it, now);
    write(value, short(it.value));
    write(copy, say("copy"));
    copy.ariaLabel = say("copyLabel", it);
    write(steal, say("steal"));
    steal.ariaLabel = say("stealLabel", { appid, ...it });
    steal.hidden = it.state === "overlap" || !STEALABLE.includes(it.credential);
  }
  return { element, update };
}

/** Whether it ended before its expiry. */
function endedEarly({ usable_until: end, expires_at: expiry }) {
  return end < expiry;
}

function drawLife(life, fill, it, now) {
  const whole = it.usable_until - it.issued_at;
  const share = it.state === "dead" || whole <= 0 ? 0 : Math.min(1, Math.max(0, (it.usable_until - now) / whole));
  fill.style.transform = `scaleX(${share.toFixed(4)})`;
  life.ariaLabel = it.credential;
  life.ariaValueNow = String(Math.round(share * 100));
  life.ariaValueText = say("left", { duration: countdown(it.state === "dead" ? 0 : it.usable_until - now) });
}

function quotaPart([name]) {
  const count = make("dd");
  const element = make("div", {}, make("dt", { class: "code" }, name), count);
  return { element, update: ([, { used, daily_limit: limit }]) => write(count, say("quotaOf", { used, limit })) };
}
