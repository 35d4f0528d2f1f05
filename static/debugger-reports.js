// The debugger's reports: pure. A report has a `state`, the text `word`, explanations `said`, and `facts`.
// An explanation has a `text` and may have a `title`: {en, zh}, a text's name, or a list of a name and its values.

import { idFacts, OWN_HINTS, timeFact, wrongKey } from "./answers.js";
import { diagnose, MISTAKES, right, string1 } from "./debugger-mistakes.js";
import { sha1 } from "./sha1.js";
import { fact } from "./view.js";

export const UNASKED = report("waiting", "unasked");
export const ASKING = report("waiting", "asking");

/** Diagnose the claim with its own ticket; nothing is sent. */
export function local(claim) {
  const missing = missingIn(claim, ["url", "noncestr", "timestamp"]);
  if (missing || !(claim.ticket || claim.cardTicket)) return report("waiting", missing ?? "ticketMissing");
  const facts = claim.ticket ? rightFacts(claim) : [];
  if (missingIn(claim, ["signature"])) return report("waiting", missingIn(claim, ["signature"]), [], facts);
  const found = diagnose(claim);
  if (!found) return report("failed", "unknown", unknownSaid(claim), facts);
  if (!found.mistakes.length) return report("ok", "rightWord", [{ text: "rightMeaning" }], facts);
  return mistaken(found.mistakes, [...facts, fact("signed", found.string1)]);
}

/** A report why the request cannot be sent yet, or undefined. */
export function unready(claim, key) {
  const missing = wrongKey(key) ?? missingIn(claim, ["url", "noncestr", "timestamp", "signature"]);
  return missing ? report("asked", missing) : undefined;
}

/** The server's answer. `got` is the result of fetchJson. */
export function remote(got) {
  if (!got.status) return report("failed", "noAnswer");
  if (got.status === 200 && Array.isArray(got.json?.mistakes)) return judged(got);
  if (got.json?.type) return report("failed", "problem", problemSaid(got.json), [timeFact(got), ...idFacts(got)]);
  return report("failed", "answerUnreadable", [], [timeFact(got)]);
}

function judged({ json, ...got }) {
  const facts = [fact("account", json.account), ...untriedFacts(json), timeFact(got), ...idFacts(got)];
  if (json.valid) return report("ok", "rightWord", [{ text: json.hint }], facts);
  if (!json.mistakes.length) return report("failed", json.listed ? "unknown" : "notListed", [{ text: json.hint }], facts);
  const known = mistaken(json.mistakes, facts);
  return json.listed ? known : { ...known, said: [...known.said, { title: "notListed", text: "notListedMeaning" }] };
}

function mistaken(mistakes, facts) {
  const said = mistakes.map((name) => {
    const known = MISTAKES.find((mistake) => mistake.name === name);
    return known ? { title: known.title, text: known.hint } : { text: ["otherMistake", { name }] };
  });
  return report("failed", mistakes.length > 1 ? "foundTwo" : "found", said, facts);
}

function unknownSaid(claim) {
  const untried = [
    ...(claim.landingUrl ? [] : [{ text: "untriedLanding" }]),
    ...(claim.cardTicket ? [] : [{ text: "untriedCard" }]),
  ];
  return [{ text: "unknownMeaning" }, ...untried];
}

/** The name of the text about a missing or wrong field, or undefined. */
function missingIn(claim, names) {
  const wrong = {
    timestamp: !/^\d{1,15}$/.test(claim.timestamp) && "timestampWrong",
    signature: !/^[0-9a-f]{40}$/i.test(claim.signature) && "signatureWrong",
  };
  for (const name of names) {
    if (!claim[name]) return `${name}Missing`;
    if (wrong[name]) return wrong[name];
  }
  return undefined;
}

function rightFacts(claim) {
  const text = string1(right(claim));
  return [fact("string1", text), fact("SHA-1", sha1(text))];
}

function untriedFacts({ untried }) {
  return untried.length ? [fact("untried", untried.join(", "))] : [];
}

function problemSaid(problem) {
  const own = OWN_HINTS[problem.type];
  const hints = [problem.hint, own].filter(Boolean).map((text) => ({ text }));
  return [{ text: { en: problem.detail, zh: problem.detail } }, ...hints];
}

function report(state, word, said = [], facts = []) {
  return { state, word, said, facts };
}
