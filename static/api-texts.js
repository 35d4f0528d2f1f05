// The texts of the page for the API, in English and Chinese, besides those that all pages share.

import { addTexts } from "./texts.js";

addTexts({
  en: {
    title: "API · WeChat central control server",
    purpose: "The API of this server",
    lead: "The endpoints of this listener, from its OpenAPI document. Open one to read it and to send it a request.",
    key: "API key",
    keyNote: "Used for the requests that you send from this page. It stays in this tab’s memory and is not stored.",
    download: "OpenAPI document",
    scoped: "Needs an API key with the scope {scope}.",
    open: "Needs no API key.",
    parameters: "Parameters",
    body: "Body (JSON)",
    optional: ", optional",
    try: "Try it",
    target: "Path and query",
    send: "Send",
    answers: "Answers",
  },
  zh: {
    title: "接口文档 · 微信中控服务器",
    purpose: "本服务器的接口",
    lead: "当前监听端口提供的接口，取自 OpenAPI 文档。展开即可查看说明并发送请求。字段说明为英文原文。",
    key: "API 密钥",
    keyNote: "用于从本页发送的请求。密钥只留在本页的内存中，不会存储。",
    download: "OpenAPI 文档",
    scoped: "需要具有 {scope} 权限的 API 密钥。",
    open: "不需要 API 密钥。",
    parameters: "参数",
    body: "请求体（JSON）",
    optional: "，可选",
    try: "试一试",
    target: "路径与查询参数",
    send: "发送",
    answers: "响应",
  },
});
