// Draws the console's reports, always as text. An account's buttons stay the same elements, so that they keep the focus.

import { callRows, clock, cooldownReport, countdown, credentialReport, eventReport, findingReport } from "./console-reports.js";
import { say } from "./texts.js";
import { element } from "./view.js";

const FEW = 6;
const HOURS = [-2, -1, 0, 1, 2];

/**
 * The card of an account; `act(action, body)` is called by its buttons. Returns its element, `draw(account, now)`, and
 * `tell(text)` for what an action did.
 */
export function accountCard({ account, appid, kind, credentials }, act) {
  const [cooldowns, bars, events] = ["cooldowns", "bars", "events"].map((className) => element("div", { className }));
  const told = element("p", { className: "message", role: "status" });
  const button = (text, className, onclick) => element("button", { type: "button", className, onclick }, text);
  const retry = button(say("retry"), "small primary", () => act("retry", { account }));
  const refreshes = credentials.map(({ credential }) =>
    button(say("refreshOf", { credential }), "small", () => act("refresh", { account, credential })),
  );
  const force = button(say("force"), "small danger", () => act("force", { account }));
  force.hidden = !credentials.some(({ credential }) => credential === "access_token");
  const more = button("", "small", () => {
    all = !all;
    drawEvents();
  });
  let all = false;
  let shown = [];
  let drawn;
  let now = 0;

  function drawEvents() {
    const first = all ? shown : shown.slice(0, FEW);
    events.replaceChildren(...(first.length ? first.map((event) => eventRow(eventReport(event, now))) : [say("noEvents")]));
    more.hidden = shown.length <= FEW;
    more.textContent = say(all ? "fewEvents" : "allEvents", { number: shown.length });
  }

  const title = element("h2", {}, account);
  const about = element("p", { className: "quiet" }, element("span", { className: "code" }, appid), ` · ${say(kind)}`);
  const card = element(
    "section",
    { className: "card account" },
    element("div", { className: "heading" }, title, about),
    cooldowns,
    bars,
    element("div", { className: "row" }, retry, ...refreshes, force),
    told,
    element("h3", {}, say("events")),
    events,
    more,
  );
  card.ariaLabel = account;
  return {
    element: card,
    tell: (text) => {
      told.textContent = text;
    },
    draw(state, at) {
      now = at;
      retry.hidden = !state.cooldowns.length;
      const drawnBars = state.credentials.map((one) => bar(credentialReport(one, now)));
      bars.replaceChildren(...drawnBars, ...(drawnBars.length ? [axis()] : []));
      cooldowns.replaceChildren(...state.cooldowns.map((one) => cooldownBox(cooldownReport(one, state), now)));
      const text = JSON.stringify(state.events);
      if (text === drawn) return; // what the reader has selected stays
      [drawn, shown] = [text, state.events];
      drawEvents();
    },
  };
}

function bar({ name, state, word, generation, text, spans }) {
  return element(
    "div",
    { data: { state } },
    element(
      "p",
      { className: "heading" },
      element("span", { className: "code" }, name, element("span", { className: "quiet" }, generation && ` ${generation}`)),
      element("span", { className: "state" }, word),
    ),
    track(spans),
    element("p", { className: "message" }, text),
  );
}

function track(spans) {
  const drawn = spans.map(({ from, width }) => {
    const span = element("span", { className: "span" });
    span.style.setProperty("--from", `${from}%`);
    span.style.setProperty("--width", `${width}%`);
    return span;
  });
  return element("div", { className: "track", ariaHidden: "true" }, ...drawn, element("span", { className: "now" }));
}

function axis() {
  const label = (hours) => (hours ? say("axisHours", { hours: hours > 0 ? `+${hours}` : `−${-hours}` }) : say("axisNow"));
  return element("p", { className: "axis", ariaHidden: "true" }, ...HOURS.map((hours) => element("span", {}, label(hours))));
}

function cooldownBox({ state, served, title, detail, until, attempt, hint, rid }, now) {
  return element(
    "div",
    { className: "cooldown", data: { state } },
    element("p", { className: "word" }, title),
    element("p", { lang: "en" }, detail),
    element("p", {}, element("b", { className: "countdown", data: { until } }, countdown(until, now)), ` ${attempt} ${served}`),
    element("p", {}, element("b", {}, say("whatToDo")), element("br"), hint),
    rid ? element("p", { className: "code quiet" }, `rid ${rid}`) : "",
  );
}

/** Redraw all countdowns for the time `now`. */
export function drawCountdowns(now) {
  for (const shown of document.querySelectorAll(".countdown")) {
    shown.textContent = countdown(Number(shown.dataset.until), now);
  }
}

function eventRow({ state, at, text, detail, more, rid }) {
  return element(
    "div",
    { className: "event", data: { state } },
    element("time", { className: "quiet" }, at),
    element(
      "div",
      {},
      element("p", {}, text),
      detail ? element("p", { className: "code", lang: "en" }, detail) : "",
      element("p", { className: "quiet" }, more, rid ? ` · rid ${rid}` : ""),
    ),
  );
}

/** The text, with places to break it behind slashes and underscores. */
function breakable(text) {
  return text.split(/(?<=[/_])/).flatMap((part) => [part, element("wbr", {})]);
}

/** Draw the calls; `before` are those of the first answer, `by` is the label that names a row. */
export function drawCalls(table, calls, before, by) {
  const rows = callRows(calls, before, by).map((row) =>
    element(
      "tr",
      { data: { state: row.failed ? "failed" : "ok" } },
      element("td", { className: "code" }, ...breakable(row.what), row.failed && row.where ? element("div", { className: "quiet" }, row.where) : ""),
      element("td", { className: "code state" }, row.errcode || say("noErrcode")),
      element("td", { className: "number" }, row.calls.toLocaleString("en")),
      element("td", { className: "number" }, row.recent ? `+${row.recent.toLocaleString("en")}` : "–"),
    ),
  );
  const head = [by, "errcode", "calls", "recent"].map((name, column) =>
    element("th", { scope: "col", className: column > 1 ? "number" : "" }, say(`head.${name}`)),
  );
  const none = element("tr", {}, element("td", { colSpan: 4 }, say("noCalls")));
  table.replaceChildren(element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...(rows.length ? rows : [none])));
}

/** Draw how many of the places for slow calls are taken. */
export function drawPlaces({ free, taken, waiting }, workers) {
  const all = free + taken;
  const span = document.getElementById("taken");
  span.style.setProperty("--from", "0%");
  span.style.setProperty("--width", `${all ? (100 * taken) / all : 0}%`);
  span.parentElement.parentElement.dataset.state = waiting ? "failed" : free ? "ok" : "review";
  document.getElementById("places").textContent = say("placesValue", { taken, all, waiting, workers });
}

/** Draw what the doctor found. */
export function drawFindings(parent, findings) {
  parent.replaceChildren(
    ...findings.map(findingReport).map(({ state, word, title, found, advice }) =>
      element(
        "div",
        { className: "event", data: { state } },
        element("span", { className: "state" }, word),
        element("div", {}, element("p", { className: "code" }, title), element("p", { lang: "en" }, found), advice ? element("p", {}, `→ ${advice}`) : ""),
      ),
    ),
  );
}

/** Draw who answered, and when. */
export function drawPolled({ host, pid, listener, mock, now }) {
  const polled = say("polled", { host, pid, listener, time: clock(now, now) });
  document.getElementById("polled").textContent = mock ? say("polledMock", { polled, mock }) : polled;
}
