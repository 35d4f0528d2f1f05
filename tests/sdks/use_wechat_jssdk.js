// wechat-jssdk: signatures for pages, and the login of mini programs.
const { Wechat, MiniProgram } = require("wechat-jssdk");
const { setup, serve } = require("./rounds");

const shared = { storeOptions: { fileStorePath: `${setup.folder}/wechat-jssdk.json` } };
const wechat = new Wechat({
  appId: setup.appid,
  appSecret: setup.secret,
  wechatToken: setup.push_token,
  wechatRedirectUrl: "http://localhost:8000/oauth",
  accessTokenUrl: `${setup.base}/cgi-bin/token`,
  ticketUrl: `${setup.base}/cgi-bin/ticket/getticket`,
  apiUrl: setup.base,
  ...shared,
});
const mini = new MiniProgram({
  miniProgram: {
    appId: setup.mini_appid,
    appSecret: setup.mini_secret,
    GET_SESSION_KEY_URL: `${setup.base}/sns/jscode2session`,
  },
  ...shared,
});

serve(async (given) => ({
  config: await wechat.jssdk.getSignature(given.page, true),
  openid: (await mini.getSession(given.js_code)).openid,
}));
