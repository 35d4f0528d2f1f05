// node-easywechat: its API client, its JS-SDK configuration, its server and its login of mini programs.
const http = require("node:http");
const { MiniApp, OfficialAccount, ServerRequest } = require("node-easywechat");
const { setup, digest, bytesOf, serve } = require("./rounds");

const shared = { http: { baseURL: `${setup.base}/` }, file_cache: { path: `${setup.folder}/` } };
const account = { app_id: setup.appid, secret: setup.secret, token: setup.push_token, aes_key: setup.push_aes_key };
const app = new OfficialAccount({ ...account, ...shared });
const mini = new MiniApp({ app_id: setup.mini_appid, secret: setup.mini_secret, ...shared });
const client = app.getClient();

const play = async (given) => {
  const fields = Object.fromEntries(Object.entries(given.fields).map(([name, value]) => [name, { value }]));
  const message = { touser: given.openid, template_id: given.template_id, url: "https://example.com/", data: fields };
  const sent = (await client.postJson("/cgi-bin/message/template/send", message)).toObject();
  await client.postJson("/cgi-bin/menu/create", given.menu);
  const form = client.withFile(given.image, "media");
  const { media_id } = (await form.post("/cgi-bin/media/upload", { params: { type: "image" } })).toObject();
  const query = { params: { media_id }, responseType: "arraybuffer" };
  const scene = { expire_seconds: 1800, action_name: "QR_SCENE", action_info: { scene: { scene_id: 123 } } };
  const { ticket } = (await client.postJson("/cgi-bin/qrcode/create", scene)).toObject();
  const image = `${setup.base}/cgi-bin/showqrcode?ticket=${encodeURIComponent(ticket)}`;
  return {
    msgid: sent.msgid,
    media_id,
    downloaded: digest((await client.get("/cgi-bin/media/get", query)).getContent()),
    ticket,
    shown: given.shows ? digest(await bytesOf(image)) : null,
    config: await app.getUtils().buildJsSdkConfig(given.page),
    ...(await playMini(given)),
  };
};

const playMini = async (given) => {
  const client = mini.getClient();
  await client.postJson("/wxa/msg_sec_check", { content: "你好" });
  const phone = (await client.postJson("/wxa/business/getuserphonenumber", { code: given.phone_code })).toObject();
  const code = { scene: "a=1", page: "pages/index/index" };
  const image = await client.postJson("/wxa/getwxacodeunlimit", code, { responseType: "arraybuffer" });
  return {
    openid: (await mini.getUtils().codeToSession(given.js_code)).openid,
    phone: phone.phone_info.phoneNumber,
    mini_code: digest(image.getContent()),
  };
};

const server = http.createServer(async (incoming, outgoing) => {
  const answering = new OfficialAccount({ ...account, ...shared });
  answering.setRequest(await ServerRequest.createFromIncomingMessage(incoming));
  answering.getServer().addMessageListener("text", async (message) => `heard ${message.Content}`);
  const answer = await answering.getServer().serve();
  outgoing.writeHead(answer.getStatusCode(), answer.getHeaders()).end(answer.getBody());
});

serve(play, server);
