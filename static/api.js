// Shows /openapi.json, and sends a request to each endpoint. An entered key stays in its field.

import "./api-texts.js";
import { ABOUT, SUMMARIES, TAGS } from "./api-chinese.js";
import { fieldsOf, operationsOf, proseOf, targetOf } from "./api-reading.js";
import { currentLanguage, say } from "./texts.js";
import { drawTexts, element, showPage } from "./view.js";

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
  return element("section", { className: "tagged" }, element("h2", {}, title), ...prose(meaning), ...operations.map(operation));
}

function operation(it) {
  const path = element("b", { className: "code path", translate: false }, it.path);
  const summary = translated(SUMMARIES[it.id]);
  const spoken = element("span", { lang: summary || currentLanguage() === "en" ? "" : "en" }, ...inline(summary ?? it.summary));
  const method = element("span", { className: "tag code", translate: false }, it.method);
  const details = element("details", { className: "operation", id: it.id }, element("summary", {}, method, path, spoken));
  // Its content is made when it is opened: there are many.
  details.addEventListener("toggle", () => details.open && details.children.length < 2 && details.append(content(it)));
  return details;
}

function content(it) {
  return element(
    "div",
    { className: "content" },
    ...english(it.description),
    element("p", { className: "message" }, say(it.scope ? "scoped" : "open", { scope: it.scope })),
    fields("parameters", it.parameters.map(marked)),
    fields("body", fieldsOf(openapi, it.body).map(marked)),
    trial(it),
    element("h3", {}, say("answers")),
    element("dl", { className: "facts" }, ...it.answers.map(answer)),
  );
}

function answer({ status, description, schema }) {
  const described = element("dd", { lang: "en" }, ...prose(description), fields("", fieldsOf(openapi, schema)));
  return element("div", {}, element("dt", { className: "code" }, status), described);
}

/** The row of a request: there it matters which fields are optional. */
function marked(row) {
  return { ...row, isOptional: !row.isRequired };
}

/** Rows of name, type and meaning. */
function fields(title, rows) {
  if (!rows.length) return "";
  const lines = rows.map(({ name, type, isOptional, description }) => {
    const shown = element("span", { className: "code", translate: false }, type);
    const meaning = element("p", { lang: "en" }, ...inline(description));
    const described = element("dd", {}, shown, isOptional ? say("optional") : "", meaning);
    return element("div", {}, element("dt", { className: "code", translate: false }, name), described);
  });
  return element("div", {}, title && element("h3", {}, say(title)), element("dl", { className: "facts" }, ...lines));
}

/** A form that sends a request, and its answer. */
function trial(it) {
  if (!it.canBeTried) return "";
  const target = element("input", { type: "text", className: "code", value: targetOf(it), ariaLabel: say("target"), spellcheck: false });
  const text = it.example && JSON.stringify(it.example, null, 2);
  const body = it.body ? element("textarea", { className: "code", rows: 6, value: text ?? "", ariaLabel: say("body"), spellcheck: false }) : "";
  const status = element("p", { className: "message", role: "status" });
  const got = element("pre", { hidden: true });
  const send = element("button", { className: "small" }, say("send"));
  const form = element("form", { className: "field" }, element("h3", {}, say("try")), target, body, send, status, got);
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
  return prose(text).map((part) => Object.assign(part, { lang: "en" }));
}

function prose(text) {
  return proseOf(text).map(({ items, text }) =>
    items
      ? element("ul", {}, ...items.map((item) => element("li", {}, ...inline(item))))
      : element("p", {}, ...inline(text)),
  );
}

/** The text with what is between backticks as code. */
function inline(text = "") {
  return text.split(/`([^`]+)`/).map((part, index) => (index % 2 ? element("code", { translate: false }, part) : part));
}

draw();
showPage(draw);
