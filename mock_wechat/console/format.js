// Times, durations and values in readable form.

import { languageTag, say } from "./texts.js";

/** Unix seconds as a time of day, in the browser's time zone. */
export function timeOfDay(seconds, { withSeconds = true } = {}) {
  const parts = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return format(seconds, withSeconds ? { ...parts, second: "2-digit" } : parts);
}

/** Unix seconds as a day. */
export function day(seconds) {
  return format(seconds, { weekday: "short", year: "numeric", month: "short", day: "numeric" });
}

function format(seconds, parts) {
  return new Intl.DateTimeFormat(languageTag(), parts).format(seconds * 1000);
}

/** Seconds as hours:minutes:seconds, days before them if there are any. */
export function countdown(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return `${hours}:${two(minutes)}:${two(rest)}`;
}

/** Seconds in words, no more than two units: "1 h 58 min". */
export function duration(seconds) {
  const whole = Math.round(Math.abs(seconds));
  const units = [
    ["days", Math.floor(whole / 86400)],
    ["hours", Math.floor(whole / 3600) % 24],
    ["minutes", Math.floor(whole / 60) % 60],
    ["seconds", whole % 60],
  ];
  const first = units.findIndex(([, count]) => count);
  if (first < 0) return say("seconds", { count: 0 });
  const shown = units.slice(first, first + 2).filter(([, count]) => count);
  return shown.map(([unit, count]) => say(unit, { count })).join(" ");
}

/** Seconds in one rounded unit: "2 h". */
export function roughly(seconds) {
  const units = [["days", 86400], ["hours", 3600], ["minutes", 60]];
  const [unit, length] = units.find(([, it]) => seconds >= 1.5 * it) ?? ["seconds", 1];
  return say(unit, { count: Math.round(seconds / length) });
}

/** An appid by its end. */
export function shortAppid(appid) {
  return appid.length > 8 ? `…${appid.slice(-4)}` : appid;
}

/** The two ends of a token. */
export function short(value) {
  return value.length > 24 ? `${value.slice(0, 10)}…${value.slice(-6)}` : value;
}

/** JSON with its lines broken; any other text as it is. */
export function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function two(number) {
  return String(number).padStart(2, "0");
}
