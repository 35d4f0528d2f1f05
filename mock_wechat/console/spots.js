// Selection in the timeline, by pointer or keys: the mark or bar, and its description.

import { draw, make, write } from "./dom.js";
import { outcomeOf } from "./calls.js";
import { countdown, duration, timeOfDay } from "./format.js";
import { say } from "./texts.js";

const REACH = 12; // pixels beside a mark in which the pointer still means it
const HALF = 12; // pixels above and below a row's middle

const chart = document.getElementById("chart");
const sentence = make("span");
const opener = make("button", { type: "button", class: "small", hidden: true });
document.getElementById("detail").append(sentence, opener);

let spots = [];
let chosen; // {bar, call}: the keys of the selection; no call for a bar

/** Sets what can be selected, `{bar, marks?, x, y, left, right}`, and draws the selection. */
export function takeSpots(found, svg) {
  spots = found.sort((one, other) => one.x - other.x || one.y - other.y);
  const spot = current();
  if (!spot) return;
  const [x, width] = spot.marks ? [spot.x - 7, 14] : [spot.left - 2, spot.right - spot.left + 4];
  svg.append(draw("rect", { class: "chosen", x, y: spot.y - 13, width, height: 26, rx: 5 }));
}

/** Describe the selection again: durations such as "12 s ago" change with WeChat's time. */
export function drawDetail(now) {
  const spot = current();
  write(sentence, spot ? textOf(spot, now) : say("timelineHint"));
  opener.hidden = !spot?.marks;
  write(opener, say("openCall"));
}

/** Selects by pointer and keys; `redraw()` shows the selection, `open(call)` shows a call. */
export function listenToChart(redraw, open) {
  const choose = (spot) => {
    const wanted = spot && { bar: spot.bar.key, call: spot.marks?.[0].call.id, kind: spot.marks?.[0].kind };
    if (JSON.stringify(wanted) === JSON.stringify(chosen)) return;
    chosen = wanted;
    redraw();
  };
  const openChosen = () => current()?.marks && open(current().marks[0].call);
  chart.addEventListener("pointermove", (event) => choose(spotAt(event) ?? current()));
  chart.addEventListener("pointerdown", (event) => choose(spotAt(event)));
  chart.addEventListener("click", (event) => event.pointerType === "mouse" && spotAt(event) && openChosen());
  opener.addEventListener("click", openChosen);
  chart.addEventListener("keydown", (event) => {
    const spot = step(event.key);
    if (!spot && event.key !== "Enter") return;
    event.preventDefault(); // Enter would also press the focused element of the opened call
    if (spot) choose(spot);
    else openChosen();
  });
}

function current() {
  return chosen && spots.find(({ bar, marks }) => bar.key === chosen.bar && isSame(marks));
}

function isSame(marks) {
  if (chosen.call === undefined) return !marks;
  return marks?.some(({ call, kind }) => call.id === chosen.call && kind === chosen.kind);
}

function step(key) {
  const place = spots.indexOf(current());
  const places = { ArrowRight: place + 1, ArrowLeft: place < 0 ? spots.length - 1 : place - 1, Home: 0, End: spots.length - 1 };
  return spots[places[key]];
}

/** The nearest mark of the row under the pointer, else the bar there. */
function spotAt({ clientX, clientY }) {
  const { left, top } = chart.getBoundingClientRect();
  const [x, y] = [clientX - left, clientY - top];
  const row = spots.filter((spot) => Math.abs(spot.y - y) <= HALF);
  const near = row.filter((spot) => spot.marks && Math.abs(spot.x - x) <= REACH);
  const nearest = near.sort((one, other) => Math.abs(one.x - x) - Math.abs(other.x - x))[0];
  return nearest ?? row.find((spot) => !spot.marks && spot.left <= x && x <= spot.right);
}

function textOf({ bar, marks }, now) {
  const names = { credential: bar.credential, generation: say("generation", bar) };
  if (!marks) return barText(bar, names, now);
  const others = marks.length > 1 ? ` (${say("moreMarks", { count: marks.length - 1 })})` : "";
  return markText(bar, marks[0], names) + others;
}

function barText(bar, names, now) {
  const values = { ...names, from: timeOfDay(bar.from), to: timeOfDay(bar.until), left: countdown(bar.until - now) };
  if (bar.until > now) return say("barAlive", values);
  return say(bar.endedEarly ? "barEnded" : "barExpired", values);
}

function markText(bar, { at, kind, call }, names) {
  const values = { ...names, time: timeOfDay(at), path: call.path, outcome: outcomeOf(call), ago: duration(at - bar.until) };
  if (kind === "issued") return say("markIssued", values);
  if (kind === "alive") return say("markAlive", values);
  if (kind === "odd") return say("markOdd", values);
  if (bar.from === undefined) return say("markUnknown", values);
  return say(bar.endedEarly ? "markEnded" : "markExpired", values);
}
