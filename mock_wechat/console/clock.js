// WeChat's clock: its time, its offset from this machine's clock, and the next expiry.

import { write } from "./dom.js";
import { countdown, day, duration, timeOfDay } from "./format.js";
import { say } from "./texts.js";

const NOTICEABLE = 2; // seconds: asking takes a moment

const past = document.getElementById("past");

export function drawClock(state) {
  const { now } = state;
  const time = document.getElementById("time");
  write(time, timeOfDay(now));
  time.dateTime = new Date(now * 1000).toISOString();
  write(document.getElementById("date"), day(now));
  write(document.getElementById("offset"), offset(now - Date.now() / 1000) + (state.still ? ` · ${say("still")}` : ""));
  const next = nextEnd(state);
  past.ariaDisabled = String(!next);
  write(document.getElementById("next"), next ? `${next.credential} · ${countdown(next.usable_until - now)}` : say("nothingExpires"));
}

/** Seconds to just after the next end of a credential, or undefined if none is alive. */
export function secondsPastNextEnd(state) {
  const next = nextEnd(state);
  return next && next.usable_until - state.now + 1;
}

function nextEnd({ accounts }) {
  const alive = accounts.flatMap((account) => account.credentials).filter(({ state }) => state !== "dead");
  return alive.sort((one, other) => one.usable_until - other.usable_until)[0];
}

function offset(seconds) {
  if (Math.abs(seconds) < NOTICEABLE) return say("inSync");
  return say(seconds > 0 ? "ahead" : "behind", { duration: duration(seconds) });
}
