// The content of messages in one form: WeChat's pushes and passive replies have other names than its JSON calls.

const MEDIA = ["image", "voice", "video", "shortvideo", "music", "mpnews", "mpvideo", "mpnewsarticle", "mpmusic"];

/**
 * The parts of a message: `{kind: "text", text}`, `{kind: "cards", cards: [{title, text, url}]}`, `{kind: "media", type, media, title}`,
 * `{kind: "menu", head, choices, tail}`, `{kind: "template", title, text, url, page}` or `{kind: "note", name, values}`, which names a text.
 */
export function contentOfSent({ kind, message, rendered }) {
  if (rendered) return { kind: "template", ...rendered };
  if (kind === "typing") return { kind: "note", name: message.command === "CancelTyping" ? "typingEnded" : "typing" };
  return contentOf(lower(message), String(message.msgtype ?? kind));
}

/** The same for a user's push, or for a passive reply. */
export function contentOfPush(message) {
  if (message.MsgType === "event") return eventOf(message);
  const flat = lower(message);
  return contentOf({ ...flat, [message.MsgType]: { ...flat, ...flat[message.MsgType] } }, String(message.MsgType));
}

function contentOf(message, type) {
  const told = message[type] ?? {};
  if (type === "text") return { kind: "text", text: String(told.content ?? "") };
  if (type === "news") return { kind: "cards", cards: articlesOf(told.articles).map(cardOf) };
  if (type === "msgmenu") return { kind: "menu", head: told.head_content, choices: [told.list ?? []].flat().map((it) => it?.content), tail: told.tail_content };
  if (type === "location") return { kind: "cards", cards: [{ title: told.label, text: `${told.location_x}, ${told.location_y}` }] };
  if (type === "transfer_customer_service") return { kind: "note", name: "transferred" };
  if (MEDIA.includes(type)) return { kind: "media", type, media: told.media_id ?? told.thumb_media_id, title: told.title };
  return { kind: "cards", cards: [cardOf(told)] }; // link, miniprogrampage, and what is not known here
}

function eventOf({ Event: event, EventKey: key }) {
  return { kind: "note", name: key ? "eventWithKey" : "event", values: { event, key } };
}

function articlesOf(articles) {
  return [articles?.item ?? articles ?? []].flat();
}

function cardOf(told) {
  return { title: told?.title, text: told?.description ?? told?.pagepath, url: told?.url };
}

/** The same value with all names in lower case. */
function lower(value) {
  if (Array.isArray(value)) return value.map(lower);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, it]) => [LONG_NAMES[name] ?? name.toLowerCase(), lower(it)]));
}

const LONG_NAMES = { MediaId: "media_id", ThumbMediaId: "thumb_media_id" };
