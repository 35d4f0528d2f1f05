// A peer: signatures as wechat-jssdk's README makes them behind Express, and nothing else: no log, no metrics.
'use strict';

const express = require('express');
const { Wechat } = require('wechat-jssdk');

const base = process.env.WECHAT_API_BASE;
const wechat = new Wechat({
  appId: process.env.WECHAT_APPID,
  appSecret: process.env.WECHAT_SECRET,
  accessTokenUrl: `${base}/cgi-bin/token`,
  ticketUrl: `${base}/cgi-bin/ticket/getticket`,
});

const app = express();
app.get('/api/jssdk/signature', (request, response, next) => {
  wechat.jssdk.getSignature(request.query.url).then((signature) => response.json(signature), next);
});
app.listen(Number(process.env.PORT), '127.0.0.1');
