// The demo page: it requests its own signature, shows the answer, and asks the mock whether the signature is valid.

import * as reports from "./reports.js";
import { say } from "./texts.js";
import { drawLines, drawStep, drawTexts, showPage } from "./view.js";
import * as wechat from "./wechat.js";

const PATIENCE_SECONDS = 20; // longer than the server waits for WeChat

const again = document.getElementById("again");
const copyButton = document.getElementById("copy");
const shown = {}; // the report of each step, to draw it again in the other language
let outcome; // {text, state}: the overall result
let config; // the server's answer, or undefined
let copied; // the name of the text with the result of copying, or undefined

async function run() {
  if (again.ariaDisabled === "true") return; // a disabled button would lose the focus
  again.ariaDisabled = "true";
  try {
    await steps(ownAddress());
  } finally {
    again.ariaDisabled = "false";
  }
}

async function steps(url) {
  const path = `/api/jssdk/signature?url=${encodeURIComponent(url)}`;
  takeConfig(undefined);
  report("ask", reports.asking(url, path, location.hash));
  report("answer", reports.signing(url));
  report("verdict", reports.judging());

  const got = await fetchJson(path);
  report("answer", reports.answered(url, got));
  if (!reports.isSigned(got)) {
    wechat.skip("wechatUnsigned");
    return report("verdict", reports.nothingToJudge());
  }
  takeConfig(got.json);
  report("verdict", await verdict(url));
}

/** The address in the browser up to the #, which WeChat signs. */
function ownAddress() {
  return location.href.split("#")[0];
}

/** Ask the mock about this page's own address, as a phone would; not about the signed one. */
async function verdict(url) {
  const demo = await fetchJson("/demo.json");
  const mock = demo.json?.mock;
  if (!mock) {
    wechat.skip("wechatSkipped");
    return reports.noMock(demo);
  }
  const { appId, timestamp, nonceStr, signature } = config;
  const question = new URLSearchParams({ appid: appId, timestamp, nonceStr, signature, url });
  const judged = reports.judged(mock, await fetchJson(`${mock}/_mock/verify?${question}`));
  wechat.enter(mock); // continues in the background
  return judged;
}

/** `{status, milliseconds, json, requestId}`; empty without an answer. Never rejects. */
async function fetchJson(address) {
  const began = performance.now();
  try {
    // Browsers without AbortSignal.timeout use their own timeout.
    const signal = AbortSignal.timeout?.(PATIENCE_SECONDS * 1000);
    const answer = await fetch(address, { cache: "no-store", signal });
    const json = await answer.json().catch(() => undefined);
    const milliseconds = Math.round(performance.now() - began);
    return { status: answer.status, milliseconds, json, requestId: answer.headers.get("X-Request-ID") };
  } catch {
    return {};
  }
}

function report(step, what) {
  shown[step] = what;
  outcome = what.outcome ?? outcome;
  drawStep(step, what);
  drawOutcome();
}

function takeConfig(signed) {
  config = signed;
  copied = undefined;
  const element = document.getElementById("snippet");
  drawLines(element, reports.snippet(config));
  element.classList.toggle("empty", !config);
  copyButton.ariaDisabled = String(!config);
  drawCopied();
}

async function copy() {
  if (!config) return;
  const element = document.getElementById("snippet");
  try {
    await navigator.clipboard.writeText(element.textContent);
    copied = "copied";
  } catch {
    // Browsers allow the clipboard on https and loopback only: elsewhere select the text for the reader.
    getSelection().selectAllChildren(element);
    copied = "selected";
  }
  drawCopied();
}

function drawCopied() {
  document.getElementById("copied").textContent = copied ? say(copied) : "";
}

function drawOutcome() {
  if (!outcome) return;
  document.getElementById("outcome").dataset.state = outcome.state;
  document.getElementById("summary").textContent = say(outcome.text);
}

function drawAll() {
  drawTexts();
  drawOutcome();
  drawCopied();
  wechat.draw();
  for (const [step, what] of Object.entries(shown)) drawStep(step, what);
}

again.addEventListener("click", run);
copyButton.addEventListener("click", copy);

drawTexts();
wechat.draw();
run();
showPage(drawAll); // before any answer has arrived
