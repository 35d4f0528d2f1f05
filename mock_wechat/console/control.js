// The control plane, from the page. Nothing here that curl could not do as well.

const BASE = "/_mock/";

/** What the control plane said against a call; the text is its own, in English. */
export class Refused extends Error {}

export const read = (path) => call("GET", path);
export const steer = (path, given = {}) => call("POST", path, given);
export const forget = (path) => call("DELETE", path);

/** The answer's JSON. Throws Refused where the mock says no, TypeError where nobody answers. */
async function call(method, path, given) {
  const headers = given === undefined ? {} : { "Content-Type": "application/json" };
  const body = given === undefined ? undefined : JSON.stringify(given);
  const answer = await fetch(BASE + path, { method, headers, body, cache: "no-store" });
  const json = await answer.json();
  if (!answer.ok) throw new Refused(json.error);
  return json;
}
