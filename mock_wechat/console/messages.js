// Messages after actions, and announcements of new events for screen readers.

import { Refused } from "./control.js";
import { write } from "./dom.js";
import { say } from "./texts.js";

const SECONDS = 5;

const toast = document.getElementById("toast");
let ending;

/** Shows a line for a few seconds. */
export function tell(text, { wrong = false } = {}) {
  clearTimeout(ending);
  toast.dataset.state = wrong ? "wrong" : "done";
  toast.textContent = text;
  ending = setTimeout(() => write(toast, ""), SECONDS * 1000);
}

/** What to show for an error of a control call. */
export function reasonOf(error) {
  return error instanceof Refused ? error.message : say("unanswered");
}

/** Announce new generations, calls with a dead token, and addresses that wait for the administrator. */
export class News {
  #known;

  take(state, calls) {
    const [heard, first] = [this.#known ?? new Map(), !this.#known];
    this.#known = new Map([...generations(state), ...questions(state), ...deadCalls(calls)]);
    const lines = [...this.#known].filter(([key]) => !heard.has(key)).map(([, line]) => line);
    if (!first && lines.length) document.getElementById("news").textContent = lines.slice(-3).join(" ");
  }
}

function generations({ accounts }) {
  return accounts.flatMap(({ appid, credentials }) =>
    credentials
      .filter(({ state }) => state === "current")
      .map((it) => [it.value, say("newsGeneration", { appid, ...it })]),
  );
}

function questions({ confirmations }) {
  const pending = confirmations.filter(({ state }) => state === "pending");
  return pending.map((it) => [`${it.appid} ${it.ip}`, say("newsQuestion", it)]);
}

function deadCalls(calls) {
  return calls.filter((call) => call.token_state === "dead").map((call) => [call.id, say("newsDead", call)]);
}
