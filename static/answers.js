// Requests to the server and the mock, and the rows that every page shows of an answer.

import { fact } from "./view.js";

const PATIENCE_SECONDS = 20; // longer than the server waits for WeChat

/** Names of the texts that advise where the server's problem document has no hint. */
export const OWN_HINTS = {
  "/problems/key-required": "hintKey",
  "/problems/key-not-allowed": "hintScope",
  "/problems/not-found": "hintListener",
};

/** The name of the text about a missing or unusable API key, or undefined. */
export function wrongKey(typed) {
  if (!typed) return "keyMissing";
  return /^[\x21-\x7e]+$/.test(typed) ? undefined : "keyWrong";
}

/** `{status, milliseconds, json, requestId, retryAfter}`; empty without an answer. Never rejects. A `body` is posted. */
export async function fetchJson(address, { key, body, seconds = PATIENCE_SECONDS } = {}) {
  const began = performance.now();
  try {
    const answer = await fetch(address, {
      method: body === undefined ? "GET" : "POST",
      headers: key ? { Authorization: `Bearer ${key}` } : {},
      credentials: key ? "omit" : "same-origin",
      body,
      cache: "no-store",
      signal: AbortSignal.timeout?.(seconds * 1000), // browsers without it use their own timeout
    });
    const json = await answer.json().catch(() => undefined);
    return {
      status: answer.status,
      milliseconds: Math.round(performance.now() - began),
      json,
      requestId: answer.headers.get("X-Request-ID"),
      retryAfter: answer.headers.get("Retry-After"),
    };
  } catch {
    return {};
  }
}

/** Status and duration; without an answer yet, the space that they will take. */
export function timeFact(got) {
  const value = got && ["timeValue", { status: got.status, milliseconds: got.milliseconds }];
  return fact("time", value, { shape: "200 · 10 ms" });
}

/** The request id, by which the server's log has the details. */
export function idFacts({ requestId }) {
  return requestId ? [fact("X-Request-ID", requestId)] : [];
}

/** A problem document: what happened, what to do, `more`, and WeChat's error. `hint` is a value of `fact`. */
export function problemFacts(problem, { hint = hintOf(problem), more = [] } = {}) {
  const given = (name, how) => (problem[name] == null ? [] : [fact(name, String(problem[name]), how)]);
  return [
    ...given("title", { prose: true }),
    ...given("detail", { prose: true }),
    ...(hint ? [fact("hint", hint, { prose: true })] : []),
    ...more,
    ...["errcode", "errmsg", "rid", "type"].flatMap((name) => given(name)),
  ];
}

function hintOf({ hint, type }) {
  return hint ?? (OWN_HINTS[type] && [OWN_HINTS[type]]);
}
