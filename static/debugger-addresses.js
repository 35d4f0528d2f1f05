// The mistakes that servers make with a page's address: from each to the addresses that come of it, as in
// app/diagnosis/addresses.py, line by line; tests compare what comes of both.

const SHARED = [
  ...["singlemessage", "groupmessage", "timeline"].flatMap((source) =>
    ["", "&isappinstalled=0", "&isappinstalled=1"].map((more) => `from=${source}${more}`),
  ),
  "isappinstalled=0",
  "isappinstalled=1",
];
const PORTS = ["", ":80", ":443", ":8080"];

const ENCODED = /(?:%[0-9a-f]{2})+/gi;
const ENCODED_TEXT = /(?:%(?!3b|2f|3f|3a|40|26|3d|2b|24|2c|23)[0-9a-f]{2})+/gi;
const ORIGIN = /(https?:\/\/[^/?#:]+)(?::[0-9]+)?(?=[/?#]|$)/i;

export const ADDRESSES = {
  url_decoded: decoded,
  url_encoded: encoded,
  ampersand_escaped: (url) => [url.replaceAll("&", "&amp;"), url.replaceAll("&amp;", "&")],
  scheme_changed: schemeChanged,
  slash_changed: slashChanged,
  share_parameters: shareParametersChanged,
  query_left_out: (url) => [cut(url, /[?#]/)[0]],
  port_changed: (url) => PORTS.map((port) => url.replace(ORIGIN, (_, origin) => origin + port)),
};

function decoded(url) {
  const [path, query] = cut(url, /\?/);
  const queries = [decode(query), decode(query.replaceAll("+", " ")), decodeText(query), query];
  return [decode(path), decodeText(path), path].flatMap((before) => queries.map((behind) => before + behind));
}

function encoded(url) {
  const component = encodeURIComponent(url);
  const strict = component.replace(/[!*'()]/g, hexadecimal);
  const whole = encodeURI(url);
  return [
    component,
    strict,
    lowerDigits(component),
    lowerDigits(strict),
    encodeURIComponent(component),
    whole,
    whole.replaceAll("%25", "%"),
    lowerDigits(url),
    url.replace(ENCODED, (run) => run.toUpperCase()),
  ];
}

function schemeChanged(url) {
  const [scheme, rest] = cut(url, /:/);
  return [({ http: "https", https: "http" }[scheme.toLowerCase()] ?? scheme) + rest];
}

function slashChanged(url) {
  const [path, rest] = cut(url, /[?#]/);
  return [`${path}/${rest}`, path.replace(/\/$/, "") + rest, `${url}/`, url.replace(/\/$/, "")];
}

function shareParametersChanged(url) {
  const [whole, fragment] = cut(url, /#/);
  const [path, query] = cut(whole, /\?/);
  const pairs = query.slice(1).split("&");
  const without = [["from", "isappinstalled"], ["isappinstalled"], ["from"]].map((names) => {
    const kept = pairs.filter((pair) => !names.includes(cut(pair, /=/)[0]));
    return query ? path + (kept.length ? "?" : "") + kept.join("&") + fragment : url;
  });
  return [...without, ...SHARED.map((shared) => `${whole}${query ? "&" : "?"}${shared}${fragment}`)];
}

/** What stands before the first match, and the rest. */
function cut(text, pattern) {
  const at = text.search(pattern);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at)];
}

function decode(text) {
  return text.replace(ENCODED, asText);
}

/** As decodeURI does it, but leaving alone what is not UTF-8. */
function decodeText(text) {
  return text.replace(ENCODED_TEXT, asText);
}

function asText(run) {
  try {
    return decodeURIComponent(run);
  } catch {
    return run;
  }
}

function lowerDigits(url) {
  return url.replace(ENCODED, (run) => run.toLowerCase());
}

function hexadecimal(sign) {
  return `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
}
