"""/connect/oauth2/authorize: the page that sends people back with a code (WECHAT.md 9.1)."""

import string
from http import HTTPStatus
from urllib.parse import parse_qsl, quote, urlencode

from .. import pages
from ..accounts import Account
from ..codes import SCOPES, Scope
from ..errors import WeChatError
from ..jsdomains import is_listed
from ..users import User
from ..wire import Response
from .exchange import Endpoint, Exchange

PATH = "/connect/oauth2/authorize"
ORDER = ("appid", "redirect_uri", "response_type", "scope", "state")
MISSING = {"appid": 10012, "redirect_uri": 10011, "scope": 10010, "state": 10013}
LONGEST_STATE = 128
"""Bytes."""


def authorize(exchange: Exchange) -> Response:
    """Scope snsapi_base goes back at once, snsapi_userinfo asks first."""
    query = exchange.request.query
    account = _account(exchange)
    if why := _objection(exchange):
        return pages.wrong_parameters(why)
    users = exchange.state.users
    if query["scope"] == "snsapi_base":
        return _back(exchange, account, users.holder, SCOPES[0], snapshot=False)
    if exchange.request.method != "POST":
        return pages.consent(account, users.everybody(), users.holder)
    chosen = dict(parse_qsl(exchange.request.body.decode("utf-8", "replace")))
    if chosen.get("answer") != "allow":
        return pages.refused()
    user = users.named(chosen.get("user", ""))
    if user is None:
        return pages.wrong_parameters("nobody has that name here")
    users.holder = user
    return _back(exchange, account, user, SCOPES[1], snapshot="snapshot" in chosen)


def _account(exchange: Exchange) -> Account:
    """Who asks. Raises WeChatError with one of the page's own errcodes."""
    query = exchange.request.query
    for name, errcode in MISSING.items():
        if not query.get(name):
            raise WeChatError(errcode)
    account = exchange.state.accounts.get(query["appid"])
    if account is None:
        raise WeChatError(40013)
    if account.kind != "official" or query["scope"] not in SCOPES:
        raise WeChatError(10005)
    if not is_listed(query["redirect_uri"], account.oauth_domains):
        raise WeChatError(10003)
    return account


def _objection(exchange: Exchange) -> str | None:
    """Why WeChat's page would not open, if it would not, in the cases for which there is no number."""
    query = exchange.request.query
    given = [name for name in query if name in ORDER]
    state = query["state"]
    if query.get("response_type") != "code":
        return "response_type must be code"
    if tuple(given) != ORDER:
        return f"the order must be {', '.join(ORDER)}"
    if "#wechat_redirect" in state:
        return "#wechat_redirect must stand behind the URL as it is, not percent-encoded inside of state"
    if not (state.isascii() and state.isalnum()) or len(state) > LONGEST_STATE:
        return f"state must be up to {LONGEST_STATE} letters and digits"
    return None


def _back(exchange: Exchange, account: Account, user: User, scope: Scope, *, snapshot: bool) -> Response:
    code = exchange.state.codes.issue("oauth", account.appid, user, exchange.now, scope=scope, snapshot=snapshot)
    url, hash_sign, fragment = exchange.request.query["redirect_uri"].partition("#")
    separator = "&" if "?" in url else "?"
    added = urlencode({"code": code.value, "state": exchange.request.query["state"]})
    location = quote(f"{url}{separator}{added}{hash_sign}{fragment}", safe=string.punctuation)
    headers = {"Location": location, "Cache-Control": "no-store"}
    return Response(b"", "text/html; charset=utf-8", HTTPStatus.FOUND, headers)


ENDPOINTS = (Endpoint(PATH, None, authorize),)
