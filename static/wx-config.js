// Configures WeChat's JS-SDK for the page, and again when its route changes. Load it before any router runs: as a
// classic script it is window.wxConfig, as an ES module import wx-config.mjs. docs/wx-config.md explains its use.

(function (root) {
  "use strict";

  const SILENCE_SECONDS = 20; // a phone that takes longer never answers
  const REMEMBERED = "wx-config";

  const agent = root.document ? navigator.userAgent : ""; // a server that renders the page has no document
  const version = (/MicroMessenger\/([\d.]+)/i.exec(agent) || [])[1];
  const isHarmony = /ArkWeb/i.test(agent);
  const withoutFragment = (url) => url.split("#")[0];
  const ignore = () => {};
  const address = () => withoutFragment(location.href);

  // iPhones verify the address that was loaded first, regardless of pushState; all others the current one.
  let entry = version && address();
  let wants = /iPhone|iPad/.test(agent) && !isHarmony && !/wechatdevtools/i.test(agent) ? "entry" : "current";
  let options; // the options of configure
  let names; // its jsApiList; the SDK writes WeChat's own names into it
  let latest = { promise: Promise.resolve() }; // the last run and its address
  let accepted; // the config that WeChat has accepted

  /** Resolves once WeChat has taken the page's config, rejects with an Error that has a `code`. */
  async function configure(given) {
    options = { endpoint: "", jsApiList: [], wx: root.wx, ...given };
    names = [...options.jsApiList];
    accepted = latest.url = null;
    if (options.wx && options.wx.invoke) options.wx.checkJsApi({ jsApiList: names }); // for the names alone
    return ready();
  }

  /** The same for the page's current address: at once if WeChat has accepted its config. */
  async function ready() {
    check();
    const url = target();
    if (latest.url !== url) {
      const run = { url };
      run.promise = latest.promise.catch(ignore).then(() => settle(run));
      latest = run;
    }
    return latest.promise;
  }

  /** Throw if no attempt can succeed. */
  function check() {
    if (!version) throw problem("outside-wechat", "This browser is not WeChat's.");
    if (!options) throw problem("not-configured", "Call configure() first.");
    if (options.snapshot) throw problem("snapshot", "A snapshot page (快照页) has no JS-SDK.");
    if (isHarmony && window !== top) throw problem("iframe", "HarmonyOS: no JS-SDK in iframes.");
    if (!options.wx) throw problem("sdk-missing", "The JS-SDK is not loaded.");
  }

  async function settle(run) {
    const here = address();
    const first = target();
    if (accepted && accepted.url === first) return accepted;
    let signed, refusal;
    const attempt = async (path, given) => (refusal = await submit((signed = await ask(path, given))));
    accepted = null;
    await attempt("signature", { url: first });
    let claim = signed;
    const real = verified(refusal);
    for (const url of new Set([...real, entry, address()])) {
      // The server may refuse to sign one: on Android the entry address need not be on the JS domains.
      if (refusal && url !== first) await attempt("signature", { url }).catch(ignore);
      if (signed.url === real[0]) claim = signed;
    }
    if (refusal && (await attempt("refused", claim))) throw refused(refusal);
    if (signed.url !== first) learn(signed.url, here);
    run.url = signed.url;
    return (accepted = signed);
  }

  function target() {
    return wants === "entry" ? entry : address();
  }

  /** The page's own addresses among those that the phone says it verified: "[a, b]", "a", ["a", "b"] and the like. */
  function verified({ realAuthUrl }) {
    const urls = `${realAuthUrl}`.split(/[\s",[\]]+(?=https?:)|[\s"]*]?\s*$/);
    return urls.map(withoutFragment).filter((url) => url.startsWith(location.origin + "/"));
  }

  /** WeChat accepted `url`, not the expected address. If the page has left `here` meanwhile, that proves nothing. */
  function learn(url, here) {
    if (url === here) wants = "current";
    else if (here === address()) {
      entry = url;
      wants = "entry";
    }
    try {
      sessionStorage.setItem(REMEMBERED, wants);
    } catch {
      // Storage may be forbidden: the page remembers until it closes.
    }
  }

  /** Request a config from the server; by POST, so that no log has the page's address. */
  async function ask(path, given) {
    const { endpoint, account } = options;
    const request = { method: "POST", body: JSON.stringify({ ...given, account }) };
    const answer = await fetch(`${endpoint.replace(/\/$/, "")}/api/jssdk/${path}`, request).catch(() => {
      throw problem("server", "No answer: is the server up, the page on its JS domains?");
    });
    const json = await answer.json().catch(() => ({}));
    if (json.signature) return json;
    throw problem("server", json.detail || `HTTP ${answer.status}`, { problem: json });
  }

  /** Pass the config to WeChat. Resolves with nothing if accepted, with the answer if the signature is refused. */
  function submit(signed) {
    const { wx, debug, openTagList } = options;
    const config = { ...signed, debug, openTagList, jsApiList: names };
    return new Promise((resolve, reject) => {
      const silent = () => reject(problem("silent", "WeChat is silent: a snapshot page?"));
      const timer = setTimeout(silent, SILENCE_SECONDS * 1000);
      const end = (answer) => {
        const reason = reasonOf(answer);
        clearTimeout(timer);
        if (!reason || /invalid.signature/i.test(reason)) resolve(reason && answer);
        else reject(refused(answer));
      };
      const verify = () =>
        wx.invoke("preVerifyJSAPI", { verifyJsApiList: names, verifyOpenTagList: openTagList }, end);
      if (wx.invoke) {
        // The SDK reports the result of its first config only: set the new one and make its verifying call here.
        wx.config({ ...config, check: false });
        verify();
      } else {
        wx.error(end); // runs before ready, which always runs
        // The SDK compares versions as texts and hides the errors of WeChat 1.0 on HarmonyOS.
        wx.ready(() => (version >= "6.0.2" ? end({}) : verify()));
        wx.config(config);
      }
    });
  }

  /** WeChat's reason for refusing; empty if it accepted. */
  function reasonOf({ errMsg, err_msg }) {
    const reason = (errMsg || err_msg || "").replace(/^.*?:(fail_)?/, "").replace(/_/g, " ");
    return reason.replace(/^(ok|function not exist)$/, "");
  }

  function refused(answer) {
    const reason = reasonOf(answer);
    return problem(/snapshot|快照/i.test(reason) ? "snapshot" : "refused", `config:${reason}`, { answer });
  }

  function problem(code, message, more) {
    return Object.assign(new Error(message), { code }, more);
  }

  /** Follow routers. Callers of ready() get the errors. */
  function routed() {
    if (options) setTimeout(() => ready().catch(ignore));
  }

  if (version) {
    for (const name of ["pushState", "replaceState"]) {
      const change = history[name];
      history[name] = function () {
        change.apply(this, arguments);
        routed();
      };
    }
    addEventListener("popstate", routed);
    try {
      wants = sessionStorage.getItem(REMEMBERED) || wants;
    } catch {
      // Storage is forbidden: keep the rule.
    }
  }
  root.wxConfig = { configure, ready };
})(globalThis);
