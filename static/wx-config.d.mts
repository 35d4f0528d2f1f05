// Types of wx-config.mjs.

/** What WeChat accepted; `url` is the address that was signed. */
export interface WxConfig {
  appId: string;
  timestamp: number;
  nonceStr: string;
  signature: string;
  url: string;
}

export interface WxConfigOptions {
  /** Scheme and host of the server that signs, such as `https://wx.example.com`; left out: the page's own. */
  endpoint?: string;
  /** Name or appid of the account; left out: the one whose JS domains have the page. */
  account?: string;
  /** What the page will call, as for `wx.config`. */
  jsApiList?: readonly string[];
  /** Open tags of the page, as for `wx.config`. */
  openTagList?: readonly string[];
  /** As for `wx.config`: WeChat shows each answer. */
  debug?: boolean;
  /** Your server knows this to be a snapshot page (`is_snapshotuser` is 1): nothing is tried. */
  snapshot?: boolean;
  /** The JS-SDK, where it is not `window.wx`: what the npm package `weixin-js-sdk` exports. */
  wx?: object;
}

export interface WxConfigError extends Error {
  code:
    | "outside-wechat"
    | "snapshot"
    | "iframe"
    | "sdk-missing"
    | "not-configured"
    | "server"
    | "silent"
    | "refused";
  /** With `server`: the problem document (RFC 9457) that the server answered; empty if it was none. */
  problem?: { type?: string; title?: string; status?: number; detail?: string };
  /** With `refused`: what WeChat answered. */
  answer?: { errMsg?: string; err_msg?: string; realAuthUrl?: string };
}

/** Configures the page. Resolves once WeChat has really taken the config, rejects with a `WxConfigError`. */
export function configure(options?: WxConfigOptions): Promise<WxConfig>;

/** The same for the address that the page has by now: at once if WeChat has its config already. */
export function ready(): Promise<WxConfig>;
