// WeixinJSBridge itself, added at the same time as in WeChat (WECHAT.md 8.7.2, 8.7.3).

/** Answers asynchronously and with a copy: the SDK changes the object that it gets. */
function invoke(name, params, callback) {
  const call = record(name, params && typeof params === "object" ? copy(params) : {});
  answerTo(call)
    .catch((problem) => {
      console.error(problem);
      return { err_msg: `${name}:fail` };
    })
    .then((answer) => {
      call.answer = copy(answer);
      changed();
      if (typeof callback === "function") setTimeout(() => callback(copy(answer)));
    });
}

/** Keeps one listener per event: the last one. */
function on(event, listener) {
  listeners[event] = listener;
  record(`on ${event}`, {}).answer = {};
  changed();
}

function install() {
  window.WeixinJSBridge = { invoke, call: invoke, on, log: () => {}, env: {}, _hasInit: true };
  const ready = document.createEvent("Events");
  ready.initEvent("WeixinJSBridgeReady");
  document.dispatchEvent(ready);
}

/** For tests: chooses a way of sharing and sends (or `cancel`s) at once; the card, or null if nothing was shared. */
function share(kind, outcome = "ok") {
  const offered = offeredShares();
  if (!offered.includes(kind)) throw new Error(`${kind} is none of: ${offered.join(", ") || "(all hidden)"}`);
  const chosen = chooseShare(kind);
  chosen?.finish(outcome);
  return chosen && copy(chosen.card);
}

/** For tests: what an API answers from now on, an object or a function of its parameters; null restores the usual one. */
function answer(name, given) {
  overrides[name] = given === null || typeof given === "function" ? given : () => copy(given);
}

window.mockWeChat = { platform: settings.platform, calls, share, answer };
presentPhone();
holdBackReports();
showLocalImages();
if (settings.overlay) whenThereIsAPage(showOverlay);
if (settings.late === null) install();
else setTimeout(install, settings.late);
