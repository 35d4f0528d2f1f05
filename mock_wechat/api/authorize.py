"""/connect/oauth2/authorize: the page that redirects users back with a code (WECHAT.md 9.1)."""

import string
from collections.abc import Mapping
from html import escape
from http import HTTPStatus
from importlib.resources import files
from urllib.parse import parse_qsl, quote, urlencode

from ..errors import WeChatError
from ..families import AUTHORIZE
from ..state.accounts import Account, is_listed
from ..state.logins import SCOPES, Scope
from ..state.users import User, Users
from ..wire import Response
from .exchange import Endpoint, Exchange

ORDER = ("appid", "redirect_uri", "response_type", "scope", "state")
MISSING = {"appid": 10012, "redirect_uri": 10011, "scope": 10010, "state": 10013}
MAX_STATE = 128


def authorize(exchange: Exchange) -> Response:
    """Redirect at once for snsapi_base; ask first for snsapi_userinfo."""
    query = exchange.request.query
    account = _account(exchange)
    if objection := _objection(query):
        return _invalid(objection)
    users = exchange.state.users
    if query["scope"] == "snsapi_base":
        return _redirect(exchange, account, users.holder, SCOPES[0], snapshot=False)
    if exchange.request.method != "POST":
        return _consent(account, users)
    chosen = dict(parse_qsl(exchange.request.body.decode("utf-8", "replace")))
    if chosen.get("answer") != "allow":  # WeChat does not redirect then
        return _page("Refused", "<h1>You refused</h1><p>The site is not notified: WeChat stays on its own page.</p>")
    user = users.people.get(chosen.get("user", ""))
    if user is None:
        return _invalid("no user has that name")
    users.holder = user
    return _redirect(exchange, account, user, SCOPES[1], snapshot="snapshot" in chosen)


def error_page(errcode: int, errmsg: str) -> Response:
    """An error as the page shows it, with HTTP 200."""
    return _page("Error", f"<h1>{escape(errmsg)}</h1><p>错误码: {errcode}</p>")


def _account(exchange: Exchange) -> Account:
    """The account in the query. Raises WeChatError with one of the page's own errcodes."""
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


def _consent(account: Account, users: Users) -> Response:
    people = "\n".join(
        f'<label><input type="radio" name="user" value="{escape(user.name)}"'
        f"{' checked' if user == users.holder else ''}> "
        f"{escape(user.nickname)} <small>{escape(user.openid(account.appid))}</small></label>"
        for user in users.people.values()
    )
    return _page("Log in", _template("consent.html").substitute(appid=escape(account.appid), people=people))


def _invalid(why: str) -> Response:
    """An error page without an errcode."""
    return _page("Error", f"<h1>参数错误</h1><p>{escape(why)}</p>")


def _page(title: str, body: str) -> Response:
    page = _template("authorize.html").substitute(title=escape(title), body=body)
    return Response(page.encode("utf-8", "replace"), "text/html; charset=utf-8", headers={"Cache-Control": "no-store"})


def _template(name: str) -> string.Template:
    return string.Template((files(__package__) / name).read_text("utf-8"))


def _redirect(exchange: Exchange, account: Account, user: User, scope: Scope, *, snapshot: bool) -> Response:
    code = exchange.state.codes.issue("oauth", account.appid, user, exchange.now, scope, snapshot=snapshot)
    url, hash_sign, fragment = exchange.request.query["redirect_uri"].partition("#")
    separator = "&" if "?" in url else "?"
    added = urlencode({"code": code.value, "state": exchange.request.query["state"]})
    location = quote(f"{url}{separator}{added}{hash_sign}{fragment}", safe=string.punctuation)
    headers = {"Location": location, "Cache-Control": "no-store"}
    return Response(b"", "text/html; charset=utf-8", HTTPStatus.FOUND, headers)


ENDPOINTS = (Endpoint(AUTHORIZE, None, authorize),)
