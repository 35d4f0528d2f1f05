// Draws the timeline: bars for generations, marks for calls. It explains a 40001.

import { axisOf } from "./axis.js";
import { draw } from "./dom.js";
import { roughly, shortAppid, timeOfDay } from "./format.js";
import { lanesOf } from "./lanes.js";
import { drawDetail, takeSpots } from "./spots.js";
import { say } from "./texts.js";

const [TOP, HEAD, BAR, ROW, LANE_GAP] = [30, 22, 16, 24, 12]; // pixels, from top to bottom
const [EDGE, FUTURE, SHORTEST, APART, SAME] = [6, 34, 26, 8, 4]; // pixels, from left to right
const LETTER = 6.7; // pixels

const chart = document.getElementById("chart");

/** Draw everything again; the selection stays. */
export function drawTimeline(state, calls) {
  const lanes = lanesOf(state, calls);
  chart.hidden = !lanes.length;
  document.getElementById("timeline-empty").hidden = lanes.length > 0;
  if (lanes.length && chart.clientWidth) paint(lanes, state.now, chart.clientWidth);
  drawDetail(state.now);
}

function paint(lanes, now, width) {
  const axis = axisOf(momentsOf(lanes, now), EDGE, width - FUTURE, width);
  const { rows, heads, height } = layout(lanes, axis, now, width);
  const spots = [];
  const svg = draw("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  svg.append(
    ...axis.breaks.map((gap) => breakPart(gap, height)),
    ...axis.labels.map(({ x, moment }) => draw("text", { class: "moment", x, y: 12 }, timeOfDay(moment))),
    ...heads.map(({ y, text }) => draw("text", { class: "lane", x: EDGE, y }, text)),
    ...rows.flatMap((row) => barParts(row, axis, now, width, spots)),
    ...nowParts(axis.x(now), height),
  );
  svg.append(...rows.flatMap((row) => [...markParts(row, axis, spots), ...numberParts(row, axis)]));
  chart.replaceChildren(svg);
  takeSpots(spots, svg);
}

/** The moments that must be told apart: starts, past ends, calls, and now. */
function momentsOf(lanes, now) {
  const bars = lanes.flatMap((lane) => lane.bars);
  const ends = bars.flatMap(({ until, replacedAt }) => [until, replacedAt]).filter((end) => end <= now);
  const starts = bars.map(({ from }) => from).filter((from) => from !== undefined);
  return [...starts, ...ends, ...bars.flatMap(({ marks }) => marks.map(({ at }) => at)), now];
}

function layout(lanes, axis, now, width) {
  const [rows, heads] = [[], []];
  let y = TOP;
  for (const lane of lanes) {
    heads.push({ y: y + 13, text: lane.credential ? headOf(lane, width) : say("unknownLane") });
    y += HEAD;
    const ends = []; // of each row so far
    for (const bar of lane.bars) {
      const { left, right } = extent(bar, axis, now, width);
      const free = ends.findIndex((end) => end + APART <= left);
      const place = free < 0 ? ends.length : free;
      ends[place] = right;
      rows.push({ bar, y: y + place * ROW });
    }
    y += ends.length * ROW + LANE_GAP;
  }
  return { rows, heads, height: y };
}

function headOf({ credential, appid }, width) {
  const whole = `${credential} · ${appid}`;
  return whole.length * LETTER < width ? whole : `${credential} · ${shortAppid(appid)}`;
}

/** The pixels that a bar takes in its row, calls after its end included. */
function extent({ from, until, marks }, axis, now, width) {
  const places = marks.map(({ at }) => axis.x(at));
  if (from === undefined) return { left: 0, right: width };
  const left = Math.min(axis.x(from), ...places);
  return { left, right: until > now ? width : Math.max(axis.x(until), left + SHORTEST, ...places) };
}

function barParts({ bar, y }, axis, now, width, spots) {
  const { from, until, replacedAt, endedEarly } = bar;
  if (from === undefined) return [draw("path", { class: "ghost", d: `M0 ${y + BAR / 2}H${width - FUTURE}` })];
  const [left, replaced, end] = [from, Math.min(replacedAt, now), Math.min(until, now)].map((moment) => axis.x(moment));
  const beyond = until > now ? Math.max(left, axis.x(now)) + FUTURE : end;
  const last = Math.max(end, ...bar.marks.map(({ at }) => axis.x(at)));
  const piece = (name, start, stop) => draw("rect", { class: name, x: start, y, width: Math.max(0, stop - start), height: BAR, rx: 3 });
  spots.push({ bar, y: y + BAR / 2, left, right: Math.max(beyond, last), x: left });
  return [
    last > end && until <= now ? draw("path", { class: "ghost", d: `M${end} ${y + BAR / 2}H${last}` }) : null,
    until > now ? piece(replacedAt <= now ? "overlap future" : "alive future", Math.max(left, end), beyond) : null,
    piece("overlap", Math.max(left, replaced), end),
    piece(until > now ? "alive" : "alive past", left, Math.max(left + 3, Math.min(replaced, end))),
    until <= now ? draw("path", { class: endedEarly ? "end early" : "end", d: endMark(end, y, endedEarly) }) : null,
  ].filter(Boolean);
}

/** A cross if it ended early, a stroke if it expired. */
function endMark(x, y, endedEarly) {
  const middle = y + BAR / 2;
  return endedEarly ? `M${x - 4} ${middle - 4}l8 8m0-8l-8 8` : `M${x} ${y - 2}v${BAR + 4}`;
}

/** Calls of one kind that would overlap share a mark. */
function markParts({ bar, y }, axis, spots) {
  const groups = new Map();
  for (const mark of bar.marks) {
    const key = `${mark.kind} ${Math.round(axis.x(mark.at) / SAME)}`;
    groups.set(key, [...(groups.get(key) ?? []), mark]);
  }
  return [...groups.values()].map((marks) => {
    const { kind, at } = marks[0];
    const x = axis.x(at);
    spots.push({ bar, marks, x, y: y + BAR / 2, left: x, right: x });
    if (kind === "issued") return draw("circle", { class: "mark issued", cx: x, cy: y + BAR / 2, r: 4.5 });
    return draw("rect", { class: `mark ${kind}`, x: x - 1.5, y: y - 3, width: 3, height: BAR + 6, rx: 1.5 });
  });
}

/** The number of the generation, above all marks. */
function numberParts({ bar: { from, generation }, y }, axis) {
  if (from === undefined) return [];
  return [draw("text", { class: "number", x: axis.x(from) + 8, y: y + 12 }, String(generation))];
}

function breakPart({ left, right, seconds }, height) {
  const group = draw("g", { class: "break" });
  group.append(
    draw("rect", { x: left, y: 18, width: right - left, height: height - 18 }),
    draw("text", { x: (left + right) / 2, y: 26, "text-anchor": "middle" }, roughly(seconds)),
  );
  return group;
}

function nowParts(x, height) {
  return [
    draw("path", { class: "now", d: `M${x} 18V${height}` }),
    draw("text", { class: "moment now", x: x + 3, y: 26 }, say("now")),
  ];
}
