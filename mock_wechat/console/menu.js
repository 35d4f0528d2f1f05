// An account's menu, as the bottom bar of the chat.

import { keep, make, write } from "./dom.js";

const EVENTS = { click: "CLICK", view: "VIEW", miniprogram: "view_miniprogram" };
const SILENT = ["media_id", "view_limited", "article_id", "article_view_limited"]; // these push nothing

const bar = document.getElementById("menu");
let open; // the place of the button whose sub-menu is shown, or undefined

/** `tap(event, key)` sends the event of a button. */
export function drawMenu(menu, tap) {
  const buttons = menu?.button ?? [];
  if (!buttons.length) open = undefined;
  bar.hidden = !buttons.length;
  keep(bar, buttons.map((button, place) => ({ button, place })), ({ place }) => String(place), () => buttonPart(tap));
}

function close() {
  const place = open;
  open = undefined;
  for (const { update } of bar.parts?.values() ?? []) update();
  bar.children[place]?.firstChild.focus();
}

bar.addEventListener("keydown", (event) => event.key === "Escape" && open !== undefined && close());

function buttonPart(tap) {
  let shown;
  const face = make("button", { type: "button", click: () => press() });
  const list = make("ul", { class: "sub-menu", role: "list" });
  const element = make("div", {}, face, list);

  function press() {
    const { button, place } = shown;
    if (!subButtons(button).length) return send(button, tap);
    if (open === place) return close();
    open = place;
    for (const { update } of bar.parts.values()) update();
    list.querySelector("button").focus();
  }
  function update(item = shown) {
    shown = item;
    const subs = subButtons(item.button);
    write(face, item.button.name ?? "");
    face.ariaExpanded = subs.length ? String(open === item.place) : null;
    list.hidden = open !== item.place || !subs.length;
    keep(list, subs.map((sub, place) => ({ sub, place })), ({ place }) => String(place), () => subPart(tap));
  }
  return { element, update };
}

function subPart(tap) {
  let shown;
  const face = make("button", { type: "button", click: () => (close(), send(shown, tap)) });
  return { element: make("li", {}, face), update: ({ sub }) => write(face, (shown = sub).name ?? "") };
}

function subButtons({ sub_button: subs }) {
  return [subs?.list ?? subs ?? []].flat();
}

function send({ type, key, url, pagepath }, tap) {
  if (!SILENT.includes(type)) tap(EVENTS[type] ?? type, type === "view" ? url : type === "miniprogram" ? pagepath : key);
}
