// The content of the timeline: per account and kind the generations as bars, and the calls that used or got them.

import { byKind } from "./kinds.js";

const REFUSALS = [40001, 40014, 42001]; // how WeChat refuses a token

/**
 * `[{appid, credential, bars}]`. A bar has `from`, `until` (when it stops working), `replacedAt` (when its successor came or its age was
 * over, if it works on), `endedEarly`, and `marks`: `{at, kind, call}` with kind alive, odd, dead or issued.
 * Tokens that WeChat never issued make one lane without a credential.
 */
export function lanesOf({ accounts }, calls) {
  const bars = new Map();
  const lanes = accounts.flatMap(({ appid, credentials }) => {
    return byKind(credentials).map(([kind, line]) => ({ appid, credential: kind, bars: barsOf(bars, appid, line) }));
  });
  for (const call of calls) place(bars, call);
  const unknown = calls.filter((call) => call.token_state === "unknown");
  return unknown.length ? [...lanes, unknownLane(unknown)] : lanes;
}

function barsOf(bars, appid, line) {
  return line.map((it, index) => {
    const replacedAt = Math.min(it.expires_at, line[index + 1]?.issued_at ?? Infinity);
    const bar = {
      key: keyOf(appid, it),
      credential: it.credential,
      generation: it.generation,
      from: it.issued_at,
      until: it.usable_until,
      replacedAt: Math.min(replacedAt, it.usable_until),
      endedEarly: it.usable_until < it.expires_at,
      marks: [],
    };
    bars.set(bar.key, bar);
    return bar;
  });
}

function place(bars, call) {
  if (call.used) bars.get(keyOf(call.appid, call.used))?.marks.push({ at: call.at, kind: kindOf(call), call });
  if (call.issued) bars.get(keyOf(call.appid, call.issued))?.marks.push({ at: call.at, kind: "issued", call });
}

function kindOf({ token_state: state, errcode }) {
  if (state === "dead") return "dead";
  return REFUSALS.includes(errcode) ? "odd" : "alive";
}

function unknownLane(calls) {
  const marks = calls.map((call) => ({ at: call.at, kind: "dead", call }));
  return { appid: null, credential: null, bars: [{ key: "unknown", marks }] };
}

function keyOf(appid, { credential, generation }) {
  return `${appid} ${credential} ${generation}`;
}
