// The corner of the page that shows each call and its answer. It lies above the page and moves nothing in it.

const SHOWN_CALLS = 100;

/** Hangs the overlay on the document, folded up, in a shadow tree of its own. */
function showOverlay() {
  const host = make("mock-wechat", { keydown: (event) => event.stopPropagation() });
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [new CSSStyleSheet()];
  root.adoptedStyleSheets[0].replaceSync(settings.style);
  const toggle = button("", { class: "toggle", "aria-controls": "panel" }, () => unfold(toggle.ariaExpanded !== "true"));
  const panel = make("section", { id: "panel", tabindex: "-1", keydown: (event) => event.key === "Escape" && unfold(false) });
  const unfold = (open) => {
    toggle.ariaExpanded = String(open);
    panel.hidden = !open;
    (open ? panel : toggle).focus();
  };
  const update = () => {
    host.lang = language === "zh" ? "zh-CN" : "en";
    showState(toggle);
    showPanel(root, panel, () => unfold(false));
  };
  toggle.ariaExpanded = "false";
  panel.hidden = true;
  root.append(panel, toggle);
  watchers.push(update);
  update();
  document.documentElement.append(host);
}

/** The button: has WeChat taken the config? */
function showState(toggle) {
  const config = calls.findLast((call) => call.name === "preVerifyJSAPI" && call.answer);
  const state = !config ? "unconfigured" : config.answer.err_msg === "preVerifyJSAPI:ok" ? "accepted" : "refused";
  toggle.dataset.state = state;
  toggle.replaceChildren(make("b", {}, say("name")), make("span", {}, say(state)));
}

function showPanel(root, panel, close) {
  const focused = root.activeElement?.dataset.key;
  panel.ariaLabel = say("name");
  panel.replaceChildren(
    make(
      "header",
      {},
      make("h2", {}, `${say("name")} · ${settings.platform}`),
      button(say("language"), { "data-key": "language", lang: language === "zh" ? "en" : "zh-CN" }, switchLanguage),
      button(say("clear"), { "data-key": "clear" }, clearCalls),
      button(say("close"), { "data-key": "close" }, close),
    ),
    shareMenu(root),
    calls.length ? callList() : make("p", { class: "empty" }, say("nothing")),
  );
  if (focused) root.querySelector(`[data-key="${focused}"]`)?.focus();
}

function switchLanguage() {
  language = language === "zh" ? "en" : "zh";
  changed();
}

function clearCalls() {
  calls.length = 0;
  changed();
}

function shareMenu(root) {
  const kinds = offeredShares();
  const open = (kind) => {
    const chosen = chooseShare(kind);
    if (chosen) showCard(root, chosen);
  };
  return make(
    "div",
    { class: "menu", role: "group", "aria-label": say("share") },
    make("span", {}, kinds.length ? say("share") : say("hidden")),
    ...kinds.map((kind) => button(say(kind), { "data-key": kind }, () => open(kind))),
  );
}

/** The newest first. */
function callList() {
  return make("ol", {}, ...calls.slice(-SHOWN_CALLS).reverse().map(callItem));
}

function callItem(call) {
  const outcome = call.answer ? call.answer.errMsg || call.answer.err_msg || "" : say("waiting");
  const details = make(
    "details",
    { open: Boolean(call.open), toggle: () => (call.open = details.open) },
    make("summary", { "data-key": `call-${calls.indexOf(call)}` }, make("code", {}, call.name), make("span", {}, outcome)),
    ...(call.note ? [make("p", { class: "note" }, call.note)] : []),
    make("h3", {}, say("asked")),
    make("pre", {}, JSON.stringify(call.params, null, 2)),
    make("h3", {}, say("answered")),
    make("pre", {}, JSON.stringify(call.answer, null, 2)),
  );
  return make("li", { "data-good": /:(ok|wifi)$/.test(outcome) || !outcome }, details);
}
