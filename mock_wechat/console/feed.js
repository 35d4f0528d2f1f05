// What users and accounts sent one another: the parts of the control plane that the chat and "Sent" show.

import { read } from "./control.js";

const REMEMBERED = 500;
const NEWEST = `newest=${REMEMBERED}`;

export class Feed {
  sent = []; // oldest first, as GET /_mock/sent gives them
  messages = []; // likewise, from GET /_mock/messages
  menus = {}; // by appid
  media = [];
  users = [];
  #lastSent = 0;
  #lastMessage = 0;
  #isNew = true;

  /** Reads what is new, if `state` or a new call shows that something happened. Throws as `read` does. */
  async follow({ last_ids: last }, calls) {
    const restarted = last.sent < this.#lastSent || last.messages < this.#lastMessage;
    if (restarted) this.#forget();
    const isBehind = last.sent !== this.#lastSent || last.messages !== this.#lastMessage;
    if (!this.#isNew && !isBehind && !calls.length) return;
    const [sent, messages, { menus }, { media }, { users }] = await Promise.all([
      read(`sent?${NEWEST}&after=${this.#lastSent}`),
      read(`messages?after=${this.#lastMessage}`),
      read("menus"),
      read("media"),
      read("users"),
    ]);
    this.sent = [...this.sent, ...sent.sent].slice(-REMEMBERED);
    this.messages = [...this.messages, ...messages.messages].slice(-REMEMBERED);
    [this.#lastSent, this.#lastMessage, this.#isNew] = [sent.last_id, messages.last_id, false];
    Object.assign(this, { menus, media, users });
  }

  #forget() {
    [this.sent, this.messages] = [[], []];
    [this.#lastSent, this.#lastMessage, this.#isNew] = [0, 0, true];
  }

  /** What one user and one account sent, in the order in which it came: `{key, at, message}` or `{key, at, sent}`. */
  between(appid, openid) {
    const said = this.messages.filter((it) => it.appid === appid && it.openid === openid);
    const got = this.sent.filter((it) => it.appid === appid && isFor(it, openid));
    const entries = [
      ...said.map((message) => ({ key: `message ${message.id}`, at: message.at, message })),
      ...got.map((sent) => ({ key: `sent ${sent.id}`, at: sent.at, sent })),
    ];
    return entries.sort((one, other) => one.at - other.at);
  }
}

/** Mass messages have many receivers, or all followers. */
function isFor({ kind, touser }, openid) {
  return kind === "mass" && !Array.isArray(touser) ? true : [touser].flat().includes(openid);
}
