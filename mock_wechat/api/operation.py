"""clear_quota, openapi/quota/get and openapi/rid/get: what an account's operators ask (WECHAT.md 7.2, 0.10)."""

from urllib.parse import urlencode

from ..accounts import Account
from ..errors import WeChatError
from ..limits import CLEARS_A_MONTH, LIMITS
from .exchange import Endpoint, Exchange

OK: dict[str, object] = {"errcode": 0, "errmsg": "ok"}


def clear_quota(exchange: Exchange) -> dict[str, object]:
    account = exchange.caller_by_token("official", "mini")
    if _asked(exchange, "appid") != account.appid:
        raise WeChatError(40013)
    return _clear(exchange, account)


def clear_quota_v2(exchange: Exchange) -> dict[str, object]:
    """By AppSecret, in the body or, as WeChat's own example has it, in the query."""
    params = {**exchange.request.json_object, **exchange.request.query}
    return _clear(exchange, exchange.caller_by_secret({**params, "secret": params.get("appsecret")}))


def quota_get(exchange: Exchange) -> dict[str, object]:
    account = exchange.caller_by_token("official", "mini")
    path = _asked(exchange, "cgi_path")
    if path.startswith("/sns/"):
        raise WeChatError(76022)
    if path not in LIMITS:
        raise WeChatError(76021)
    limit = account.limit(path)
    quota = exchange.state.quotas.today(account.appid, path, limit.day, exchange.now)
    rate = {"rate_limit": {"call_count": limit.minute, "refresh_second": 60}} if limit.minute else {}
    return {**OK, "quota": quota, **rate}


def rid_get(exchange: Exchange) -> dict[str, object]:
    """What WeChat noted about a refused call."""
    account = exchange.caller_by_token("official", "mini")
    call = exchange.state.rids.find(_asked(exchange, "rid"), account.appid, exchange.now)
    noted = {
        "invoke_time": int(call.at),
        "cost_in_ms": 0,
        "request_url": f"{call.path}?{urlencode(call.query)}",
        "request_body": call.body or "",
        "response_body": call.answer or "",
        "client_ip": call.client,
    }
    return {**OK, "request": noted}


def _clear(exchange: Exchange, account: Account) -> dict[str, object]:
    quotas = exchange.state.quotas
    if not quotas.spend(account.appid, "clear_quota", CLEARS_A_MONTH, exchange.now, "month"):
        raise WeChatError(48006)
    quotas.clear(account.appid)
    return OK


def _asked(exchange: Exchange, name: str) -> str:
    """The one text in the body that a call is about. Raises WeChatError."""
    if not exchange.request.body:
        raise WeChatError(44002)
    if not isinstance(exchange.request.json, dict):
        raise WeChatError(47001)
    value = exchange.request.json.get(name)
    return value if isinstance(value, str) else ""


ENDPOINTS = (
    Endpoint("/cgi-bin/clear_quota", "POST", clear_quota),
    Endpoint("/cgi-bin/clear_quota/v2", "POST", clear_quota_v2, takes_secret=True),
    Endpoint("/cgi-bin/openapi/quota/get", "POST", quota_get),
    Endpoint("/cgi-bin/openapi/rid/get", "POST", rid_get),
)
