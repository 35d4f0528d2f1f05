// What accounts sent, and the media that they uploaded, newest first.

import { drawContent, pictureOf } from "./bubbles.js";
import { contentOfSent } from "./content.js";
import { keep, make, write } from "./dom.js";
import { shortAppid, timeOfDay } from "./format.js";
import { currentLanguage, say } from "./texts.js";

const PAGE = 12;

const more = document.getElementById("more-sent");
let shown = PAGE;

export function drawSent({ sent, media }) {
  const newest = sent.slice(-shown).reverse();
  document.getElementById("sent-empty").hidden = sent.length > 0;
  keep(document.getElementById("sent-list"), newest, ({ id, at }) => `${id} ${at}`, sentPart);
  more.hidden = sent.length <= shown;
  document.getElementById("media").hidden = !media.length;
  keep(document.getElementById("media-list"), media.slice(-PAGE).reverse(), ({ id }) => String(id), mediaPart);
}

export function showMoreSent(feed) {
  shown += PAGE;
  drawSent(feed);
}

function sentPart(message) {
  const element = make("li", {});
  let language;

  function update() {
    if (language === currentLanguage()) return; // a message never changes, the language may
    language = currentLanguage();
    const to = [message.touser ?? []].flat().map(shortEnd).join(", ");
    const kind = make("span", { class: "chip" }, say(`sent.${message.kind}`));
    const path = make("span", { class: "code appid", title: message.appid }, `${shortAppid(message.appid)}${to && ` → ${to}`}`);
    const time = make("time", { class: "code appid" }, timeOfDay(message.at));
    element.replaceChildren(make("p", { class: "line" }, kind, path, time), drawContent(contentOfSent(message)));
  }
  return { element, update };
}

function shortEnd(openid) {
  return shortAppid(String(openid));
}

function mediaPart(it) {
  const facts = make("p", { class: "code" });
  const picture = it.type === "image" || it.type === "thumb" ? make("img", { class: "picture", src: pictureOf(it.media_id), alt: "" }) : "";
  const element = make("li", {}, picture, make("p", { class: "name" }, it.filename ?? ""), facts, make("p", { class: "code appid" }, it.media_id));
  const update = () => write(facts, say(it.permanent ? "mediaKept" : "mediaPassing", it));
  return { element, update };
}
