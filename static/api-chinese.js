// The OpenAPI document in Chinese: what it says of itself, of its tags, and in one line of each endpoint.

export const ABOUT = `统一保管微信账号的 \`access_token\` 与 \`jsapi_ticket\`，为 H5 页面签名 \`wx.config\`，并调用微信内容安全接口检测文本、图片和音频。

请求体一律按 JSON 读取，与 \`Content-Type\` 无关。未知、重复或为空的参数返回 400。\`account\` 可以是账号名或 appid；请求体为 JSON 时，也可以放在查询参数里。

所有错误都是 \`application/problem+json\`（RFC 9457）。请根据 \`type\` 判断，不要根据文字判断。\`errcode\`、\`errmsg\` 和 \`rid\` 是微信的原文，\`hint\` 用中英文说明如何处理。路径不存在返回 404 \`/problems/not-found\`，请求不合 HTTP 规范返回 4xx \`/problems/bad-request\`，服务器内部错误返回 500 \`/problems/internal\`，可凭 \`X-Request-ID\` 在日志中查到详情。

除以下接口外，内网监听端口还提供微信自己的路径（\`/cgi-bin/...\`、\`/wxa/...\`、\`/sns/...\`）：把 SDK 的接口域名改为本服务器，AppSecret 填写具有 \`gateway\` 权限的 API 密钥即可，请求与响应都与微信一致。`;

export const TAGS = {
  Pages: ["页面签名", "供微信内的 H5 页面使用：`wx.config` 所需的签名。公网可访问，对「JS接口安全域名」开放跨域（CORS）。"],
  Credentials: ["凭据", "供其他业务服务器使用：获取当前的 `access_token` 或 `jsapi_ticket`，失效时换取新的。"],
  "Web login": ["网页登录", "供网页及其后端使用：用户用微信登录（网页授权、网站应用扫码登录）。"],
  "Mini program login": ["小程序登录", "供后端使用：小程序的用户是谁；`session_key` 只保存在本服务器。"],
  Moderation: ["内容安全", "供后端使用：检测文本、图片或音频。"],
  "Message push": ["消息推送", "由微信调用：微信把检测结果和消息推送到这里。"],
  Operations: ["运维", "供控制台使用：哪里出了问题，哪些可以在此修复。"],
  Monitoring: ["监控", "供监控系统使用：进程是否存活，服务是否就绪。"],
};

export const SUMMARIES = {
  post_api_jssdk_signature: "为页面签名",
  get_api_jssdk_signature: "为页面签名",
  post_api_jssdk_refused: "微信提示 `invalid signature` 后重新签名",
  post_api_jssdk_diagnose: "诊断签名错在哪里",
  get_api_access_token: "获取当前的 access_token",
  post_api_access_token_refresh: "access_token 被微信拒绝后，换取可用的",
  get_api_jsapi_ticket: "获取当前的 jsapi_ticket",
  post_api_jsapi_ticket_refresh: "用 jsapi_ticket 所做的签名被拒绝后，换取可用的",
  get_api_oauth_start: "把浏览器带到微信授权页",
  get_api_oauth_callback: "微信带浏览器返回，再跳回网站",
  post_api_oauth_redeem: "用 ticket 换取用户：一分钟内有效，仅限一次，须附上登录时的 verifier",
  post_api_session: "用 `wx.login` 的 code 登录",
  post_api_session_phone: "用手机号快速验证的 code 换取手机号；微信按次收费",
  post_api_session_decrypt: "解密小程序页面得到的加密数据",
  post_api_session_sign: "用 session_key 计算用户登录态签名，如虚拟支付所需",
  post_api_session_check: "检验登录态；失效时结束该用户的会话",
  post_api_session_reset: "重置登录态；此前加密的数据仍可解密",
  post_api_moderation_text: "检测一段文本",
  post_api_moderation_text_batch: "一次检测最多 100 段文本，按顺序逐条返回结论或错误",
  post_api_moderation_image: "检测图片；`mode=async` 时稍后返回结论",
  post_api_moderation_media: "检测由微信下载的图片或音频，结论稍后返回",
  get_api_moderation_media_trace_id: "查询检测状态与结论",
  get_api_push_account: "微信验证推送 URL",
  post_api_push_account: "接收微信推送的结果或消息",
  get_api_ops_status: "控制台 `/console.html` 所显示的状态",
  post_api_ops_retry: "结束一个账号的冷却",
  post_api_ops_refresh: "立即向微信获取凭据",
  post_api_ops_doctor: "全面检查，并给出处理办法",
  get_healthz: "进程是否存活，不检查其他",
  get_readyz: "服务是否就绪",
  get_metrics: "Prometheus 指标",
};
