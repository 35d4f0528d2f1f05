// Reads the form and shows the diagnoses of this page and of the server. The tickets stay in their fields.

import "./debugger-texts.js";
import { fetchJson } from "./answers.js";
import { string1 } from "./debugger-mistakes.js";
import { ASKING, local, remote, UNASKED, unready } from "./debugger-reports.js";
import { sha1 } from "./sha1.js";
import { currentLanguage, say } from "./texts.js";
import { drawFacts, drawTexts, showPage } from "./view.js";

const FIELDS = {
  url: "url",
  ticket: "ticket",
  noncestr: "noncestr",
  timestamp: "timestamp",
  signature: "signature",
  landingUrl: "landing",
  cardTicket: "card",
};
const EXAMPLE = {
  // the worked example of WeChat's documentation
  ticket: "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg",
  noncestr: "Wm3WZYTPz0wzccnW",
  timestamp: "1414587457",
  url: "http://mp.weixin.qq.com?params=value",
};
const PASTED = /["']?\b(url|jsapi_ticket|noncestr|timestamp|signature)["']?\s*[:=]\s*(?:"([^"]*)"|'([^']*)'|([^\s,;&}"']+))/gi;

const form = document.getElementById("claim");
const send = document.getElementById("send");
const key = document.getElementById("key");
const shown = {}; // the report of each section, to draw it again in the other language

function claim() {
  const texts = Object.entries(FIELDS).map(([name, id]) => [name, wellFormed(field(id).value.trim())]);
  return Object.fromEntries(texts);
}

function field(id) {
  return document.getElementById(id);
}

/** Replace lone surrogates, which can be neither hashed nor sent. */
function wellFormed(text) {
  return text.replace(/\p{Surrogate}/gu, "\ufffd");
}

function compare() {
  show("local", local(claim()));
  if (shown.remote !== UNASKED) show("remote", UNASKED); // the answer was for other values
}

async function ask() {
  if (send.ariaDisabled === "true") return; // a disabled button would lose the focus
  const given = claim();
  const why = unready(given, key.value.trim());
  if (why) return show("remote", why);
  send.ariaDisabled = "true";
  show("remote", ASKING);
  try {
    const answer = remote(await fetchJson("/api/jssdk/diagnose", { key: key.value.trim(), body: question(given) }));
    if (shown.remote === ASKING) show("remote", answer);
  } finally {
    send.ariaDisabled = "false";
  }
}

/** The request to the server, without the tickets. */
function question({ url, noncestr, timestamp, signature, landingUrl }) {
  const asked = { url, timestamp: Number(timestamp), nonceStr: noncestr, signature };
  return JSON.stringify(landingUrl ? { ...asked, landing_url: landingUrl } : asked);
}

/** Fill all fields from a pasted wx.config or answer of the signature endpoint. */
function paste(event) {
  const text = event.clipboardData.getData("text/plain").trim();
  if (/^https?:/i.test(text)) return; // an address may have parameters of these names
  const found = [...text.matchAll(PASTED)].map(([, name, ...values]) => [
    name.toLowerCase().replace("jsapi_", ""),
    values.find((value) => value !== undefined).replaceAll("\\/", "/"),
  ]);
  if (new Set(found.map(([name]) => name)).size < 2) return;
  event.preventDefault();
  for (const [name, value] of found) field(name).value = value;
  compare();
}

/** Fill the form with WeChat's example, or with the same signed together with its #fragment. */
function fillExample(kind) {
  const url = kind === "wrong" ? `${EXAMPLE.url}#/home` : EXAMPLE.url;
  const signature = sha1(string1({ ...EXAMPLE, url }));
  const given = { ...EXAMPLE, url, signature, landing: "", card: "" };
  for (const [id, text] of Object.entries(given)) field(id).value = text;
  compare();
}

function show(where, what) {
  shown[where] = what;
  draw(where);
}

function draw(where) {
  const { state, word, said, facts } = shown[where];
  const section = document.getElementById(where);
  section.dataset.state = state;
  section.querySelector(".word").textContent = say(word);
  section.querySelector(".said").replaceChildren(...said.map(item));
  drawFacts(section.querySelector(".facts"), facts);
  if (where === "local") markDifferences(section);
}

function item({ title, text }) {
  const entry = document.createElement("li");
  if (title) entry.append(Object.assign(document.createElement("b"), { textContent: inLanguage(title) }));
  entry.append(inLanguage(text));
  return entry;
}

function inLanguage(text) {
  if (typeof text === "object" && !Array.isArray(text)) return text[currentLanguage()];
  return say(...[text].flat());
}

/** Mark the wrong text in each of the four parts of the signed text. */
function markDifferences(section) {
  const [wanted, , signed] = section.querySelectorAll("dd");
  if (!signed) return;
  const right = parts(wanted.textContent);
  signed.replaceChildren(...parts(signed.textContent).flatMap((part, index) => marked(part, right[index])));
}

function parts(string1) {
  return string1.match(/^(.*?)(&noncestr=.*?)(&timestamp=.*?)(&url=.*)$/is).slice(1);
}

function marked(text, wanted) {
  if (text === wanted) return [text];
  const shorter = Math.min(text.length, wanted.length);
  let before = 0;
  while (before < shorter && text[before] === wanted[before]) before += 1;
  let behind = 0;
  while (behind < shorter - before && text.at(-1 - behind) === wanted.at(-1 - behind)) behind += 1;
  const mark = document.createElement("mark");
  mark.textContent = text.slice(before, text.length - behind);
  return [text.slice(0, before), mark, text.slice(text.length - behind)];
}

function drawAll() {
  drawTexts();
  for (const where of Object.keys(shown)) draw(where);
}

for (const button of document.querySelectorAll("[data-example]")) {
  button.addEventListener("click", () => fillExample(button.dataset.example));
}
form.addEventListener("input", compare);
form.addEventListener("submit", (event) => event.preventDefault());
document.getElementById("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});
document.addEventListener("paste", paste);

drawTexts();
show("local", local(claim()));
show("remote", UNASKED);
showPage(drawAll);
