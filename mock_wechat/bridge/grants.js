// Which APIs the page may use: those of its last accepted config, and a few that every page may.

const ALWAYS = ["preVerifyJSAPI", "checkJsApi", "getNetworkType", "closeWindow"];
const OFFLINE = "fail, the permission value is offline verifying";
const DENIED = "system:access_denied";

let accepted = null;

/** Allows these native names as long as the phone verifies `address`. */
function grant(address, names) {
  accepted = { address, names };
}

function withdrawGrants() {
  accepted = null;
}

/** Why the page may not use an API, as WeChat says it (WECHAT.md 8.9), or null. */
function refusal(name) {
  if (ALWAYS.includes(name)) return null;
  if (!accepted || accepted.address !== verifiedAddress()) return `${name}:${OFFLINE}`;
  return accepted.names.includes(name) ? null : DENIED;
}
