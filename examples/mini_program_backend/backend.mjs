// The backend of a mini program: login, a checked comment, the user's phone number. It has no AppSecret and no token.
//
// CENTRAL=http://127.0.0.1:8000 KEY=... PORT=3000 node examples/mini_program_backend/backend.mjs

import { randomBytes } from "node:crypto";
import { createServer } from "node:http";

const { CENTRAL = "http://127.0.0.1:8000", KEY, PORT = 3000 } = process.env; // the key has the scopes session and moderation
const NEW_CODE_NEEDED = ["/problems/code-refused", "/problems/code-lost"];
const BODY_BYTES = 64 * 1024;

const users = new Map(); // by token; yours are in a database

class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** The central server's answer. */
async function central(path, given) {
  const headers = { Authorization: `Bearer ${KEY}`, "Content-Type": "application/json" };
  const body = JSON.stringify(given);
  const options = { method: "POST", headers, body, signal: AbortSignal.timeout(20_000) };
  const answer = await fetch(CENTRAL + path, options).catch((error) => {
    console.error(`no answer from CENTRAL ${CENTRAL}:`, error.cause?.code ?? error.name);
    throw new Refusal(503, "Try again later.");
  });
  const document = await answer.json();
  if (NEW_CODE_NEEDED.includes(document.type)) throw new Refusal(409, "This code is not accepted (any more): get a new one.");
  if (!answer.ok) {
    console.error("central server:", answer.status, document.type);
    throw new Refusal(503, "Try again later.");
  }
  return document;
}

/** A text of the request's JSON. */
function text(given, name) {
  if (typeof given?.[name] !== "string") throw new Refusal(400, `${name} must be a text.`);
  return given[name];
}

/** Who calls: the user whose token the mini program sends. */
function user(request) {
  const found = users.get((request.headers.authorization ?? "").replace(/^Bearer /, ""));
  if (!found) throw new Refusal(401, "Call wx.login and /login again.");
  return found;
}

const endpoints = {
  /** Take the code of wx.login. The mini program gets a token of ours, not the session's handle. */
  async "/login"(_, given) {
    const { openid, session } = await central("/api/session", { code: text(given, "code") });
    const token = randomBytes(32).toString("base64url");
    users.set(token, { openid, session });
    return { token };
  },

  /** Publish a comment that WeChat finds harmless. */
  async "/comments"(request, given) {
    const { openid } = user(request);
    const verdict = await central("/api/moderation/text", { content: text(given, "content"), openid, scene: 2 });
    return { comment: { pass: "published", review: "waiting", risky: "refused" }[verdict.suggest] };
  },

  /** Take the code of a button with open-type="getPhoneNumber". Each code costs money: exchange it once. */
  async "/phone"(request, given) {
    const caller = user(request);
    caller.phone = (await central("/api/session/phone", { code: text(given, "code") })).purePhoneNumber;
    return { phone: `${caller.phone.slice(0, 3)}****${caller.phone.slice(-4)}` };
  },
};

/** The JSON of the request. */
async function read(request) {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) {
    body += chunk;
    if (body.length > BODY_BYTES) throw new Refusal(413, "The body is too large.");
  }
  try {
    return JSON.parse(body);
  } catch {
    throw new Refusal(400, "The body must be JSON.");
  }
}

createServer(async (request, response) => {
  let status = 200;
  let answer;
  try {
    const endpoint = request.method === "POST" && Object.hasOwn(endpoints, request.url) && endpoints[request.url];
    if (!endpoint) throw new Refusal(404, "Not found.");
    answer = await endpoint(request, await read(request));
  } catch (error) {
    status = error.status ?? 503;
    answer = { error: error.status ? error.message : "Try again later." };
    if (!error.status) console.error(error.name); // its message may quote what was sent
  }
  response.writeHead(status, { "Content-Type": "application/json" }).end(`${JSON.stringify(answer)}\n`);
}).listen(PORT, "127.0.0.1", () => console.log(`Listening on http://127.0.0.1:${PORT}`));
