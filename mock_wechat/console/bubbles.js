// A message as a phone shows it.

import { make } from "./dom.js";
import { say } from "./texts.js";

/** The element for the content of a message, see content.js. */
export function drawContent(content) {
  return DRAWN[content.kind](content);
}

const DRAWN = {
  text: ({ text }) => make("p", { class: "bubble" }, text),
  note: ({ name, values }) => make("p", { class: "event" }, say(name, values)),
  media: drawMedia,
  cards: ({ cards }) => make("div", { class: "bubble card" }, ...cards.flatMap(drawCard)),
  menu: drawChoices,
  template: drawTemplate,
};

function drawMedia({ type, media, title }) {
  const label = make("p", { class: "bubble" }, `[${type}] ${title ?? media ?? ""}`);
  if (type !== "image" || !media) return label;
  const picture = make("img", { class: "picture", src: pictureOf(media), alt: `[${type}] ${media}` });
  picture.addEventListener("error", () => picture.replaceWith(label)); // a media_id that the mock never gave
  return picture;
}

/** The URL of an uploaded file. */
export function pictureOf(media) {
  return `/_mock/media?media_id=${encodeURIComponent(media)}`;
}

function drawCard({ title, text, url }) {
  return [make("h4", {}, title ?? ""), text ? make("p", { class: "under" }, text) : "", url ? make("p", {}, linkTo(url, url)) : ""];
}

function drawChoices({ head, choices, tail }) {
  const items = choices.map((choice) => make("li", {}, choice ?? ""));
  return make("div", { class: "bubble" }, make("p", {}, head ?? ""), make("ul", {}, ...items), make("p", {}, tail ?? ""));
}

function drawTemplate({ title, text, url, page }) {
  const lines = text.split("\n").filter((line) => line.trim());
  const more = url ? linkTo(url, say("details")) : page ? make("span", { title: page }, say("details")) : "";
  return make(
    "div",
    { class: "bubble template" },
    make("h4", {}, title),
    make("dl", {}, ...lines.map(drawLine)),
    more && make("p", { class: "more-row" }, more),
  );
}

/** A template's line: the label before the colon, the value behind it. */
function drawLine(line) {
  const [, label, value] = /^([^:：]{1,12})[:：]\s*(.*)$/u.exec(line) ?? [null, "", line];
  return make("div", {}, make("dt", {}, label), make("dd", {}, value));
}

/** A link to a page of the web; anything else is text. */
function linkTo(url, text) {
  if (!/^https?:\/\//i.test(url)) return make("span", {}, text);
  return make("a", { href: url, target: "_blank", rel: "noreferrer" }, text);
}
