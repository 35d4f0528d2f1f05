// preVerifyJSAPI: the mock checks the signature, for the address that a phone would use (WECHAT.md 8.7.4).

const fetchUntouched = window.fetch.bind(window);

/** The answer to wx.config. A refused config withdraws the grants of an earlier one. */
async function preVerify(params, call) {
  const address = verifiedAddress();
  const verdict = await judge(params, address);
  if (verdict.valid) {
    grant(address, params.verifyJsApiList || []);
    allowTags(params.verifyOpenTagList || []);
    return {};
  }
  withdrawGrants();
  const answer = refusedConfig(verdict.reason, address);
  if (params.verifyOpenTagList) complainAboutTags(answer.err_msg);
  call.note = verdict.detail;
  console.warn(`${say("name")}: ${verdict.detail}`);
  return answer;
}

async function judge(params, address) {
  const given = params.verifyAppId || "";
  if (settings.appid && given !== settings.appid) {
    return { valid: false, reason: "no_match", detail: say("wrongAppid", { appid: settings.appid, given }) };
  }
  const asked = { appid: given, timestamp: params.verifyTimestamp || "", nonceStr: params.verifyNonceStr || "" };
  const query = new URLSearchParams({ ...asked, signature: params.verifySignature || "", url: address });
  try {
    const answer = await (await fetchUntouched(`${settings.mock}/_mock/verify?${query}`)).json();
    return answer.error ? { valid: false, reason: "no_match", detail: answer.error } : answer;
  } catch {
    return { valid: false, reason: "unreachable", detail: say("unreachable", settings) };
  }
}

/** `realAuthUrl` is one string, a list as Java prints it. */
function refusedConfig(reason, address) {
  if (reason === "unreachable") return { err_msg: "preVerifyJSAPI:fail" };
  const why = reason === "domain_not_listed" ? "fail_invalid_url_domain" : "fail_invalid_signature";
  return { err_msg: `preVerifyJSAPI:${why}`, realAuthUrl: `[${address}, ${address}]` };
}
