// The calls, newest first; request and answer on click; can be paused.

import { keep, make, write } from "./dom.js";
import { exchange } from "./exchange.js";
import { shortAppid, timeOfDay } from "./format.js";
import { canSay, currentLanguage, say } from "./texts.js";

const PAGE = 40;

const list = document.getElementById("call-list");
const pause = document.getElementById("pause");
const more = document.getElementById("more");
let shown = PAGE;
let paused; // the calls as they were when the reader paused, or undefined

export function drawCalls(log) {
  const calls = paused ?? log.calls;
  const newest = calls.slice(-shown).reverse();
  keep(list, newest, ({ id, at }) => `${id} ${at}`, (call) => callPart(call));
  const empty = document.getElementById("calls-empty");
  empty.hidden = calls.length > 0;
  write(empty, say("callsEmpty", { origin: location.origin }));
  more.hidden = calls.length <= shown;
  drawPause(log);
}

function drawPause(log) {
  const last = paused?.at(-1)?.id ?? 0;
  const count = paused ? log.calls.filter(({ id }) => id > last).length : 0;
  pause.ariaPressed = String(Boolean(paused));
  write(pause, say(count ? "resumeNew" : paused ? "resume" : "pause", { count }));
}

/** Pauses the list, or lets it follow again; the rest of the page goes on. */
export function togglePause(log) {
  paused = paused ? undefined : log.calls;
  drawCalls(log);
}

/** For a cleared log: no pause, and one page. */
export function followAgain() {
  paused = undefined;
  shown = PAGE;
}

export function showMore(log) {
  shown += PAGE;
  drawCalls(log);
}

/** Brings one call into view and opens it. */
export function openCall(log, wanted) {
  const calls = paused ?? log.calls;
  const place = calls.findIndex(({ id }) => id === wanted.id);
  if (place < 0) return;
  shown = Math.max(shown, calls.length - place);
  drawCalls(log);
  const details = list.parts.get(`${wanted.id} ${wanted.at}`).element.firstChild;
  details.open = true;
  details.scrollIntoView({ block: "center", behavior: "auto" });
  details.firstChild.focus({ preventScroll: true });
}

/** The outcome of a call in a word: an errcode, an HTTP status, or that the connection was dropped. */
export function outcomeOf({ status, errcode }) {
  if (status === null) return say("dropped");
  if (errcode) return String(errcode);
  return status >= 400 ? `HTTP ${status}` : say("ok");
}

/** Whether WeChat did what was asked. */
export function isGood({ status, errcode }) {
  return status !== null && status < 400 && !errcode;
}

function callPart(call) {
  const summary = make("summary");
  const body = make("div", { class: "body" });
  const details = make("details", {}, summary, body);
  let language;

  function update() {
    if (language === currentLanguage()) return; // a call never changes, the language may
    language = currentLanguage();
    summary.replaceChildren(...line(call));
    if (details.open) fill();
  }
  function fill() {
    body.replaceChildren(...(details.open ? exchange(call) : []));
  }
  details.addEventListener("toggle", fill);
  return { element: make("li", { class: "call", "data-good": String(isGood(call)) }, details), update };
}

function line(call) {
  const time = make("time", { class: "code at", datetime: new Date(call.at * 1000).toISOString() }, timeOfDay(call.at));
  const path = make("span", { class: "code path" }, make("b", {}, call.method), ` ${call.path}`);
  const appid = make("span", { class: "code appid", title: call.appid ?? "" }, call.appid ? shortAppid(call.appid) : "");
  const chips = make("span", { class: "chips" }, ...chipsOf(call));
  return [time, appid, path, chips, make("span", { class: "code outcome" }, outcomeOf(call))];
}

function chipsOf(call) {
  const notes = call.notes.map((note) => make("span", { class: "chip note" }, canSay(`note.${note}`) ? say(`note.${note}`) : note));
  if (!call.token_state) return notes;
  return [make("span", { class: "chip", "data-state": call.token_state }, say(call.token_state)), ...notes];
}
