// The menu behind the three dots: the share data of the page, set beforehand or by a listener (WECHAT.md 8.7.6).

const SHARES = {
  appMessage: sharing("menu:share:appmessage", "sendAppMessage", "updateAppMessageShareData", "appMessage"),
  timeline: sharing("menu:share:timeline", "shareTimeline", "updateTimelineShareData", "timeline"),
  qq: sharing("menu:share:qq", "shareQQ", "updateAppMessageShareData", "qq"),
  qzone: sharing("menu:share:QZone", "shareQZone", "updateTimelineShareData", "QZone"),
  weibo: sharing("menu:share:weiboApp", "shareWeiboApp", null, "weiboApp"),
};

/** A way of sharing: its event, the SDK's call in answer, the call that sets its data, its name in hideMenuItems. */
function sharing(event, call, data, item) {
  return { event, call, data, item };
}

const listeners = {};
const shareData = {};
const hiddenItems = new Set();
let menuIsHidden = false;
let answering = null; // the share that a listener is being asked for

/** The ways of sharing that the page has not hidden. */
function offeredShares() {
  return menuIsHidden ? [] : Object.keys(SHARES).filter((kind) => !hiddenItems.has(SHARES[kind].item));
}

/** Chooses a way of sharing: `{card, finish}`, or null if the page's listener shared nothing. */
function chooseShare(kind) {
  const share = SHARES[kind];
  const listener = refusal(share.event) === null && listeners[share.event];
  if (listener) return askListener(share, listener);
  const own = { title: document.title, desc: location.host, link: location.href, imgUrl: "" };
  return { card: { ...own, ...shareData[share.data] }, finish: () => {} };
}

/** The SDK answers its event with an invoke, before the listener returns. */
function askListener(share, listener) {
  const asked = (answering = { call: share.call, opened: null });
  const call = record(share.event, {});
  call.answer = {};
  listener({});
  answering = null;
  if (!asked.opened) call.note = say("unshared");
  changed();
  return asked.opened;
}

/** sendAppMessage and the like: allowed only while the menu's listener runs; they wait for the user's choice. */
function shareFromListener(params, call) {
  if (answering?.call !== call.name) return { err_msg: DENIED };
  const { title, desc, link, img_url: imgUrl } = params;
  return new Promise((resolve) => {
    const finish = (outcome) => resolve({ err_msg: `${call.name}:${outcome}` });
    answering.opened = { card: { title, desc, link, imgUrl }, finish };
  });
}

function keepShareData(params, call) {
  const { title, desc, link, imgUrl } = params;
  shareData[call.name] = copy({ title, desc, link, imgUrl });
  return {};
}

/** `menuItem:share:qq` and the like; the menu has no other items to hide. */
function setHidden(names, hidden) {
  for (const name of names || []) {
    const item = name.replace("menuItem:share:", "");
    if (hidden) hiddenItems.add(item);
    else hiddenItems.delete(item);
  }
  return {};
}

function hideMenu(hidden) {
  menuIsHidden = hidden;
  return {};
}
