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
  /** Scheme and host of the server that signs, such as `https://wx.example.com`; default: the page's own. */
  endpoint?: string;
  /** Name or appid of the account; default: the one whose JS domains contain the page. */
  account?: string;
  /** The APIs that the page calls, as for `wx.config`. */
  jsApiList?: readonly string[];
  /** Open tags of the page, as for `wx.config`. */
  openTagList?: readonly string[];
  /** As for `wx.config`: WeChat shows every answer. */
  debug?: boolean;
  /** True if your server got `is_snapshotuser` 1: reject at once. */
  snapshot?: boolean;
  /** The JS-SDK if it is not `window.wx`, such as the export of the npm package `weixin-js-sdk`. */
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
  /** With `server`: the server's problem document (RFC 9457); empty if the answer was not one. */
  problem?: { type?: string; title?: string; status?: number; detail?: string };
  /** With `refused`: WeChat's answer. */
  answer?: { errMsg?: string; err_msg?: string; realAuthUrl?: string | string[] };
}

/** Configure the page. Resolves after WeChat has accepted the config, rejects with a `WxConfigError`. */
export function configure(options?: WxConfigOptions): Promise<WxConfig>;

/** The same for the page's current address: at once if WeChat has already accepted its config. */
export function ready(): Promise<WxConfig>;
