// Two ways to keep the JS-SDK configured while routes change: wx-config.js, and signing the current address by hand.

const API_LIST = ["updateAppMessageShareData"];
const POLL_MILLISECONDS = 20;

let isConfigured; // a promise

/** The address that the helper signed for this route; it chooses which one. */
export async function byHelper(helper) {
  isConfigured ??= helper.configure({ jsApiList: API_LIST });
  await isConfigured;
  return (await helper.ready()).url;
}

/** The same by hand: always the current address, on every phone. */
export async function byHand() {
  const url = location.href.split("#")[0];
  const answer = await fetch(`/api/jssdk/signature?url=${encodeURIComponent(url)}`);
  const asked = configs().length;
  wx.config({ ...(await answer.json()), jsApiList: [...API_LIST] });
  while (!configs()[asked]?.answer) await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  return url;
}

/** The configs that WeChat has verified so far, as recorded by the mock's bridge. */
export function configs() {
  return mockWeChat.calls.filter(({ name }) => name === "preVerifyJSAPI");
}
