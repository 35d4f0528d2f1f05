// The corner of the page that shows each call and its answer, above the page and without moving its content.

const SHOWN_CALLS = 100;

/** Adds the overlay to the document, closed, in its own shadow tree. */
function showOverlay() {
  const host = make("mock-wechat", { keydown: (event) => event.stopPropagation() });
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [new CSSStyleSheet()];
  root.adoptedStyleSheets[0].replaceSync(settings.style);
  const toggle = button("", { class: "toggle", "aria-controls": "panel" }, () => unfold(panel.hidden));
  const leave = (event) => event.key === "Escape" && unfold(false);
  const panel = make("section", { id: "panel", tabindex: "-1", hidden: true, keydown: leave });
  const unfold = (open) => {
    toggle.ariaExpanded = String(open);
    panel.hidden = !open;
    (open ? panel : toggle).focus();
  };
  toggle.ariaExpanded = "false";
  root.append(panel, toggle);
  fill(panel, root, toggle, () => unfold(false));
  document.documentElement.append(host);
}

/** Fills the panel and keeps it up to date. */
function fill(panel, root, toggle, close) {
  const menu = make("div", { class: "menu", role: "group" });
  const list = make("ol");
  const items = new Map(); // call -> its {element, update}
  const update = () => {
    showState(toggle);
    showMenu(menu, root);
    showCalls(list, items);
  };
  const speak = () => {
    root.host.lang = language === "zh" ? "zh-CN" : "en";
    panel.ariaLabel = say("name");
    menu.replaceChildren();
    items.clear();
    panel.replaceChildren(header(switchLanguage, close), menu, make("p", { class: "empty" }, say("nothing")), list);
    update();
  };
  const switchLanguage = () => {
    language = language === "zh" ? "en" : "zh";
    speak();
    panel.querySelector("[lang]").focus();
  };
  watchers.push(update);
  speak();
}

function header(switchLanguage, close) {
  const clear = () => {
    calls.length = 0;
    changed();
  };
  return make(
    "header",
    {},
    make("h2", {}, `${say("name")} · ${PHONES[settings.platform].name}`),
    button(say("language"), { lang: language === "zh" ? "en" : "zh-CN" }, switchLanguage),
    button(say("clear"), {}, clear),
    button(say("close"), {}, close),
  );
}

/** Shows on the button whether WeChat accepted the config. */
function showState(toggle) {
  const config = calls.findLast((call) => call.name === "preVerifyJSAPI" && call.answer);
  const state = !config ? "unconfigured" : config.answer.err_msg === "preVerifyJSAPI:ok" ? "accepted" : "refused";
  toggle.dataset.state = state;
  toggle.replaceChildren(make("b", {}, say("name")), make("span", {}, say(state)));
}

/** Buttons for the ways of sharing; replaced only when these change, so that a pressed one stays. */
function showMenu(menu, root) {
  const kinds = offeredShares();
  if (menu.hasChildNodes() && menu.dataset.kinds === kinds.join()) return;
  const open = (kind) => {
    const chosen = chooseShare(kind);
    if (chosen) showCard(root, chosen);
  };
  menu.dataset.kinds = kinds.join();
  menu.ariaLabel = say("share");
  menu.replaceChildren(
    make("span", {}, kinds.length ? say("share") : say("hidden")),
    ...kinds.map((kind) => button(say(kind), {}, () => open(kind))),
  );
}

/** Newest first. Items that are shown already keep their place, open or focused. */
function showCalls(list, items) {
  const shown = calls.slice(-SHOWN_CALLS);
  for (const [call] of items) if (!shown.includes(call)) items.delete(call);
  for (const call of shown) {
    if (!items.has(call)) list.prepend(items.set(call, callItem(call)).get(call).element);
    items.get(call).update();
  }
  const elements = Array.from(items.values(), (item) => item.element);
  for (const element of [...list.children]) if (!elements.includes(element)) element.remove();
}

function callItem(call) {
  const outcome = make("span");
  const note = make("p", { class: "note" });
  const answered = make("pre");
  const element = make(
    "li",
    {},
    make(
      "details",
      {},
      make("summary", {}, make("code", {}, call.name), outcome),
      note,
      make("h3", {}, say("asked")),
      make("pre", {}, JSON.stringify(shownParams(call), null, 2)),
      make("h3", {}, say("answered")),
      answered,
    ),
  );
  const update = () => {
    outcome.textContent = call.answer ? call.answer.err_msg || "" : say("waiting");
    element.dataset.good = String(!call.answer?.err_msg || /:(ok|wifi)$/.test(call.answer.err_msg));
    note.textContent = call.note;
    answered.textContent = JSON.stringify(call.answer, null, 2);
  };
  return { element, update };
}

/** The parameters without the config's signature, which the SDK adds to every call. */
function shownParams({ name, params }) {
  if (name === "preVerifyJSAPI") return params;
  return Object.fromEntries(Object.entries(params).filter(([key]) => key !== "appId" && !/^verify[A-Z]/.test(key)));
}
