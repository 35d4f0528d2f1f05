// Shows /openapi.json, and sends a request to each endpoint. An entered key stays in its field.

import "./api-texts.js";
import { ABOUT, SUMMARIES, TAGS } from "./api-chinese.js";
import { fieldsOf, operationsOf, proseOf, targetOf } from "./api-reading.js";
import { currentLanguage, say } from "./texts.js";
import { drawTexts, showPage } from "./view.js";

const NO_BODY = ["GET", "HEAD"];

const key = document.getElementById("key");
const openapi = await (await fetch("/openapi.json")).json();

function draw() {
  const open = [...document.querySelectorAll(".operation[open]")].map(({ id }) => id);
  drawTexts();
  document.getElementById("about").replaceChildren(...prose(translated(ABOUT) ?? openapi.info.description));
  document.getElementById("tags").replaceChildren(...openapi.tags.map(tagged));
  for (const id of open) document.getElementById(id).open = true;
}

function tagged({ name, description }) {
  const [title, meaning] = translated(TAGS[name]) ?? [name, description];
  const operations = operationsOf(openapi).filter(({ tag }) => tag === name);
  return make("section", { className: "tagged" }, make("h2", {}, title), ...prose(meaning), ...operations.map(operation));
}

function operation(it) {
  const path = make("b", { className: "code path", translate: false }, it.path);
  const summary = translated(SUMMARIES[it.id]);
  const spoken = make("span", { lang: summary || currentLanguage() === "en" ? "" : "en" }, ...inline(summary ?? it.summary));
  const method = make("span", { className: "tag code", translate: false }, it.method);
  const details = make("details", { className: "operation", id: it.id }, make("summary", {}, method, path, spoken));
  // Its content is made when it is opened: there are many.
  details.addEventListener("toggle", () => details.open && details.children.length < 2 && details.append(content(it)));
  return details;
}

function content(it) {
  return make(
    "div",
    { className: "content" },
    ...english(it.description),
    make("p", { className: "message" }, say(it.scope ? "scoped" : "open", { scope: it.scope })),
    fields("parameters", it.parameters.map(marked)),
    fields("body", fieldsOf(openapi, it.body).map(marked)),
    trial(it),
    make("h3", {}, say("answers")),
    make("dl", { className: "facts" }, ...it.answers.map(answer)),
  );
}

function answer({ status, description, schema }) {
  const described = make("dd", { lang: "en" }, ...prose(description), fields("", fieldsOf(openapi, schema)));
  return make("div", {}, make("dt", { className: "code" }, status), described);
}

/** The row of a request: there it matters which fields are optional. */
function marked(row) {
  return { ...row, isOptional: !row.isRequired };
}

/** Rows of name, type and meaning. */
function fields(title, rows) {
  if (!rows.length) return "";
  const lines = rows.map(({ name, type, isOptional, description }) => {
    const shown = make("span", { className: "code", translate: false }, type);
    const meaning = make("p", { lang: "en" }, ...inline(description));
    const described = make("dd", {}, shown, isOptional ? say("optional") : "", meaning);
    return make("div", {}, make("dt", { className: "code", translate: false }, name), described);
  });
  return make("div", {}, title && make("h3", {}, say(title)), make("dl", { className: "facts" }, ...lines));
}

/** A form that sends a request, and its answer. */
function trial(it) {
  if (!it.canBeTried) return "";
  const target = make("input", { type: "text", className: "code", value: targetOf(it), ariaLabel: say("target"), spellcheck: false });
  const text = it.example && JSON.stringify(it.example, null, 2);
  const body = it.body ? make("textarea", { className: "code", rows: 6, value: text ?? "", ariaLabel: say("body"), spellcheck: false }) : "";
  const status = make("p", { className: "message", role: "status" });
  const got = make("pre", { hidden: true });
  const send = make("button", { className: "small" }, say("send"));
  const form = make("form", { className: "field" }, make("h3", {}, say("try")), target, body, send, status, got);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const began = performance.now();
    const answered = await ask(it.method, target.value, body && body.value);
    got.hidden = !answered.text;
    got.textContent = answered.text;
    const milliseconds = Math.round(performance.now() - began);
    status.textContent = answered.status ? say("timeValue", { status: answered.status, milliseconds }) : say("noAnswer");
  });
  return form;
}

async function ask(method, target, body) {
  const headers = key.value.trim() ? { Authorization: `Bearer ${key.value.trim()}` } : {};
  try {
    const sent = NO_BODY.includes(method) ? undefined : body;
    const url = new URL(target, location.origin);
    if (url.origin !== location.origin) return { text: "" };
    const given = { method, headers, body: sent, cache: "no-store", credentials: "omit" };
    const answered = await fetch(url, given);
    return { status: answered.status, text: readable(await answered.text()) };
  } catch {
    return { text: "" };
  }
}

function readable(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function translated(text) {
  return currentLanguage() === "zh" ? text : undefined;
}

function english(text) {
  return prose(text).map((element) => Object.assign(element, { lang: "en" }));
}

function prose(text) {
  return proseOf(text).map(({ items, text }) =>
    items
      ? make("ul", {}, ...items.map((item) => make("li", {}, ...inline(item))))
      : make("p", {}, ...inline(text)),
  );
}

/** The text with what is between backticks as code. */
function inline(text = "") {
  return text.split(/`([^`]+)`/).map((part, index) => (index % 2 ? make("code", { translate: false }, part) : part));
}

function make(name, properties, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

draw();
showPage(draw);
