// A chat of one user with one account: what both sent, and buttons that act as the user's phone.

import { drawContent } from "./bubbles.js";
import { contentOfPush, contentOfSent } from "./content.js";
import { keep, make, write } from "./dom.js";
import { drawMenu } from "./menu.js";
import { currentLanguage, say } from "./texts.js";
import { shortAppid, timeOfDay } from "./format.js";

const log = document.getElementById("bubbles");
const form = document.getElementById("say");
const [accountList, userList] = [form.elements.account, form.elements.user];
let sending = false;
let shownChat; // whose bubbles are shown

/** Shows the chat that the lists choose. `send(message)` sends one message as POST /_mock/messages takes it. */
export function drawChat({ accounts }, feed, send) {
  drawChoices(accounts, feed.users);
  const account = accounts.find(({ appid }) => appid === accountList.value);
  const openid = feed.users.find(({ name }) => name === userList.value)?.openids[account?.appid]?.openid;
  const isOfficial = account?.kind === "official";
  for (const element of form.querySelectorAll("[data-of]")) element.hidden = (element.dataset.of === "official") !== isOfficial;
  drawMenu(isOfficial ? feed.menus[account.appid] : null, (type, key) => act(send, { type, event_key: key }));
  drawBubbles(account && openid ? feed.between(account.appid, openid) : [], `${account?.appid} ${openid}`);
  write(document.getElementById("sending"), sending ? say("sending") : "");
}

function drawChoices(accounts, users) {
  keep(accountList, accounts, ({ appid }) => appid, ({ appid }) => optionPart(appid, (it) => `${say(it.kind)} ${shortAppid(it.appid)}`));
  const isFirst = !userList.options.length;
  keep(userList, users, ({ name }) => name, ({ name }) => optionPart(name, (it) => (it.nickname === name ? name : `${it.nickname} (${name})`)));
  const holder = users.find((it) => it.holds_phone);
  if (isFirst && holder) userList.value = holder.name;
}

function optionPart(value, text) {
  const element = make("option", { value });
  return { element, update: (item) => write(element, text(item)) };
}

/** New bubbles are read out; those of another chat are not. */
function drawBubbles(entries, chat) {
  const isSame = chat === shownChat;
  log.parentElement.ariaLive = isSame ? "polite" : "off";
  const atEnd = !isSame || log.parentElement.scrollHeight - log.parentElement.scrollTop - log.parentElement.clientHeight < 40;
  const count = log.childElementCount;
  shownChat = chat;
  document.getElementById("chat-empty").hidden = entries.length > 0;
  keep(log, entries, ({ key }) => `${chat} ${key}`, entryPart);
  if (atEnd && (!isSame || log.childElementCount !== count)) log.parentElement.scrollTop = log.parentElement.scrollHeight;
}

function entryPart({ at, message, sent }) {
  const element = make("li", {});
  let language;

  function update() {
    if (language === currentLanguage()) return; // an entry never changes, the language may
    language = currentLanguage();
    element.replaceChildren(make("time", {}, timeOfDay(at)), ...(message ? exchangeOf(message) : [sideOf("theirs", contentOfSent(sent), "account")]));
  }
  return { element, update };
}

/** A user's message, the passive reply, and what went wrong. */
function exchangeOf({ message, reply, outcome, problem, notice }) {
  const parts = [sideOf("mine", contentOfPush(message), "user")];
  if (reply) parts.push(sideOf("theirs", contentOfPush(reply), "account"));
  if (notice) parts.push(make("p", { class: "event", lang: "zh-CN" }, notice)); // as the phone shows it
  if (problem) parts.push(make("p", { class: "event wrong" }, say("pushFailed", { outcome }), make("span", { lang: "en" }, ` ${problem}`)));
  return parts;
}

/** A bubble with, for readers who don't see its side, who sent it. */
function sideOf(side, content, who) {
  if (content.kind === "note") return drawContent(content);
  return make("div", { class: side }, make("span", { class: "unseen" }, `${say(who)}: `), drawContent(content));
}

async function act(send, message) {
  if (sending) return;
  sending = true;
  write(document.getElementById("sending"), say("sending"));
  write(document.getElementById("chat-wrong"), await send({ appid: accountList.value, user: userList.value, ...message }));
  sending = false;
  write(document.getElementById("sending"), "");
}

/** `send(message)` as for drawChat; `redraw()` shows another chat. */
export function listenToChat(send, redraw) {
  accountList.addEventListener("change", redraw);
  userList.addEventListener("change", redraw);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { text } = form.elements;
    if (!text.value || sending) return;
    act(send, { type: "text", content: text.value });
    text.value = "";
  });
  for (const button of document.querySelectorAll("[data-act]")) {
    button.addEventListener("click", () => act(send, messageOf(button.dataset.act)));
  }
}

function messageOf(type) {
  return type === "SCAN" ? { type, scene: form.elements.scene.value.trim() || "1" } : { type };
}
