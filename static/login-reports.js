// The report of each step of a login: pure. A report is what drawStep takes.

import { idFacts, problemFacts, timeFact } from "./answers.js";
import { fact } from "./view.js";

const TEXT_OF_WAITING = { start: "startWaiting", user: "userWaiting", back: "backWaiting", redeem: "redeemWaiting" };

export const UNSTARTED = Object.fromEntries(
  Object.entries(TEXT_OF_WAITING).map(([step, message]) => [step, { state: "waiting", message }]),
);

/** Steps 1 and 2, which are over once the browser is back. `attempt` is null if this tab did not begin it. */
export function started(attempt) {
  if (!attempt) return { start: skipped("startForeign"), user: skipped("userForeign") };
  const [path, query] = attempt.address.split("?");
  const given = [...new URLSearchParams(query)].map(([name, value]) => fact(name, value));
  return {
    start: { state: "ok", message: "startDone", facts: [fact("sent", `GET ${path}`), ...given] },
    user: { state: "ok", message: "userDone", facts: [] },
  };
}

/** Step 3: the browser is back with the state of this login. */
export function backHere(address) {
  return { back: { state: "ok", message: "backDone", facts: arrivedFacts(address) } };
}

/** Step 3 of a login that is not this tab's latest: a site refuses it. */
export function foreign(address) {
  return {
    back: { state: "failed", message: "backForeign", facts: arrivedFacts(address) },
    redeem: skipped("redeemForeign"),
  };
}

/** Step 4: the user, or the reason for none. `got` is the answer of the central server. */
export function redeemed(got) {
  if (!got.status) return { state: "failed", message: "noAnswer" };
  if (got.status === 200 && got.json?.openid) return known(got);
  if (!got.json?.type) return { state: "failed", message: "answerUnreadable", facts: [timeFact(got)] };
  return { state: "failed", message: "redeemProblem", facts: problemRows(got) };
}

/** The text above all steps. */
export function outcomeOf({ back, redeem }) {
  if (redeem.user?.is_snapshotuser) return { state: "failed", text: "summarySnapshot" };
  if (redeem.user) return { state: "ok", text: "summaryKnown", values: { name: nameOf(redeem.user) } };
  if (redeem.state === "failed" || back.state === "failed") return { state: "failed", text: "summaryFailed" };
  return { state: "waiting", text: back.state === "ok" ? "summaryRedeeming" : "summaryWaiting" };
}

function known({ json: user, ...got }) {
  const facts = Object.entries(user).map(([name, value]) => fact(name, String(value)));
  const message = user.is_snapshotuser ? "redeemSnapshot" : "redeemDone";
  return { state: "ok", message, facts: [sentFact(), timeFact(got), ...facts], user };
}

function nameOf({ nickname, openid }) {
  return nickname ?? openid;
}

function skipped(message) {
  return { state: "skipped", message };
}

function arrivedFacts(address) {
  const { searchParams } = new URL(address);
  return [fact("address", address.split("?")[0]), ...[...searchParams].map(([name, value]) => fact(name, value))];
}

function problemRows({ json: problem, ...got }) {
  return [sentFact(), timeFact(got), ...problemFacts(problem), ...idFacts(got)];
}

function sentFact() {
  return fact("sent", "POST /api/oauth/redeem {ticket, verifier}");
}
