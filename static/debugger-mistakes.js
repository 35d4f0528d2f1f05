// Tries what servers sign by mistake until one gives the signature: each mistake alone, then two at a time. Pure; the
// same as app/diagnosis/diagnosis.py, but for jsapi_ticket being left out where it is not known.

import { ADDRESSES } from "./debugger-addresses.js";
import { sha1 } from "./sha1.js";

const MILLISECONDS_FROM = 100_000_000_000;
const KEPT = 16; // of one mistake's outcomes, to which a second mistake is added; only milliseconds have more
const KEYS = [
  { nonceKey: "nonceStr" },
  { timeKey: "timeStamp" },
  { nonceKey: "nonceStr", timeKey: "timeStamp" },
];

/** The text that WeChat hashes; the other names are for what servers hash by mistake. */
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

/** What may have been signed, each once, and with which mistakes: none, one, two. */
export function* candidates(claim) {
  const signedRight = right(claim);
  const table = tableFor(claim, signedRight);
  const names = Object.keys(table);
  const seen = new Set([string1(signedRight)]);
  const fresh = (all) => all.filter((signed) => seen.size < seen.add(string1(signed)).size);

  yield [[], signedRight];
  const alone = Object.fromEntries(names.map((name) => [name, fresh(table[name](signedRight))]));
  for (const name of names) for (const signed of alone[name]) yield [[name], signed];
  for (const [one, other] of pairs(names)) {
    for (const [first, then] of [[one, other], [other, one]]) {
      for (const before of alone[first].slice(0, KEPT)) {
        for (const signed of fresh(table[then](before))) yield [[one, other], signed];
      }
    }
  }
}

/** All mistakes that can be tried, the likeliest first. */
function tableFor(claim, signedRight) {
  const urls = [claim.url, claim.landingUrl].filter(Boolean);
  const fragments = urls.filter((url) => url.includes("#")).map((url) => url.slice(url.indexOf("#")));
  const table = {};
  if (fragments.length) table.fragment_left_in = (signed) => withFragment(fragments, signed);
  if (claim.landingUrl) {
    table.landing_url = (signed) =>
      signed.url === signedRight.url ? [{ ...signed, url: page(claim.landingUrl) }] : [];
  }
  for (const [name, addresses] of Object.entries(ADDRESSES)) {
    table[name] = (signed) => addresses(signed.url).map((url) => ({ ...signed, url }));
  }
  table.key_case = (signed) => KEYS.map((keys) => ({ ...signed, ...keys }));
  table.milliseconds = (signed) => withOtherUnit(signed, signed === signedRight);
  if (claim.cardTicket) table.wx_card_ticket = (signed) => [{ ...signed, ticket: claim.cardTicket }];
  return table;
}

function withFragment(fragments, signed) {
  return signed.url.includes("#") ? [] : fragments.map((fragment) => ({ ...signed, url: signed.url + fragment }));
}

/**
 * Seconds for milliseconds, rounded either way; or the reverse, of which nobody has the last three digits: these are
 * tried through where nothing else is wrong.
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

/** The URL as WeChat takes it: without its fragment. */
function page(url) {
  return url.split("#")[0];
}

function pairs(names) {
  return names.flatMap((one, index) => names.slice(index + 1).map((other) => [one, other]));
}
