// co-wechat-api: the calls of its feature list. It has five addresses; with `prefix` alone the AppSecret goes to WeChat.
const WechatAPI = require("co-wechat-api");
const { setup, digest, bytesOf, serve } = require("./rounds");

const connect = (appid, secret) => {
  const api = new WechatAPI(appid, secret);
  api.prefix = `${setup.base}/cgi-bin/`;
  api.mpPrefix = `${setup.base}/cgi-bin/`;
  api.fileServerPrefix = `${setup.base}/cgi-bin/`;
  api.snsPrefix = `${setup.base}/sns/`;
  api.wxaPrefix = `${setup.base}/wxa/`;
  return api;
};

const api = connect(setup.appid, setup.secret);
const mini = connect(setup.mini_appid, setup.mini_secret);

serve(async (given) => {
  const fields = Object.fromEntries(Object.entries(given.fields).map(([name, value]) => [name, { value }]));
  const sent = await api.sendTemplate(given.openid, given.template_id, "https://example.com/", "#FF0000", fields);
  await api.createMenu(given.menu);
  const { media_id } = await api.uploadMedia(given.image, "image");
  const { ticket } = await api.createTmpQRCode(123, 1800);
  return {
    msgid: Number(sent.msgid),
    media_id,
    downloaded: digest(await api.getMedia(media_id)),
    ticket,
    shown: given.shows ? digest(await bytesOf(api.showQRCodeURL(encodeURIComponent(ticket)))) : null,
    config: await api.getJsConfig({ debug: false, jsApiList: [], url: given.page }),
    openid: (await mini.code2Session(given.js_code)).openid,
    mini_code: digest(await mini.getWXACodeUnlimit("a=1", "pages/index/index")),
  };
});
