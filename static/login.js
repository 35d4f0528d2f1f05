// Logs in at the mock WeChat as a site does. This page plays both halves of a site: the frontend, which starts the login
// and gets the ticket, and the backend, which redeems it with the API key.

import "./login-texts.js";
import { fetchJson, wrongKey } from "./answers.js";
import { backHere, foreign, outcomeOf, redeemed, started, UNSTARTED } from "./login-reports.js";
import { say } from "./texts.js";
import { drawStep, drawTexts, showPage } from "./view.js";

const ATTEMPT = "login-attempt"; // key, verifier and start of the login, while the browser is at WeChat

const form = document.getElementById("login");
const key = document.getElementById("key");
const ways = [...form.querySelectorAll("input[type=radio]")];

let reports = UNSTARTED; // by step
let complaint; // the name of the text about a missing field, or undefined

async function start() {
  complaint = complaintAbout(key.value.trim());
  drawComplaint();
  if (complaint) return key.focus();
  const [verifier, state] = [random(), random()];
  const next = new URL(location.pathname, location.href).href;
  const given = { scope: way(), next, state, challenge: await challengeOf(verifier) };
  if (way() === "snsapi_login") {
    given.account = "web"; // a website has an account of its own; the others are the first official account
    delete given.scope;
  }
  const address = `/api/oauth/start?${new URLSearchParams(given)}`;
  sessionStorage.setItem(ATTEMPT, JSON.stringify({ key: key.value.trim(), way: way(), verifier, state, address }));
  location.assign(address);
}

/** The end of a login that began here: WeChat and the central server sent the browser back to this page. */
async function finish() {
  const attempt = JSON.parse(sessionStorage.getItem(ATTEMPT));
  sessionStorage.removeItem(ATTEMPT);
  const given = new URLSearchParams(location.search);
  if (!given.has("ticket") && !given.has("state")) return;
  const arrived = location.href;
  history.replaceState(null, "", location.pathname); // no reload or back button redeems the ticket again
  const isOurs = attempt !== null && given.get("state") === attempt.state;
  show({ ...started(isOurs ? attempt : null), ...(isOurs ? backHere(arrived) : foreign(arrived)) });
  if (!isOurs) return;
  key.value = attempt.key;
  for (const radio of ways) radio.checked = radio.value === attempt.way;
  drawWay();
  const body = JSON.stringify({ ticket: given.get("ticket"), verifier: attempt.verifier });
  show({ redeem: redeemed(await fetchJson("/api/oauth/redeem", { key: attempt.key, body })) });
  document.getElementById("redeem").scrollIntoView({ block: "nearest" }); // on a phone it is below the form
}

function complaintAbout(typed) {
  return wrongKey(typed) ?? (crypto.subtle ? undefined : "insecure"); // browsers hash on https and on loopback only
}

function random() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

/** The S256 challenge of RFC 7636. */
async function challengeOf(verifier) {
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function way() {
  return ways.find((radio) => radio.checked).value;
}

function show(changed) {
  reports = { ...reports, ...changed };
  drawReports();
}

function drawReports() {
  for (const [step, report] of Object.entries(reports)) drawStep(step, report);
  const { state, text, values } = outcomeOf(reports);
  document.getElementById("outcome").dataset.state = state;
  document.getElementById("summary").textContent = say(text, values);
}

function drawWay() {
  document.getElementById("way-note").textContent = say(`${way()}Note`);
}

function drawComplaint() {
  document.getElementById("complaint").textContent = complaint ? say(complaint) : "";
}

function drawAll() {
  drawTexts();
  drawReports();
  drawWay();
  drawComplaint();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  start();
});
for (const radio of ways) radio.addEventListener("change", drawWay);
window.addEventListener("pageshow", (event) => {
  if (event.persisted) sessionStorage.removeItem(ATTEMPT); // back from WeChat without a login
});

drawAll();
showPage(drawAll);
finish();
