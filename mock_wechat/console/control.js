// The page's calls to the control plane.

const BASE = "/_mock/";

/** An error of the control plane, in English. */
export class Refused extends Error {}

export const read = (path) => call("GET", path);
export const steer = (path, given = {}) => call("POST", path, given);
export const forget = (path) => call("DELETE", path);

/** The JSON of the answer. Throws Refused for an error of the mock, TypeError without an answer. */
async function call(method, path, given) {
  const headers = given === undefined ? {} : { "Content-Type": "application/json" };
  const body = given === undefined ? undefined : JSON.stringify(given);
  const answer = await fetch(BASE + path, { method, headers, body, cache: "no-store" });
  const json = await answer.json();
  if (!answer.ok) throw new Refused(json.error);
  return json;
}
