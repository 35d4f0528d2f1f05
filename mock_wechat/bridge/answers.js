// What each API answers, by its native name; `err_msg` is `<name>:ok` unless an answer says otherwise.

const PLACE = { latitude: 23.12908, longitude: 113.26436, speed: 0, accuracy: 65 };
const SCANNED = "mock-wechat-scan";

const ANSWERS = {
  preVerifyJSAPI: preVerify,
  checkJsApi: (params) => ({ checkResult: asAndroidWrites(supported(params.jsApiList || [])) }),
  getNetworkType: () => ({ err_msg: "network_type:wifi" }),
  updateAppMessageShareData: keepShareData,
  updateTimelineShareData: keepShareData,
  sendAppMessage: shareFromListener,
  shareTimeline: shareFromListener,
  shareQQ: shareFromListener,
  shareQZone: shareFromListener,
  shareWeiboApp: shareFromListener,
  hideMenuItems: (params) => setHidden(params.menuList, true),
  showMenuItems: (params) => setHidden(params.menuList, false),
  hideAllNonBaseMenuItem: () => setHidden(Object.values(SHARES).map((share) => share.item), true),
  showAllNonBaseMenuItem: () => setHidden(Object.values(SHARES).map((share) => share.item), false),
  hideOptionMenu: () => hideMenu(true),
  showOptionMenu: () => hideMenu(false),
  closeWindow: () => ({}),
  geoLocation: (params) => ({ ...PLACE, type: params.type }),
  openLocation: () => ({}),
  chooseImage: ({ count }) => ({ localIds: asAndroidWrites(drawImages(Math.min(count || 9, 2))) }),
  getLocalImgData: (params, call) => {
    const data = localData(params.localId);
    return data ? { localData: data } : { err_msg: `${call.name}:fail` };
  },
  imagePreview: () => ({}),
  scanQRCode: (params) => (params.needResult ? { resultStr: asIosWritesScans(SCANNED) } : {}),
};

const ASKED_BY = Object.fromEntries(Object.values(SHARES).map((share) => [share.call, share.event]));
const overrides = {};

/** The whole answer to a call, or a promise of it. */
async function answerTo(call) {
  const { name } = call;
  const refused = refusal(ASKED_BY[name] || name);
  if (refused) return { err_msg: refused };
  const answer = overrides[name] || (Object.hasOwn(ANSWERS, name) ? ANSWERS[name] : null);
  if (!answer) return { err_msg: `${name}:function_not_exist` };
  return { err_msg: `${name}:ok`, ...(await answer(call.params, call)) };
}

/** Which native names this client knows, granted or not. */
function supported(names) {
  const events = Object.values(SHARES).map((share) => share.event);
  return Object.fromEntries(names.map((name) => [name, Object.hasOwn(ANSWERS, name) || events.includes(name)]));
}

/** Lists and objects inside an answer are JSON texts on Android (WECHAT.md 8.7.5, 8.7.7). */
function asAndroidWrites(value) {
  return isAndroid ? JSON.stringify(value) : value;
}

function asIosWritesScans(text) {
  return isIos ? JSON.stringify({ scan_code: { scan_result: text } }) : text;
}
