"""/sns/*: web and mini-program login, and phone numbers (WECHAT.md 9.2)."""

from ..errors import WeChatError
from ..state.accounts import Account
from ..state.logins import TOKEN_SECONDS, Grant
from .asked import OK
from .exchange import Endpoint, Exchange


def access_token(exchange: Exchange) -> dict[str, object]:
    """Exchange a code for the user's token, with unionid and is_snapshotuser where they apply."""
    query = exchange.request.query
    account = exchange.caller_by_secret(query, "authorization_code", code="code")
    exchange.spend(account)
    code = exchange.state.codes.redeem(query["code"], "oauth", account.appid, exchange.now)
    grant = exchange.state.grants.issue(code, exchange.now)
    return _tokens(grant) | _unionid(grant, account) | ({"is_snapshotuser": 1} if grant.snapshot else {})


def refresh_token(exchange: Exchange) -> dict[str, object]:
    """Needs no AppSecret. The refresh_token does not change, nor does a live access_token."""
    query = exchange.request.query
    if not query.get("appid"):
        raise WeChatError(41002)
    account = exchange.state.accounts.get(query["appid"])
    if account is None:
        raise WeChatError(40013)
    if query.get("grant_type") != "refresh_token":
        raise WeChatError(40002)
    exchange.spend(account)
    return _tokens(exchange.state.grants.refresh(account.appid, query.get("refresh_token", ""), exchange.now))


def userinfo(exchange: Exchange) -> dict[str, object]:
    """Nickname and avatar; sex and place are blank since 2021."""
    grant, account = _granted(exchange)
    if grant.scope == "snsapi_base" or grant.snapshot:
        raise WeChatError(48001)
    blank = {"sex": 0, "language": "", "city": "", "province": "", "country": ""}
    person = {"openid": grant.openid, "nickname": grant.user.nickname, **blank, "headimgurl": grant.user.headimgurl}
    return person | {"privilege": []} | _unionid(grant, account)


def auth(exchange: Exchange) -> dict[str, object]:
    _granted(exchange)
    return OK


def _granted(exchange: Exchange) -> tuple[Grant, Account]:
    """The grant of the token and openid in the query, and its account. Raises WeChatError."""
    grant, account = exchange.caller_by_user_token()
    exchange.spend(account)
    if exchange.request.query.get("openid") != grant.openid:
        raise WeChatError(40003)
    return grant, account


def _tokens(grant: Grant) -> dict[str, object]:
    return {
        "access_token": grant.access_token,
        "expires_in": TOKEN_SECONDS,
        "refresh_token": grant.refresh_token,
        "openid": grant.openid,
        "scope": grant.scope,
    }


def _unionid(grant: Grant, account: Account) -> dict[str, object]:
    """The unionid; a snapshot user's is virtual."""
    return {"unionid": grant.user.unionid} if account.open_platform and grant.scope != "snsapi_base" else {}


def jscode2session(exchange: Exchange) -> dict[str, object]:
    """Log a user in: moderation accepts the openid for two hours. Only the query is read."""
    query = exchange.request.query
    account = exchange.caller_by_secret(query, "authorization_code", code="js_code")
    exchange.spend(account)
    code = exchange.state.codes.redeem(query["js_code"], "js", account.appid, exchange.now)
    openid = code.user.openid(account.appid)
    exchange.state.users.log_in(account.appid, openid, exchange.now)
    session_key = exchange.state.sessions.renew(account.appid, openid)
    session: dict[str, object] = {"session_key": session_key, "openid": openid}
    return session | ({"unionid": code.user.unionid} if account.open_platform else {})


def getuserphonenumber(exchange: Exchange) -> dict[str, object]:
    account = exchange.counted_caller("mini")
    if not exchange.request.body:
        raise WeChatError(44002)
    if "code" not in exchange.request.json_object:
        raise WeChatError(47001)
    code = exchange.state.codes.redeem(exchange.request.json_object["code"], "phone", account.appid, exchange.now)
    number = {"phoneNumber": code.user.phone, "purePhoneNumber": code.user.phone, "countryCode": "86"}
    watermark = {"timestamp": int(code.issued_at), "appid": account.appid}
    return OK | {"phone_info": number | {"watermark": watermark}}


ENDPOINTS = (
    Endpoint("/sns/oauth2/access_token", "GET", access_token, takes_secret=True),
    Endpoint("/sns/oauth2/refresh_token", "GET", refresh_token),
    Endpoint("/sns/userinfo", "GET", userinfo),
    Endpoint("/sns/auth", "GET", auth),
    Endpoint("/sns/jscode2session", None, jscode2session, takes_secret=True),
    Endpoint("/wxa/business/getuserphonenumber", "POST", getuserphonenumber),
)
