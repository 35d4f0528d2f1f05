// Tries the mistakes of servers until one gives the signature: each alone, then each pair. Works like app/jssdk, with
// the same table; without a jsapi_ticket only the wx_card ticket is tried.

import { sha1 } from "./sha1.js";

/** The table: `{name, title, hint, tries?}`, the likeliest mistake first. `tries` are lists of steps, see OPERATIONS. */
export const MISTAKES = await (await fetch("/static/signature-mistakes.json")).json();

const MILLISECONDS_FROM = 100_000_000_000;
const KEPT = 16; // results of one mistake to which a second mistake is added; only milliseconds have more
const KEYS = [
  { nonceKey: "nonceStr" },
  { timeKey: "timeStamp" },
  { nonceKey: "nonceStr", timeKey: "timeStamp" },
];
const ESCAPES = /(?:%[0-9a-f]{2})+/gi;
const ESCAPED_TEXT = /(?:%(?!3b|2f|3f|3a|40|26|3d|2b|24|2c|23)[0-9a-f]{2})+/gi; // the escapes that decodeURI decodes

const OPERATIONS = {
  replace: (url, pattern, replacement) => url.replace(new RegExp(pattern, "gis"), replacement),
  encode: (url, kind) => ENCODINGS[kind](url),
  decode: inPart((text) => text.replace(ESCAPES, decoded)),
  decode_text: inPart((text) => text.replace(ESCAPED_TEXT, decoded)),
  plus_to_space: inPart((text) => text.replaceAll("+", " ")),
  lower_escapes: (url) => url.replace(ESCAPES, (run) => run.toLowerCase()),
  upper_escapes: (url) => url.replace(ESCAPES, (run) => run.toUpperCase()),
  without,
  add,
};
const ENCODINGS = {
  component: encodeURIComponent,
  strict: (url) =>
    encodeURIComponent(url).replace(/[!*'()]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`),
  uri: encodeURI,
};

/** The text that WeChat hashes; the other key names are used by mistake. */
export function string1({ ticket, noncestr, timestamp, url, nonceKey = "noncestr", timeKey = "timestamp" }) {
  return `jsapi_ticket=${ticket}&${nonceKey}=${noncestr}&${timeKey}=${timestamp}&url=${url}`;
}

/** `{ticket, noncestr, timestamp, url}` as they should have been signed. */
export function right(claim) {
  return { ticket: claim.ticket, noncestr: claim.noncestr, timestamp: claim.timestamp, url: page(claim.url) };
}

/**
 * `{mistakes, string1}` with at most two names, none if the signature is right; undefined if no known mistake gives it.
 * The claim is `{url, landingUrl, ticket, cardTicket, noncestr, timestamp, signature}`: texts, empty if not known.
 */
export function diagnose(claim) {
  const signature = claim.signature.toLowerCase();
  for (const [mistakes, signed] of candidates(claim)) {
    const text = string1(signed);
    if (signed.ticket && sha1(text) === signature) return { mistakes, string1: text };
  }
  return undefined;
}

/** Everything that may have been signed, each once, with its mistakes: none, one or two. */
export function* candidates(claim) {
  const signedRight = right(claim);
  const tries = triesFor(claim, signedRight);
  const names = Object.keys(tries);
  const seen = new Set([string1(signedRight)]);
  const fresh = (all) => all.filter((signed) => seen.size < seen.add(string1(signed)).size);

  yield [[], signedRight];
  const alone = Object.fromEntries(names.map((name) => [name, fresh(tries[name](signedRight))]));
  for (const name of names) for (const signed of alone[name]) yield [[name], signed];
  for (const [one, other] of pairs(names)) {
    for (const [first, then] of [[one, other], [other, one]]) {
      for (const before of alone[first].slice(0, KEPT)) {
        for (const signed of fresh(tries[then](before))) yield [[one, other], signed];
      }
    }
  }
}

/** The mistakes that can be tried with this claim, in the table's order. */
function triesFor(claim, signedRight) {
  const fragments = [claim.url, claim.landingUrl]
    .filter((url) => url.includes("#"))
    .map((url) => url.slice(url.indexOf("#")));
  const coded = {
    fragment_left_in: fragments.length && ((signed) => withFragment(fragments, signed)),
    landing_url:
      claim.landingUrl &&
      ((signed) => (signed.url === signedRight.url ? [{ ...signed, url: page(claim.landingUrl) }] : [])),
    key_case: (signed) => KEYS.map((keys) => ({ ...signed, ...keys })),
    milliseconds: (signed) => withOtherUnit(signed, signed === signedRight),
    wx_card_ticket: claim.cardTicket && ((signed) => [{ ...signed, ticket: claim.cardTicket }]),
  };
  const tries = MISTAKES.map((mistake) => [
    mistake.name,
    mistake.tries ? (signed) => withUrl(mistake.tries, signed) : coded[mistake.name],
  ]);
  return Object.fromEntries(tries.filter(([, attempt]) => attempt));
}

function withUrl(tries, signed) {
  return tries.map((steps) => ({
    ...signed,
    url: steps.reduce((url, [operation, ...given]) => OPERATIONS[operation](url, ...given), signed.url),
  }));
}

function withFragment(fragments, signed) {
  return signed.url.includes("#") ? [] : fragments.map((fragment) => ({ ...signed, url: signed.url + fragment }));
}

/**
 * Seconds for milliseconds, rounded either way; or milliseconds for seconds, whose last three digits are unknown: these
 * are tried only where nothing else is wrong.
 */
function withOtherUnit(signed, alone) {
  const given = Number(signed.timestamp);
  const seconds = Math.floor(given / 1000);
  const times =
    given >= MILLISECONDS_FROM
      ? [seconds, seconds + 1]
      : Array.from({ length: alone ? 1000 : 1 }, (_, rest) => given * 1000 + rest);
  return times.map((timestamp) => ({ ...signed, timestamp: String(timestamp) }));
}

/** Apply `change` to the whole URL, or to its "path" (up to the first ?) or "query" (the rest) alone. */
function inPart(change) {
  return (url, part) => {
    const [path, query] = cut(url, "?");
    if (part === "path") return change(path) + query;
    return part === "query" ? path + change(query) : change(url);
  };
}

function without(url, ...names) {
  const [whole, fragment] = cut(url, "#");
  const [path, query] = cut(whole, "?");
  const kept = query.slice(1).split("&").filter((pair) => !names.includes(cut(pair, "=")[0]));
  return path + (query && kept.length ? "?" : "") + kept.join("&") + fragment;
}

function add(url, parameters) {
  const [whole, fragment] = cut(url, "#");
  return `${whole}${whole.includes("?") ? "&" : "?"}${parameters}${fragment}`;
}

/** The text before the first `mark`, and the rest. */
function cut(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at)];
}

function decoded(run) {
  try {
    return decodeURIComponent(run);
  } catch {
    return run;
  }
}

/** The URL without its fragment, as WeChat signs it. */
function page(url) {
  return url.split("#")[0];
}

function pairs(names) {
  return names.flatMap((one, index) => names.slice(index + 1).map((other) => [one, other]));
}
