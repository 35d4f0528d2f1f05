// The reports of the content check: pure. A report has a `state`, the texts `word` and `meaning`, and `facts`.

import { idFacts, problemFacts, timeFact } from "./answers.js";
import { canSay } from "./texts.js";
import { fact } from "./view.js";

const VERDICTS = ["pass", "review", "risky"];

export const IDLE = { state: "waiting", word: "idle", meaning: "idleMeaning", facts: [] };
export const ASKING = { state: "waiting", word: "asking", meaning: "askingMeaning", facts: [] };

/** The report on an answer: a verdict, a problem, anything else, or none. `got` is the result of fetchJson. */
export function report(got) {
  if (!got.status) return noVerdict("noAnswer", []);
  if (got.status === 200 && VERDICTS.includes(got.json?.suggest)) return judged(got);
  if (got.json?.type) return noVerdict("problemMeaning", problemRows(got));
  return noVerdict("answerUnreadable", [timeFact(got)]);
}

function noVerdict(meaning, facts) {
  return { state: "problem", word: "problem", meaning, facts };
}

function judged({ json: verdict, ...got }) {
  const { suggest } = verdict;
  const unchecked = !verdict.checked && canSay(`${suggest}Unchecked`);
  return {
    state: suggest,
    word: suggest,
    meaning: unchecked ? `${suggest}Unchecked` : `${suggest}Meaning`,
    facts: [...verdictFacts(verdict), timeFact(got), ...idFacts(got)],
  };
}

function verdictFacts(verdict) {
  return [
    fact("label", labelOf(verdict), { prose: true }),
    fact("checked", [verdict.checked ? "checkedYes" : "checkedNo"], { prose: true }),
    fact("cached", [verdict.cached ? "cachedYes" : "cachedNo"], { prose: true }),
    ...(verdict.frames > 1 ? [fact("framesChecked", framesOf(verdict), { prose: true })] : []),
    ...(verdict.sent?.length ? [fact("sentFiles", verdict.sent.map(file).join("\n"))] : []),
    fact("api", verdict.api),
    ...(verdict.trace_id ? [fact("trace_id", verdict.trace_id)] : []),
    ...(verdict.detail?.length ? [fact("detail", verdict.detail.map(finding).join("\n"))] : []),
  ];
}

function labelOf({ label, label_name: name }) {
  if (label == null) return ["labelNone"];
  return [canSay(`label.${name}`) ? `label.${name}` : "labelUnknown", { label }];
}

function framesOf({ frames, frames_checked: checked }) {
  return ["framesValue", { frames, checked }];
}

/** A file as WeChat received it; the same in both languages. */
function file({ bytes, width, height, content_type: type }) {
  return `${width} × ${height} px · ${bytes.toLocaleString("en")} B · ${type.replace("image/", "")}`;
}

/** One finding of WeChat, in its own words. */
function finding(found) {
  return Object.entries(found)
    .map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`)
    .join(" · ");
}

function problemRows({ json: problem, ...got }) {
  const wait = got.retryAfter ? [fact("wait", ["waitValue", { seconds: got.retryAfter }], { prose: true })] : [];
  return [...problemFacts(problem, { more: wait }), timeFact(got), ...idFacts(got)];
}
