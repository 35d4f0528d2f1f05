"""/connect/oauth2/authorize: the page that redirects users back with a code (WECHAT.md 9.1)."""

from collections.abc import Mapping
from html import escape

from ..errors import WeChatError
from ..families import AUTHORIZE
from ..state.accounts import Account, is_listed
from ..state.logins import SCOPES
from ..wire import Response
from .exchange import Endpoint, Exchange
from .login_page import answered, chosen_user, go_back, invalid_page, page, people

ORDER = ("appid", "redirect_uri", "response_type", "scope", "state")
"""SDKs and WeChat itself append more: connect_redirect, forcePopup, forceSnapShot."""
MISSING = {"appid": 10012, "redirect_uri": 10011, "scope": 10010, "state": 10013}
MAX_STATE = 128


def authorize(exchange: Exchange) -> Response:
    """Redirect at once for snsapi_base; ask first for snsapi_userinfo."""
    query = exchange.request.query
    account = _account(exchange)
    if objection := _objection(query):
        return invalid_page("参数错误", objection)
    users = exchange.state.users
    if query["scope"] == "snsapi_base":
        return go_back(exchange, account, users.holder, "snsapi_base")
    is_forced = query.get("forceSnapShot") == "true"
    if exchange.request.method != "POST":
        forced = " checked disabled" if is_forced else ""
        values = {"appid": escape(account.appid), "people": people(account, users), "forced": forced}
        return page("Log in", "consent.html", **values)
    chosen = answered(exchange)
    user = chosen_user(exchange, chosen)
    if isinstance(user, Response):
        return user
    return go_back(exchange, account, user, "snsapi_userinfo", snapshot=is_forced or "snapshot" in chosen)


def _account(exchange: Exchange) -> Account:
    """The account in the query. Raises WeChatError with one of the page's own errcodes."""
    query = exchange.request.query
    for name, errcode in MISSING.items():
        if not query.get(name):
            raise WeChatError(errcode)
    account = exchange.state.accounts.get(query["appid"])
    if account is None:
        raise WeChatError(40013)
    if account.kind != "official" or query["scope"] not in SCOPES["official"]:
        raise WeChatError(10005)
    if not is_listed(query["redirect_uri"], account.oauth_domains):
        raise WeChatError(10003)
    return account


def _objection(query: Mapping[str, str]) -> str | None:
    """Why WeChat's page would not open, in the cases without an errcode; None if it opens."""
    state = query["state"]
    if query.get("response_type") != "code":
        return "response_type must be code"
    if tuple(name for name in query if name in ORDER) != ORDER:
        return f"the order must be {', '.join(ORDER)}"
    if "#wechat_redirect" in state:
        return "#wechat_redirect must follow the URL as it is, not percent-encoded inside state"
    if not (state.isascii() and state.isalnum()) or len(state) > MAX_STATE:
        return f"state must be up to {MAX_STATE} letters and digits"
    return None


ENDPOINTS = (Endpoint(AUTHORIZE, None, authorize),)
