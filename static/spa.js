// A single-page app in the mock's WeChat: it sets its share data on every route and shows the phone's answer.

import "./spa-texts.js";
import { PHONES, call, enterWeChat, shareData } from "./phone.js";
import { byHand, byHelper, configs } from "./spa-ways.js";
import { say } from "./texts.js";
import { drawStep, drawTexts, fact, showPage } from "./view.js";

const ROUTES = ["shop", "cart", "order"];
const TOUR = ["cart", "order", "shop"];

const asked = new URLSearchParams(location.search);
const phone = PHONES.find((name) => name === asked.get("phone")) ?? "ios";
const way = asked.get("way") === "naive" ? "naive" : "helper";
const tour = document.getElementById("tour");
const visits = []; // {route, what}: every route shown, in order, with its report
let summary = { text: "summaryEntering", state: "waiting" };
let helper;
let busy = Promise.resolve(); // one visit at a time

/** Enter the mock's WeChat, or show why that is not possible. */
async function enter() {
  const { mock } = await (await fetch("/demo.json")).json();
  if (!mock) return summarize("summaryNoMock", "skipped");
  try {
    helper = await enterWeChat(mock, phone);
  } catch {
    return summarize("summaryNoAnswer", "failed");
  }
  await visit();
  tour.ariaDisabled = "false";
}

/** Show the route of the current address and set its share data. */
function visit() {
  if (!helper) return;
  busy = busy.then(async () => {
    const shown = { route: currentRoute(), what: { state: "waiting", message: "visiting", facts: [fact("page", here())] } };
    visits.push(shown);
    drawAll();
    shown.what = await share();
    judge();
    drawAll();
  });
  return busy;
}

function here() {
  return location.href.split("#")[0];
}

async function share() {
  const before = configs().length;
  const signed = await (way === "naive" ? byHand() : byHelper(helper)).catch((error) => error.message);
  const { errMsg } = await call("updateAppMessageShareData", shareData(say(currentRoute())));
  const said = configs().at(-1)?.answer?.err_msg ?? "";
  const state = errMsg.endsWith(":ok") ? "ok" : "failed";
  const facts = [
    fact("page", here()),
    fact("signed", signed),
    fact("config", configs().length > before ? said : ["kept", { said }]),
    fact("shared", errMsg),
  ];
  return { state, message: state === "ok" ? "accepted" : "refusedHere", facts };
}

function judge() {
  if (visits.some(({ what }) => what.state === "failed")) return summarize("summaryRefused", "failed");
  summarize(visits.length > 1 ? "summaryAccepted" : "summaryEntered", "ok");
}

function summarize(text, state) {
  summary = { text, state };
  drawAll();
}

/** The route is a parameter of the address, so a reload finds the page. */
function currentRoute() {
  const route = new URLSearchParams(location.search).get("route");
  return ROUTES.includes(route) ? route : ROUTES[0];
}

function addressOf(changed) {
  return `/spa.html?${new URLSearchParams({ phone, way, route: ROUTES[0], ...changed })}`;
}

function go(route) {
  history.pushState(null, "", addressOf({ route }));
  return visit();
}

async function takeTour() {
  if (tour.ariaDisabled === "true") return;
  tour.ariaDisabled = "true";
  for (const route of TOUR) await go(route);
  tour.ariaDisabled = "false";
}

function drawAll() {
  drawTexts();
  document.getElementById("outcome").dataset.state = summary.state;
  document.getElementById("summary").textContent = say(summary.text);
  for (const link of document.querySelectorAll("[data-route]")) mark(link, link.dataset.route === currentRoute());
  visits.forEach(drawVisit);
}

function drawVisit({ route, what }, index) {
  const id = `visit-${index}`;
  if (!document.getElementById(id)) {
    const item = document.getElementById("visit").content.firstElementChild.cloneNode(true);
    item.id = id;
    document.getElementById("visits").append(item);
  }
  document.querySelector(`#${id} h2`).textContent = say(route);
  drawStep(id, what);
}

function mark(link, isCurrent) {
  if (isCurrent) link.setAttribute("aria-current", "true");
  else link.removeAttribute("aria-current");
}

for (const name of ["phone", "way"]) {
  for (const link of document.querySelectorAll(`[data-${name}]`)) {
    link.href = addressOf({ [name]: link.dataset[name] });
    mark(link, link.dataset[name] === { phone, way }[name]);
  }
}
for (const link of document.querySelectorAll("[data-route]")) {
  link.href = addressOf({ route: link.dataset.route });
  link.addEventListener("click", (event) => {
    event.preventDefault();
    go(link.dataset.route);
  });
}
tour.addEventListener("click", takeTour);
tour.ariaDisabled = "true";
addEventListener("popstate", visit);
drawAll();
enter();
showPage(drawAll);
