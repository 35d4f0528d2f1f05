"""Quotas, rids and network checks: the endpoints for an account's operators (WECHAT.md 0.10, 7.2)."""

from urllib.parse import urlencode

from ..errors import WeChatError
from ..state.accounts import Account
from ..state.quotas import CLEARS_A_MONTH, LIMITS
from .asked import OK
from .exchange import Endpoint, Exchange


def clear_quota(exchange: Exchange) -> dict[str, object]:
    account = exchange.caller_by_token("official", "mini")
    if _asked(exchange, "appid") != account.appid:
        raise WeChatError(40013)
    return _clear(exchange, account)


def clear_quota_v2(exchange: Exchange) -> dict[str, object]:
    """Takes the AppSecret from the body or, as in WeChat's own example, from the query."""
    params = {**exchange.request.json_object, **exchange.request.query}
    return _clear(exchange, exchange.caller_by_secret({**params, "secret": params.get("appsecret")}))


def quota_get(exchange: Exchange) -> dict[str, object]:
    account = exchange.caller_by_token("official", "mini")
    path = _asked(exchange, "cgi_path")
    if path.startswith("/sns/"):
        raise WeChatError(76022)
    if path not in LIMITS and exchange.state.answers.find(path, built_in=False) is None:
        raise WeChatError(76021)
    limit = account.limit(path)
    quota = exchange.state.quotas.today(account.appid, path, limit.day, exchange.now)
    rate = {"rate_limit": {"call_count": limit.minute, "refresh_second": 60}} if limit.minute else {}
    return OK | {"quota": quota, **rate}


def rid_get(exchange: Exchange) -> dict[str, object]:
    """WeChat's record of a refused call."""
    account = exchange.caller_by_token("official", "mini")
    call = exchange.state.rids.find(_asked(exchange, "rid"), account.appid, exchange.now)
    record = {
        "invoke_time": int(call.at),
        "cost_in_ms": 0,
        "request_url": urlencode(call.query),
        "request_body": call.body or "",
        "response_body": call.answer or "",
        "client_ip": call.client,
    }
    return OK | {"request": record}


def _clear(exchange: Exchange, account: Account) -> dict[str, object]:
    quotas = exchange.state.quotas
    if not quotas.spend(account.appid, "clear_quota", CLEARS_A_MONTH, exchange.now, "month"):
        raise WeChatError(48006)
    quotas.clear(account.appid)
    return OK


def _asked(exchange: Exchange, name: str) -> str:
    """A string field of the body, empty if it is missing. Raises WeChatError."""
    if not exchange.request.body:
        raise WeChatError(44002)
    if not isinstance(exchange.request.json, dict):
        raise WeChatError(47001)
    value = exchange.request.json.get(name)
    return value if isinstance(value, str) else ""


API_ADDRESSES = ("101.89.47.18", "101.91.34.103")
CALLBACK_ADDRESSES = ("127.0.0.1", "118.126.124.0/24", "101.226.103.0/25")
"""The first is the source of the mock's own pushes; the others show that WeChat lists networks, too."""

ACTIONS = ("all", "dns", "ping")
OPERATORS = ("DEFAULT", "CHINANET", "UNICOM", "CAP")


def get_api_domain_ip(exchange: Exchange) -> dict[str, object]:
    exchange.caller_by_token("official", "mini")
    return {"ip_list": API_ADDRESSES}


def getcallbackip(exchange: Exchange) -> dict[str, object]:
    exchange.caller_by_token("official", "mini")
    return {"ip_list": CALLBACK_ADDRESSES}


def callback_check(exchange: Exchange) -> dict[str, object]:
    """Checks the account's push URL; the addresses and times are made up."""
    account = exchange.caller_by_token("official", "mini")
    action, operator = _asked(exchange, "action"), _asked(exchange, "check_operator")
    if action not in ACTIONS:
        raise WeChatError(40202)
    if operator not in OPERATORS:
        raise WeChatError(40203)
    if account.push_url is None:
        raise WeChatError(40201)
    dns = [{"ip": "127.0.0.1", "real_operator": "UNICOM"}]
    ping = [{"ip": "127.0.0.1", "from_operator": operator, "package_loss": "0%", "time": "23.079ms"}]
    return {name: found for name, found in (("dns", dns), ("ping", ping)) if action in (name, "all")}


ENDPOINTS = (
    Endpoint("/cgi-bin/clear_quota", "POST", clear_quota),
    Endpoint("/cgi-bin/clear_quota/v2", "POST", clear_quota_v2, takes_secret=True),
    Endpoint("/cgi-bin/openapi/quota/get", "POST", quota_get),
    Endpoint("/cgi-bin/openapi/rid/get", "POST", rid_get),
    Endpoint("/cgi-bin/get_api_domain_ip", "GET", get_api_domain_ip),
    Endpoint("/cgi-bin/getcallbackip", "GET", getcallbackip, escapes_slashes=True),
    Endpoint("/cgi-bin/callback/check", "POST", callback_check),
)
