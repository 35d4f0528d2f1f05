// The kinds of credentials, in the order in which they are needed.

const ORDER = ["access_token", "stable_token", "jsapi_ticket"];

/** `[[kind, its generations, oldest first]]`, tokens before the tickets that they fetch. */
export function byKind(credentials) {
  const kinds = [...new Set([...ORDER, ...credentials.map(({ credential }) => credential)])];
  const lines = kinds.map((kind) => [kind, credentials.filter(({ credential }) => credential === kind)]);
  return lines.filter(([, line]) => line.length);
}
