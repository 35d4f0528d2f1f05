// The report of each step, from the answers: pure. A report is what drawStep takes, and the overall `outcome`.

import { idFacts, problemFacts, timeFact } from "./answers.js";
import { canSay } from "./texts.js";
import { fact } from "./view.js";

const SHAPES = {
  appId: "wx0000000000000001",
  timestamp: "1700000000",
  nonceStr: "0123456789abcdef",
  signature: "0123456789abcdef0123456789abcdef01234567",
};

const WAITING = { text: "summaryWaiting", state: "waiting" };
const VALID = { text: "summaryValid", state: "ok" };
const INVALID = { text: "summaryInvalid", state: "failed" };
const UNCHECKED = { text: "summaryUnchecked", state: "skipped" };
const UNSIGNED = { text: "summaryUnsigned", state: "failed" };

/** Step 1, the request: `path` contains `url`; `hash` is not sent. */
export function asking(url, path, hash) {
  const facts = [fact("address", url), fact("sent", `GET ${path}`)];
  return { state: "ok", message: hash ? "askCut" : "askSent", facts };
}

/** Step 2 before the answer, with the space that a signature for `url` will take. */
export function signing(url) {
  return { state: "waiting", message: "answerWaiting", facts: signedFacts(url), outcome: WAITING };
}

/** Step 2: the signature, or the reason for none. `got` is the result of fetchJson. */
export function answered(url, got) {
  if (isSigned(got)) return { state: "ok", message: "answerSigned", facts: signedFacts(url, got) };
  const failed = { state: "failed", outcome: UNSIGNED };
  if (!got.status) return { ...failed, message: "noAnswer" };
  if (!got.json?.type) return { ...failed, message: "answerUnreadable", facts: [timeFact(got)] };
  const facts = [timeFact(got), ...problemFacts(got.json, { hint: hintOf(got.json) }), ...idFacts(got)];
  return { ...failed, message: "answerProblem", facts };
}

/** Whether an answer contains what wx.config needs. */
export function isSigned(got) {
  return got.status === 200 && typeof got.json?.signature === "string";
}

/** Step 3 before the verdict. */
export function judging() {
  return { state: "waiting", message: "verdictWaiting", facts: verdictFacts() };
}

/** Step 3 without a signature. */
export function nothingToJudge() {
  return { state: "skipped", message: "verdictNoSignature" };
}

/** Step 3 without a mock: `demo` is the answer to /demo.json. */
export function noMock(demo) {
  if (demo.status === 200) return { state: "skipped", message: "verdictNoMock", outcome: UNCHECKED };
  return { state: "failed", message: "noAnswer", outcome: UNCHECKED };
}

/** Step 3 for the signature that followed a refused one. */
export function renewed(report) {
  return report.state === "ok" ? { ...report, message: "verdictRenewed" } : report;
}

/** Step 3: the mock's verdict. */
export function judged(mock, got) {
  const facts = verdictFacts(`${mock}/_mock/verify`, got);
  if (got.json?.valid === true) return { state: "ok", message: "verdictValid", facts, outcome: VALID };
  if (got.json?.valid !== false) {
    return { state: "failed", message: "verdictNoAnswer", values: { mock }, outcome: UNCHECKED };
  }
  const { reason, detail } = got.json;
  facts.push(fact("reason", reason), fact("detail", detail, { prose: true }));
  const message = canSay(`reason.${reason}`) ? `reason.${reason}` : "verdictInvalid";
  return { state: "failed", message, facts, outcome: INVALID };
}

/** What a page of one's own needs to share itself, with this server at `origin`. */
export function snippet(origin) {
  return `<script src="https://res.wx.qq.com/open/js/jweixin-1.6.0.js"></script>
<script src="${origin}/static/wx-config.js"></script>
<script>
  wxConfig
    .configure({
      endpoint: "${origin}",
      jsApiList: ["updateAppMessageShareData"],
    })
    .then(() =>
      wx.updateAppMessageShareData({
        title: document.title,
        desc: "",
        link: location.href,
        imgUrl: "${origin}/static/icon.png",
      }),
    )
    .catch((error) => console.warn(error.code, error.message));
</script>`;
}

function signedFacts(url, got) {
  const value = (name) => (got ? String(got.json[name]) : undefined);
  const rows = Object.entries({ ...SHAPES, url }).map(([name, shape]) => fact(name, value(name), { shape }));
  return [timeFact(got), ...rows];
}

function hintOf({ hint, type }) {
  return hint ?? (type === "/problems/url-not-allowed" && ["hintNotAllowed", { host: location.hostname }]);
}

function verdictFacts(asked, got) {
  return [
    fact("asked", got && `GET ${asked}`, { shape: "GET http://127.0.0.1:9100/_mock/verify" }),
    fact("says", got && `valid: ${got.json?.valid}`, { shape: "valid: true" }),
  ];
}
