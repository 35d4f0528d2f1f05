// Asks the server for its status every 5 s while the page is visible. The key is kept in a variable only.

import "./console-texts.js";
import { wrongKey } from "./answers.js";
import { duration, summary } from "./console-reports.js";
import { accountCard, drawCalls, drawCountdowns, drawFindings, drawPlaces, drawPolled } from "./console-view.js";
import { currentLanguage, say } from "./texts.js";
import { drawTexts, showPage } from "./view.js";

const POLL_SECONDS = 5;
const LONGEST_POLL_SECONDS = 30; // where answers take long, as with hundreds of accounts
const REST = 9; // the pause between polls, in multiples of the last answer's duration
const PATIENCE_SECONDS = 10;
const ACTION_PATIENCE_SECONDS = 60; // the doctor checks for 20 s, and the check that runs then may take a while
const REFUSALS = { 401: "keyUnknown", 403: "keyNotAllowed", 404: "notHere" };

const byId = (id) => document.getElementById(id);
const field = byId("key");
const cards = new Map(); // by the account's name

let key = ""; // empty: nothing is asked
let complaint; // the name of the text about the key and its values
let status; // the last answer
let first; // the first answer since the key was typed
let answeredAt = 0; // by this machine's clock, in seconds
let lost; // the answer without a status, while there is one
let examined; // the doctor's last answer
let timer;
let tookSeconds = 0; // until the last answer was complete

/** `{status, json}`; empty without an answer. Never rejects. */
async function ask(path, body) {
  const given = path === "status" ? { method: "GET" } : { method: "POST", body: body && JSON.stringify(body) };
  const patience = path === "status" ? PATIENCE_SECONDS : ACTION_PATIENCE_SECONDS;
  try {
    const answer = await fetch(`/api/ops/${path}`, {
      ...given,
      headers: { Authorization: `Bearer ${key}` },
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout?.(patience * 1000),
    });
    return { status: answer.status, json: await answer.json().catch(() => undefined) };
  } catch {
    return {};
  }
}

async function poll() {
  clearTimeout(timer);
  if (!key || document.hidden) return;
  const asked = key;
  const began = performance.now();
  const got = await ask("status");
  tookSeconds = (performance.now() - began) / 1000;
  if (key !== asked) return; // forgotten meanwhile
  clearTimeout(timer); // another poll may have begun
  if (got.status === 200 && got.json?.accounts) return showStatus(got.json);
  const refusal = got.json?.type && REFUSALS[got.status];
  if (refusal) return leave([refusal]);
  if (!status) return leave(got.status ? ["unreadable", { status: got.status }] : ["silent"]);
  lost = got;
  drawSummary();
  pollAgain();
}

function pollAgain() {
  timer = setTimeout(poll, Math.max(POLL_SECONDS, Math.min(REST * tookSeconds, LONGEST_POLL_SECONDS)) * 1000);
}

function showStatus(json) {
  status = json;
  first ??= json;
  answeredAt = Date.now() / 1000;
  field.value = "";
  lost = undefined;
  drawStatus();
  pollAgain();
}

/** The server's time. */
function now() {
  return status.now + Date.now() / 1000 - answeredAt;
}

function enter(event) {
  event.preventDefault();
  const typed = field.value.trim();
  complain(wrongKey(typed) && [wrongKey(typed)]);
  if (complaint) return field.focus();
  key = typed;
  poll();
}

/** Forget the key and all that was shown with it. `why` names a text: then the key that was typed may be tried again. */
function leave(why) {
  clearTimeout(timer);
  key = "";
  status = first = lost = examined = undefined;
  if (!why) field.value = "";
  cards.clear();
  byId("accounts").replaceChildren();
  byId("findings").replaceChildren();
  byId("doctor").hidden = byId("console").hidden = true;
  byId("enter").hidden = false;
  document.title = say("title");
  complain(why);
  field.focus();
}

function complain(what) {
  complaint = what;
  byId("complaint").textContent = complaint ? say(...complaint) : "";
}

async function act(action, body) {
  if (action === "force") return confirmForce(body.account);
  const card = cards.get(body.account);
  card.tell(say("doing"));
  const got = await ask(action, body);
  cards.get(body.account)?.tell(outcome(action, body, got)); // in the language of now
  poll();
}

function outcome(action, body, { status: code, json }) {
  if (code !== 200) return say("notDone", { detail: refusal(code, json) });
  if (action === "retry") return say("retried");
  const { credential, generation, same_value: same, remaining_seconds: seconds } = json;
  return say(same ? "refreshedSame" : "refreshed", { credential, generation, left: duration(seconds) });
}

/** Why the server did not do something, and what it advises. */
function refusal(code, json) {
  if (!code) return say("silent");
  if (!json?.detail) return say("unreadable", { status: code });
  return [json.detail, json.hint?.[currentLanguage()] ?? ""].join(" ").trim();
}

function confirmForce(account) {
  const dialog = byId("force");
  byId("force-title").textContent = say("forceTitle", { account });
  dialog.returnValue = "cancel";
  dialog.onclose = () => {
    if (dialog.returnValue === "force") act("refresh", { account, credential: "access_token", force: true });
  };
  dialog.showModal();
}

async function examine() {
  if (byId("examine").ariaDisabled === "true") return; // a disabled button would lose the focus
  byId("examine").ariaDisabled = "true";
  examined = { asking: true };
  drawDoctor();
  examined = await ask("doctor");
  byId("examine").ariaDisabled = "false";
  if (key) drawDoctor();
  poll();
}

function drawDoctor() {
  byId("doctor").hidden = !examined;
  if (!examined) return;
  const { asking, status: code, json } = examined;
  const findings = code === 200 ? json.findings : [];
  const failed = findings.filter(({ verdict }) => verdict === "failed").length;
  byId("doctor").dataset.state = asking ? "waiting" : code === 200 && json.well ? "ok" : "failed";
  const word = failed ? say("doctorIll", { failed }) : say("doctorWell");
  const incomplete = json?.complete === false ? ` ${say("doctorIncomplete")}` : "";
  const told = code === 200 ? word + incomplete : say("notDone", { detail: refusal(code, json) });
  byId("doctor-word").textContent = asking ? say("doctorAsking") : told;
  drawFindings(byId("findings"), findings);
}

function drawSummary() {
  const { state, text, number } = lost ? { state: "failed", text: say("lost"), number: 1 } : summary(status);
  const age = duration(Date.now() / 1000 - answeredAt);
  const unanswered = lost?.status ? say("problemMore", { status: lost.status, age }) : say("lostMore", { age });
  const hint = status.store ? `${status.store} ${status.store_hint?.[currentLanguage()] ?? ""}` : "";
  byId("outcome").dataset.state = state;
  drawText(byId("summary"), text);
  drawText(byId("more"), lost ? unanswered : hint);
  document.title = say(number ? "titleTrouble" : "title", { number });
}

/** Set a text only if it changes: a screen reader announces a status region whenever it is set. */
function drawText(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

function drawStatus() {
  byId("enter").hidden = true;
  byId("console").hidden = false;
  complain();
  drawSummary();
  drawPolled(status);
  for (const account of status.accounts) {
    if (!cards.has(account.account)) {
      cards.set(account.account, accountCard(account, act));
      byId("accounts").append(cards.get(account.account).element);
    }
    cards.get(account.account).draw(account, status.now);
  }
  byId("counted").hidden = !status.places;
  if (!status.places) return; // the key is for some accounts only
  drawPlaces(status.places, status.workers);
  drawCalls(byId("gateway"), status.gateway_calls, first.gateway_calls, "key");
  drawCalls(byId("wechat"), status.wechat_calls, first.wechat_calls, "endpoint");
}

function drawAll() {
  drawTexts();
  if (complaint) complain(complaint);
  cards.clear();
  byId("accounts").replaceChildren();
  if (!status) return;
  drawStatus();
  drawDoctor();
}

byId("enter").addEventListener("submit", enter);
byId("leave").addEventListener("click", () => leave());
byId("examine").addEventListener("click", examine);
byId("doctor-close").addEventListener("click", () => {
  examined = undefined;
  drawDoctor();
  byId("examine").focus();
});
document.addEventListener("visibilitychange", poll);
setInterval(() => {
  if (!status || document.hidden) return;
  drawCountdowns(now());
  if (lost) drawSummary();
}, 1000);

drawAll();
showPage(drawAll);
field.focus();
