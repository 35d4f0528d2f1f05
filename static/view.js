// Puts texts and step reports into the document, always as text. Everything can be drawn again in the other language.

import { canSay, chooseLanguage, currentLanguage, languageTag, say } from "./texts.js";

/** Draw the texts that do not depend on any answer. */
export function drawTexts() {
  document.documentElement.lang = languageTag();
  document.title = say("title");
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = say(element.dataset.text);
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", say(element.dataset.label));
  }
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === currentLanguage()));
  }
}

/** Call `draw` whenever a language is chosen, and show the page. */
export function showPage(draw) {
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => {
      chooseLanguage(button.dataset.language);
      draw();
    });
  }
  delete document.documentElement.dataset.loading;
  const current = document.querySelector(".pages [aria-current]");
  current?.parentElement.scrollTo({ left: current.offsetLeft - innerWidth / 3 }); // on a phone the row is wider
}

/**
 * Draw a step's report: `state` is waiting, ok, failed or skipped; `message` names a text, `values` fill its gaps;
 * `facts` are rows made by `fact`.
 */
export function drawStep(id, { state, message, values, facts = [] }) {
  const step = document.getElementById(id);
  const number = [...step.parentElement.children].indexOf(step) + 1;
  step.dataset.state = state;
  const spoken = element("span", { className: "unseen" }, say("stepState", { number }));
  step.querySelector(".state").replaceChildren(spoken, say(state));
  step.querySelector(".message").textContent = say(message, values);
  drawFacts(step.querySelector(".facts"), facts);
}

/** Draw the rows of a description list. */
export function drawFacts(parent, facts) {
  parent.replaceChildren(...facts.map(row));
}

/**
 * A row: `name` names a text (row.…), or is a term of WeChat or HTTP that is shown unchanged. `value` is a string, a
 * list of a text's name and its values, or {en, zh}. A row without a value takes as much space as `shape`.
 */
export function fact(name, value, { shape = "", prose = false } = {}) {
  return { name, value, shape, prose };
}

function row({ name, value, shape, prose }) {
  const known = canSay(`row.${name}`);
  const term = element("dt", { className: known ? "" : "code", translate: known }, known ? say(`row.${name}`) : name);
  const described = element("dd", { className: prose ? "" : "code", translate: prose }, inLanguage(value));
  if (value === undefined) described.dataset.shape = shape.replace(/./g, "·");
  if (typeof value === "string" && prose) described.lang = "en"; // servers answer in English
  return element("div", {}, term, described);
}

function inLanguage(value) {
  if (Array.isArray(value)) return say(...value);
  return typeof value === "object" ? value[currentLanguage()] : (value ?? "");
}

/** An element with `data` attributes, properties and children; strings are inserted as text. */
export function element(name, { data = {}, ...properties } = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  Object.assign(made.dataset, data);
  made.append(...children.filter((child) => child !== undefined && child !== ""));
  return made;
}
