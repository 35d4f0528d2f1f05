"""/sns/oauth2/*, /sns/userinfo and /sns/auth: logging in to web pages (WECHAT.md 9.2)."""

from ..accounts import Account
from ..errors import WeChatError
from ..grants import LIFE, Grant
from .exchange import Endpoint, Exchange


def access_token(exchange: Exchange) -> dict[str, object]:
    """A code's worth: this person's token, with a unionid or a hint at a snapshot page where they apply."""
    query = exchange.request.query
    account = exchange.caller_by_secret(query, "authorization_code", code="code")
    exchange.spend(account)
    code = exchange.state.codes.redeem(query["code"], "oauth", account.appid, exchange.now)
    grant = exchange.state.grants.issue(code, exchange.now)
    return _tokens(grant) | _unionid(grant, account) | ({"is_snapshotuser": 1} if grant.snapshot else {})


def refresh_token(exchange: Exchange) -> dict[str, object]:
    """Wants no AppSecret. The refresh_token stays the same, and so does an access_token that is alive."""
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
    """Name and picture; sex and place are blank since 2021."""
    grant, account = _granted(exchange)
    if grant.scope == "snsapi_base" or grant.snapshot:
        raise WeChatError(48001)
    blank = {"sex": 0, "language": "", "city": "", "province": "", "country": ""}
    person = {"openid": grant.openid, "nickname": grant.user.nickname} | blank
    return person | {"headimgurl": grant.user.headimgurl, "privilege": []} | _unionid(grant, account)


def auth(exchange: Exchange) -> dict[str, object]:
    _granted(exchange)
    return {"errcode": 0, "errmsg": "ok"}


def _granted(exchange: Exchange) -> tuple[Grant, Account]:
    """Whose token and openid are in the query. Raises WeChatError."""
    query = exchange.request.query
    value = query.get("access_token")
    if not value:
        raise WeChatError(41001)
    grant = exchange.state.grants.find(value)
    if grant is None:
        raise WeChatError(40001)
    account = exchange.state.accounts[grant.appid]
    exchange.spend(account)
    if not grant.is_alive(value, exchange.now):
        raise WeChatError(42001)
    if query.get("openid") != grant.openid:
        raise WeChatError(40003)
    return grant, account


def _tokens(grant: Grant) -> dict[str, object]:
    return {
        "access_token": grant.access_token,
        "expires_in": LIFE,
        "refresh_token": grant.refresh_token,
        "openid": grant.openid,
        "scope": grant.scope,
    }


def _unionid(grant: Grant, account: Account) -> dict[str, object]:
    known = account.open_platform and grant.scope == "snsapi_userinfo" and not grant.snapshot
    return {"unionid": grant.user.unionid} if known else {}


ENDPOINTS = (
    Endpoint("/sns/oauth2/access_token", "GET", access_token, takes_secret=True),
    Endpoint("/sns/oauth2/refresh_token", "GET", refresh_token),
    Endpoint("/sns/userinfo", "GET", userinfo),
    Endpoint("/sns/auth", "GET", auth),
)
