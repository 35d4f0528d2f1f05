// The phone: the properties of WeChat's browser (WECHAT.md 8.3, 8.7.1), and the address that it verifies.

const WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)";
const PHONES = {
  android: {
    name: "Android",
    userAgent:
      `Mozilla/5.0 (Linux; Android 14; M2012K11AC Build/UKQ1.230804.001; wv) ${WEBKIT} Version/4.0 Chrome/116.0.0.0 ` +
      "Mobile Safari/537.36 XWEB/1160065 MMWEBSDK/20231202 MMWEBID/2247 MicroMessenger/8.0.47.2560(0x28002F30) " +
      "WeChat/arm64 Weixin NetType/WIFI Language/zh_CN ABI/arm64",
    platform: "Linux armv8l",
    vendor: "Google Inc.",
    userAgentData: {
      brands: [{ brand: "Chromium", version: "116" }, { brand: "Android WebView", version: "116" }],
      mobile: true,
      platform: "Android",
    },
  },
  ios: {
    name: "iOS",
    userAgent:
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 " +
      "MicroMessenger/8.0.47(0x18002f2c) NetType/WIFI Language/zh_CN",
    platform: "iPhone",
    vendor: "Apple Computer, Inc.",
  },
  harmony: {
    name: "HarmonyOS",
    userAgent:
      `Mozilla/5.0 (Phone; OpenHarmony 5.0) ${WEBKIT} Chrome/114.0.0.0 Safari/537.36  ArkWeb/4.1.6.1 Mobile ` +
      "MicroMessenger/8.0.10.41(0xf3100a29) Weixin NetType/WIFI Language/zh_CN MMWEBID/2907 MMWEBSDK/202508070004 " +
      "XWEB/1140319",
    platform: "Linux aarch64",
    vendor: "Google Inc.",
  },
};

const isAndroid = settings.platform === "android";
const isIos = settings.platform === "ios";
const landing = currentAddress();

/** Gives `navigator` the phone's properties. */
function presentPhone() {
  const { name: _, ...phone } = { ...PHONES[settings.platform], maxTouchPoints: 5 };
  phone.appVersion = phone.userAgent.replace("Mozilla/", "");
  if (!phone.userAgentData) delete Navigator.prototype.userAgentData;
  else phone.userAgentData.getHighEntropyValues = async () => phone.userAgentData;
  for (const [name, value] of Object.entries(phone)) {
    Object.defineProperty(Navigator.prototype, name, { get: () => value, configurable: true, enumerable: true });
  }
  if (isIos) window.__wxjs_is_wkwebview = true;
}

/** The page's address as WeChat verifies it: percent-encoded, without the fragment. */
function currentAddress() {
  return location.href.split("#")[0];
}

/** The address that a signature must be for: iPhones stay with the one that was loaded first (WECHAT.md 8.1). */
function verifiedAddress() {
  return isIos ? landing : currentAddress();
}
