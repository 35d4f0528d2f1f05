// One call in full: request, token, answer.

import { make } from "./dom.js";
import { pretty } from "./format.js";
import { say } from "./texts.js";

/** The elements that show a call's request and answer. */
export function exchange(call) {
  return [...request(call), ...answer(call)];
}

function request(call) {
  const headers = Object.entries(call.headers).map(([name, value]) => `${name}: ${value}`);
  return [
    make("h3", {}, `${say("request")} ${call.id} · ${say("from", call)}`),
    make("p", { class: "code" }, `${call.method} ${call.path}`),
    make("dl", { class: "query" }, ...Object.entries(call.query).map(([name, value]) => parameter(call, name, value))),
    ...bodyOf(call),
    make("details", { class: "headers" }, make("summary", {}, say("headers")), make("pre", {}, headers.join("\n"))),
  ];
}

function parameter(call, name, value) {
  const described = make("dd", { class: "code" }, value);
  if (name === "access_token" && call.used) {
    described.append(make("span", { class: "whose" }, `${call.used.credential} · ${say("generation", call.used)} · ${say(call.token_state)}`));
  }
  return make("div", {}, make("dt", { class: "code" }, name), described);
}

function bodyOf({ body, body_length: length, body_sha256: sha256 }) {
  if (!length) return [];
  if (body === null) return [make("p", { class: "note" }, say("binary", { length, sha256 }))];
  const isCut = new TextEncoder().encode(body).length < length;
  return [make("pre", {}, pretty(body)), ...(isCut ? [make("p", { class: "note" }, say("cut", { length }))] : [])];
}

function answer({ status, answer: text, issued }) {
  if (status === null) return [make("h3", {}, say("answer")), make("p", {}, say("noAnswer"))];
  const given = issued ? ` · ${issued.credential} · ${say("generation", issued)}` : "";
  return [make("h3", {}, `${say("answer")} · HTTP ${status}${given}`), make("pre", {}, pretty(text ?? "") || say("emptyBody"))];
}
