"""/sns/jscode2session and /wxa/business/getuserphonenumber: what a mini program's codes are worth (WECHAT.md 9.2)."""

from base64 import b64encode

from ..errors import WeChatError
from .exchange import Endpoint, Exchange

CHINA = "86"


def jscode2session(exchange: Exchange) -> dict[str, object]:
    """Who is there: from now on moderation takes this openid for two hours. The query alone is looked at."""
    query = exchange.request.query
    account = exchange.caller_by_secret(query, "authorization_code", code="js_code")
    exchange.spend(account)
    code = exchange.state.codes.redeem(query["js_code"], "js", account.appid, exchange.now)
    openid = code.user.openid(account.appid)
    exchange.state.users.log_in(account.appid, openid, exchange.now)
    session_key = b64encode(exchange.state.random.randbytes(16)).decode()
    session: dict[str, object] = {"session_key": session_key, "openid": openid}
    return session | ({"unionid": code.user.unionid} if account.open_platform else {})


def getuserphonenumber(exchange: Exchange) -> dict[str, object]:
    account = exchange.caller_by_token("mini")
    exchange.spend(account)
    if not exchange.request.body:
        raise WeChatError(44002)
    if "code" not in exchange.request.json_object:
        raise WeChatError(47001)
    code = exchange.state.codes.redeem(exchange.request.json_object["code"], "phone", account.appid, exchange.now)
    number = {"phoneNumber": code.user.phone, "purePhoneNumber": code.user.phone, "countryCode": CHINA}
    watermark = {"timestamp": int(code.issued_at), "appid": account.appid}
    return {"errcode": 0, "errmsg": "ok", "phone_info": number | {"watermark": watermark}}


ENDPOINTS = (
    Endpoint("/sns/jscode2session", None, jscode2session, takes_secret=True),
    Endpoint("/wxa/business/getuserphonenumber", "POST", getuserphonenumber),
)
