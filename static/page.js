// The demo page: it requests its own signature, shows the answer, and asks the mock whether the signature is valid.

import { fetchJson } from "./answers.js";
import * as reports from "./reports.js";
import { say } from "./texts.js";
import { drawStep, drawTexts, showPage } from "./view.js";
import * as wechat from "./wechat.js";

const again = document.getElementById("again");
const copyButton = document.getElementById("copy");
const snippet = document.getElementById("snippet");
const shown = {}; // the report of each step, to draw it again in the other language
let outcome; // {text, state}: the overall result
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
  const mock = await signAndJudge(url);
  if (!mock) return;
  // After a reset of the mock its ticket is another one. wx-config.js makes the server fetch it: sign with that again.
  const isReady = await wechat.enter(mock);
  if (isReady && shown.verdict.state === "failed") {
    await signAndJudge(url);
    report("verdict", reports.renewed(shown.verdict));
  }
}

/** Steps 1 to 3; the mock's address if it has judged. */
async function signAndJudge(url) {
  const path = `/api/jssdk/signature?url=${encodeURIComponent(url)}`;
  report("ask", reports.asking(url, path, location.hash));
  report("answer", reports.signing(url));
  report("verdict", reports.judging());

  const got = await fetchJson(path);
  report("answer", reports.answered(url, got));
  if (!reports.isSigned(got)) {
    wechat.skip("wechatUnsigned");
    return report("verdict", reports.nothingToJudge());
  }
  const demo = await fetchJson("/demo.json");
  const mock = demo.json?.mock;
  if (!mock) {
    wechat.skip("wechatSkipped");
    return report("verdict", reports.noMock(demo));
  }
  report("verdict", await verdict(mock, url, got.json));
  return mock;
}

/** The address in the browser up to the #, which WeChat signs. */
function ownAddress() {
  return location.href.split("#")[0];
}

/** Ask the mock about this page's own address, as a phone would; not about the signed one. */
async function verdict(mock, url, { appId, timestamp, nonceStr, signature }) {
  const question = new URLSearchParams({ appid: appId, timestamp, nonceStr, signature, url });
  return reports.judged(mock, await fetchJson(`${mock}/_mock/verify?${question}`));
}

function report(step, what) {
  shown[step] = what;
  outcome = what.outcome ?? outcome;
  drawStep(step, what);
  drawOutcome();
}

async function copy() {
  try {
    await navigator.clipboard.writeText(snippet.textContent);
    copied = "copied";
  } catch {
    // Browsers allow the clipboard on https and loopback only: elsewhere select the text for the reader.
    getSelection().selectAllChildren(snippet);
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

snippet.textContent = reports.snippet(location.origin);
drawTexts();
wechat.draw();
run();
showPage(drawAll); // before any answer has arrived
