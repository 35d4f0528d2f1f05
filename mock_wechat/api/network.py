"""get_api_domain_ip, getcallbackip and callback/check: where WeChat calls from and whether it gets through."""

from collections.abc import Callable

from ..errors import WeChatError
from ..wire import Response, compact
from .exchange import Endpoint, Exchange

API_ADDRESSES = ("101.89.47.18", "101.91.34.103")
CALLBACK_ADDRESSES = ("127.0.0.1", "118.126.124.0/24", "101.226.103.0/25")
"""The first is where the mock's own pushes come from; the others show that WeChat lists networks, too."""

ACTIONS = ("all", "dns", "ping")
OPERATORS = ("DEFAULT", "CHINANET", "UNICOM", "CAP")


def get_api_domain_ip(exchange: Exchange) -> dict[str, object]:
    exchange.caller_by_token("official", "mini")
    return {"ip_list": API_ADDRESSES}


def getcallbackip(exchange: Exchange) -> Response:
    """Its slashes are escaped, as PHP writes JSON (WECHAT.md 7.2)."""
    exchange.caller_by_token("official", "mini")
    body = compact({"ip_list": CALLBACK_ADDRESSES}).replace("/", "\\/")
    return Response(body.encode(), "application/json; encoding=utf-8")


def callback_check(exchange: Exchange) -> dict[str, object]:
    """Looks at the account's push URL, or would: the addresses and times are made up."""
    account = exchange.caller_by_token("official", "mini")
    if not exchange.request.body:
        raise WeChatError(44002)
    if not isinstance(exchange.request.json, dict):
        raise WeChatError(47001)
    action = exchange.request.json.get("action")
    operator = exchange.request.json.get("check_operator")
    if action not in ACTIONS:
        raise WeChatError(40202)
    if operator not in OPERATORS:
        raise WeChatError(40203)
    if account.push_url is None:
        raise WeChatError(40201)
    return {name: look(str(operator)) for name, look in _LOOKS.items() if action in (name, "all")}


def _dns(_: str) -> list[dict[str, str]]:
    return [{"ip": "127.0.0.1", "real_operator": "UNICOM"}]


def _ping(operator: str) -> list[dict[str, str]]:
    return [{"ip": "127.0.0.1", "from_operator": operator, "package_loss": "0%", "time": "23.079ms"}]


_LOOKS: dict[str, Callable[[str], list[dict[str, str]]]] = {"dns": _dns, "ping": _ping}

ENDPOINTS = (
    Endpoint("/cgi-bin/get_api_domain_ip", "GET", get_api_domain_ip),
    Endpoint("/cgi-bin/getcallbackip", "GET", getcallbackip),
    Endpoint("/cgi-bin/callback/check", "POST", callback_check),
)
