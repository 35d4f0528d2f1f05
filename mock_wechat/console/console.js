// The console: reads the mock's state once a second, shows it, and handles the buttons.

import { drawAccounts } from "./accounts.js";
import { actionsWith } from "./actions.js";
import { drawCalls, followAgain, openCall, showMore, togglePause } from "./calls.js";
import { drawChat, listenToChat } from "./chat.js";
import { drawClock, secondsPastNextEnd } from "./clock.js";
import { read } from "./control.js";
import { write } from "./dom.js";
import { drawFaults, listenToForm } from "./faults.js";
import { Feed } from "./feed.js";
import { Log } from "./log.js";
import { News } from "./messages.js";
import { drawPhone } from "./phone.js";
import { drawScenarios } from "./scenarios.js";
import { drawSent, showMoreSent } from "./sent.js";
import { listenToChart } from "./spots.js";
import { chooseLanguage, currentLanguage, languageTag, say } from "./texts.js";
import { drawTimeline } from "./timeline.js";

const APART = 1000; // milliseconds between two questions
const QUESTIONS = { state: "state?generations=12", calls: "calls?newest=400&after=" };

const log = new Log();
const feed = new Feed();
const news = new News();
const actions = actionsWith(async () => {
  await asking; // its question may be older than the action
  await refresh();
});
let state; // the last answer of GET /_mock/state
let scenarios = [];
let link = "linkWaiting";
let next; // the timer of the next question
let asking; // the question that is under way

/** Asks for everything; there is never more than one question under way. */
function refresh() {
  clearTimeout(next);
  asking ??= ask().finally(() => {
    asking = undefined;
    if (!document.hidden) next = setTimeout(refresh, APART);
  });
  return asking;
}

async function ask() {
  let heard;
  try {
    heard = await Promise.all([read(QUESTIONS.state), read(QUESTIONS.calls + log.last)]);
    await feed.follow(heard[0], heard[1].calls);
    if (link !== "linkLive") await askForScenarios();
    link = "linkLive";
  } catch {
    link = "linkLost";
    return drawLink();
  }
  state = heard[0];
  log.take(heard[1]);
  news.take(state, heard[1].calls);
  drawState();
}

async function askForScenarios() {
  try {
    scenarios = (await read("scenarios")).scenarios;
  } catch {
    scenarios = []; // the page works without them
  }
}

function drawLink() {
  const shown = document.getElementById("link");
  shown.dataset.state = link;
  write(shown, say(link));
}

function drawState() {
  drawLink();
  drawScenarios(scenarios, state, log.calls, actions);
  if (!state) return;
  drawServer(state);
  drawClock(state);
  drawAccounts(state, actions);
  drawTimeline(state, log.calls);
  drawPhone(state, actions);
  drawFaults(state);
  drawChat(state, feed, actions.send);
  drawSent(feed);
  drawCalls(log);
}

/** The link to the developer's server, where the mock knows it. */
function drawServer({ server }) {
  const shown = document.getElementById("server");
  shown.hidden = !server;
  if (server) shown.href = `${server}/`;
}

function drawTexts() {
  document.documentElement.lang = languageTag();
  document.title = say("title");
  for (const element of document.querySelectorAll("[data-text]")) write(element, say(element.dataset.text));
  for (const element of document.querySelectorAll("[data-label]")) element.ariaLabel = say(element.dataset.label);
  for (const element of document.querySelectorAll("[data-hint]")) element.title = say(element.dataset.hint);
  for (const button of document.querySelectorAll("[data-language]")) {
    button.ariaPressed = String(button.dataset.language === currentLanguage());
  }
}

function onClick(id, action) {
  document.getElementById(id).addEventListener("click", action);
}

for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => {
    chooseLanguage(button.dataset.language);
    drawTexts();
    drawState();
  });
}
for (const button of document.querySelectorAll("[data-advance]")) {
  button.addEventListener("click", () => actions.advance(Number(button.dataset.advance)));
}
onClick("past", () => {
  const seconds = state && secondsPastNextEnd(state);
  if (seconds) actions.advance(seconds);
});
onClick("reset", () => {
  followAgain();
  actions.reset();
});
onClick("pause", () => togglePause(log));
onClick("more", () => showMore(log));
onClick("more-sent", () => showMoreSent(feed));
onClick("forget", () => {
  followAgain();
  actions.forgetCalls();
});
onClick("forget-faults", actions.forgetFaults);
listenToForm(actions.setFault);
listenToChat(actions.send, drawState);
listenToChart(drawState, (call) => openCall(log, call));
document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(next) : refresh()));
new ResizeObserver(() => state && drawTimeline(state, log.calls)).observe(document.getElementById("timeline"));

drawTexts();
drawState();
delete document.documentElement.dataset.loading;
refresh();
