// wechat-api: the calls of its feature list, with callbacks. setEndpoint() takes a host only, for https.
const { promisify } = require("node:util");
const WechatAPI = require("wechat-api");
const { setup, digest, bytesOf, serve } = require("./rounds");

const api = new WechatAPI(setup.appid, setup.secret);
api.endpoint = setup.base;
api.mpPrefix = api.fileServerPrefix = `${setup.base}/cgi-bin/`;

const call = (name, ...given) => promisify(api[name]).apply(api, given);

serve(async (given) => {
  const fields = Object.fromEntries(Object.entries(given.fields).map(([name, value]) => [name, { value }]));
  const sent = await call("sendTemplate", given.openid, given.template_id, "https://example.com/", fields);
  await call("createMenu", given.menu);
  const { media_id } = await call("uploadMedia", given.image, "image");
  const { ticket } = await call("createTmpQRCode", 123, 1800);
  return {
    msgid: sent.msgid,
    media_id,
    downloaded: digest(await call("getMedia", media_id)),
    ticket,
    shown: given.shows ? digest(await bytesOf(api.showQRCodeURL(encodeURIComponent(ticket)))) : null,
    config: await call("getJsConfig", { debug: false, jsApiList: [], url: given.page }),
  };
});
