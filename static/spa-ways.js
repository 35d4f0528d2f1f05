// Two ways to keep the JS-SDK configured while routes change: with wx-config.js, and the way that most pages begin with.

const API_LIST = ["updateAppMessageShareData"];
const LOOK_MILLISECONDS = 20;

let isConfigured; // a promise

/** The address that was signed for this route, by the helper: it chooses. */
export async function byHelper(helper) {
  isConfigured ??= helper.configure({ jsApiList: API_LIST });
  await isConfigured;
  return (await helper.ready()).url;
}

/** The same by hand: always the current address, whatever the phone. */
export async function byHand() {
  const url = location.href.split("#")[0];
  const answer = await fetch(`/api/jssdk/signature?url=${encodeURIComponent(url)}`);
  const asked = configs().length;
  wx.config({ ...(await answer.json()), jsApiList: [...API_LIST] });
  while (!configs()[asked]?.answer) await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
  return url;
}

/** What WeChat was asked to accept so far, as the mock's bridge wrote it down. */
export function configs() {
  return mockWeChat.calls.filter(({ name }) => name === "preVerifyJSAPI");
}
