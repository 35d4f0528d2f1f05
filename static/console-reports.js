// What the console says about a status: pure. `now` is the server's time, in Unix seconds.

import { canSay, currentLanguage, languageTag, say } from "./texts.js";

const WINDOW_SECONDS = 2 * 3600; // of the bars, on each side of now
const NEAR_SECONDS = 12 * 3600;
const MOST_NAMES = 10; // at the top
const CREDENTIAL_STATES = { fresh: "ok", stale: "review", expired: "failed" };
const EVENT_STATES = { fetched: "ok", failed: "failed", cooldown: "failed", lifted: "review", forced: "review" };
const VERDICT_STATES = { ok: "ok", failed: "failed", note: "review" };

/** The state and the text at the top. */
export function summary(status) {
  if (status.status === "unusable") return { state: "failed", text: say("unusable"), number: 1 };
  if (status.store) return { state: "failed", text: say("storeFails"), number: 1 };
  const states = status.accounts.map((one) => [one.account, accountState(one)]).filter(([, state]) => state !== "ok");
  if (!states.length) return { state: "ok", text: say("well"), number: 0 };
  const failed = states.filter(([, state]) => state === "failed");
  const names = (failed.length ? failed : states).map(([account]) => account);
  const accounts = names.slice(0, MOST_NAMES).join(", ") + (names.length > MOST_NAMES ? ` (+${names.length - MOST_NAMES})` : "");
  if (!failed.length) return { state: "review", text: say("served", { accounts }), number: states.length };
  return { state: "failed", text: say("trouble", { accounts }), number: failed.length };
}

/** ok; review: something failed, and callers are served; failed: callers get errors. */
function accountState(account) {
  if (account.credentials.some(({ state }) => state === "expired")) return "failed";
  if (!account.cooldowns.length) return "ok";
  return account.cooldowns.every((one) => isServed(one, account)) ? "review" : "failed";
}

/** Whether callers get the credential of this cooldown all the same. */
function isServed({ credential }, { credentials }) {
  return credentials.some((one) => one.credential === credential && ["fresh", "stale"].includes(one.state));
}

/** The state, the texts and the two spans of a credential's bar: `from` and `width` in per cent. */
export function credentialReport(credential, now) {
  const { credential: name, state, generation, obtained_at, stale_at, expires_at } = credential;
  const alive = now < expires_at;
  const text = { missing: () => say("neverFetched"), unknown: () => say("notRead") }[state];
  const times = () =>
    say(alive ? "lives" : "ended", {
      obtained: clock(obtained_at, now, {}),
      stale: clock(stale_at, now, {}),
      expires: clock(expires_at, now, {}),
      left: duration(expires_at - now),
      ago: duration(now - expires_at),
    });
  return {
    name,
    state: CREDENTIAL_STATES[state] ?? "waiting",
    word: say(`state.${state}`),
    generation: generation ? say("generation", { generation }) : "",
    text: text ? text() : expires_at === null ? "" : times(),
    spans: expires_at === null ? [] : [span(obtained_at, stale_at, now), span(stale_at, expires_at, now)],
  };
}

function span(from, to, now) {
  const place = (time) => Math.min(100, Math.max(0, 50 + (50 * (time - now)) / WINDOW_SECONDS));
  return { from: place(from), width: place(to) - place(from) };
}

/** The texts about a cooldown. WeChat's own are not translated. */
export function cooldownReport(cooldown, account) {
  const { endpoint, credential, attempt, detail, hint, rid, until } = cooldown;
  const served = isServed(cooldown, account);
  return {
    state: served ? "review" : "failed",
    served: served ? say("stillServed", { credential }) : "",
    title: say("cooldownOf", { what: endpoint ?? credential }),
    detail,
    until,
    attempt: attempt > 1 ? say("attempt", { attempt }) : "",
    hint: hint[currentLanguage()],
    rid: detail.includes(rid) ? "" : rid,
  };
}

export function countdown(until, now) {
  return until > now ? say("askedAgain", { wait: duration(until - now) }) : say("askedNow");
}

export function eventReport(event, now) {
  const name = `event.${event.what}${event.refused ? "Refused" : ""}`;
  const more = [
    ...(event.until ? [say("until", { until: clock(event.until, now) })] : []),
    ...(event.times > 1 ? [say("times", { times: event.times, since: clock(event.since, now) })] : []),
    `${event.host} · ${event.pid}`,
  ];
  return {
    state: EVENT_STATES[event.what] ?? "waiting",
    at: clock(event.at, now),
    text: say(canSay(name) ? name : "event.other", event),
    detail: event.detail,
    more: more.join(" · "),
    rid: event.detail?.includes(event.rid) ? "" : event.rid,
  };
}

/**
 * Rows of calls, errors first: `what` (key or endpoint), `errcode`, `calls`, how many are `recent` (since `before`, the
 * rows of the first answer), and `where`, the endpoints of a key.
 */
export function callRows(calls, before, by) {
  const count = (rows) => {
    const groups = new Map();
    for (const row of rows) {
      const group = groups.get(`${row[by]} ${row.errcode}`) ?? { what: row[by], errcode: row.errcode, calls: 0, where: [] };
      group.calls += row.calls;
      group.where.push(row.endpoint);
      groups.set(`${row[by]} ${row.errcode}`, group);
    }
    return groups;
  };
  const earlier = count(before);
  const rows = [...count(calls)].map(([id, row]) => ({
    ...row,
    failed: row.errcode !== "0",
    recent: row.calls - (earlier.get(id)?.calls ?? 0),
    where: by === "endpoint" ? "" : [...new Set(row.where)].join(", "),
  }));
  return rows.sort((one, other) => other.failed - one.failed || other.calls - one.calls);
}

export function findingReport({ subject, check, verdict, found, advice }) {
  return {
    state: VERDICT_STATES[verdict] ?? "waiting",
    word: say(`verdict.${verdict}`),
    title: `${subject} · ${check}`,
    found,
    advice: advice?.[currentLanguage()],
  };
}

/** "1 h 20 min", "43 s". */
export function duration(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (hours) return say("hoursMinutes", { hours, minutes });
  if (minutes >= 10) return say("onlyMinutes", { minutes });
  return minutes ? say("minutesSeconds", { minutes, seconds: rest }) : say("onlySeconds", { seconds: rest });
}

/** The time of day, with its date if it is not near. */
export function clock(time, now, seconds = { second: "2-digit" }) {
  const day = Math.abs(time - now) < NEAR_SECONDS ? {} : { month: "short", day: "numeric" };
  const form = { ...day, hour: "2-digit", minute: "2-digit", ...seconds, hourCycle: "h23" };
  return new Intl.DateTimeFormat(languageTag(), form).format(new Date(time * 1000));
}
