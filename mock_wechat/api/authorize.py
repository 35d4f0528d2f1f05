"""/connect/oauth2/authorize: the page that sends users back with a code (WECHAT.md 9.1)."""

import string
from collections.abc import Iterable
from html import escape
from http import HTTPStatus
from urllib.parse import parse_qsl, quote, urlencode

from ..errors import WeChatError
from ..state.accounts import Account, is_listed
from ..state.logins import SCOPES, Scope
from ..state.users import User
from ..wire import Response
from .exchange import Endpoint, Exchange

_SHELL = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · mock WeChat</title>
<style>
body {{ margin: 0 auto; max-width: 26rem; padding: 1.5rem; font: 1rem/1.5 system-ui, sans-serif; }}
h1 {{ font-size: 1.25rem; }}
fieldset {{ border: 0; margin: 1.5rem 0; padding: 0; }}
label {{ display: flex; gap: .75rem; align-items: center; min-height: 3rem; border-bottom: 1px solid #8884; }}
input {{ flex: none; width: 1.25rem; height: 1.25rem; }}
button {{ width: 100%; min-height: 3rem; margin-top: .75rem; border: 1px solid #8888; border-radius: .5rem; }}
button {{ background: none; color: inherit; font: inherit; }}
button[value=allow] {{ background: #07743b; border-color: #07743b; color: #fff; }}
.warning {{ border-left: .25rem solid #c60; padding-left: .75rem; }}
.warning:target {{ display: none; }}
small {{ opacity: .75; }}
</style>
</head>
<body>
{body}
<p><small>This is a mock of WeChat, for tests only.</small></p>
</body>
</html>
"""

_CONSENT = """<h1>{appid} asks who you are</h1>
<p id="wechat_redirect" class="warning">This link does not end in #wechat_redirect: WeChat would not open it.</p>
<p>It will learn your nickname and your picture.</p>
<form method="post">
<fieldset>
<legend>Whose phone is this?</legend>
{people}
</fieldset>
<label><input type="checkbox" name="snapshot" value="1"> Open as a snapshot page (快照页): a virtual user</label>
<button name="answer" value="allow">Allow 允许</button>
<button name="answer" value="refuse">Refuse 拒绝</button>
</form>"""


def _consent(account: Account, people: Iterable[User], holder: User) -> Response:
    """Asks who the user is, and whether the account may know."""
    choices = "\n".join(
        f'<label><input type="radio" name="user" value="{escape(user.name)}"{" checked" if user == holder else ""}> '
        f"{escape(user.nickname)} <small>{escape(user.openid(account.appid))}</small></label>"
        for user in people
    )
    return _page("Log in", _CONSENT.format(appid=escape(account.appid), people=choices))


def _refused() -> Response:
    """After a refusal WeChat does not redirect."""
    return _page("Refused", "<h1>You refused</h1><p>The site is not told: WeChat stays on its own page.</p>")


def error_page(errcode: int, errmsg: str) -> Response:
    """An error as the page shows it, with HTTP 200."""
    return _page("Error", f"<h1>{escape(errmsg)}</h1><p>错误码: {errcode}</p>")


def _wrong_parameters(why: str) -> Response:
    """An error without an errcode."""
    return _page("Error", f"<h1>参数错误</h1><p>{escape(why)}</p>")


def _page(title: str, body: str) -> Response:
    page = _SHELL.format(title=escape(title), body=body)
    return Response(page.encode("utf-8", "replace"), "text/html; charset=utf-8", headers={"Cache-Control": "no-store"})


PATH = "/connect/oauth2/authorize"
ORDER = ("appid", "redirect_uri", "response_type", "scope", "state")
MISSING = {"appid": 10012, "redirect_uri": 10011, "scope": 10010, "state": 10013}
MAX_STATE = 128


def authorize(exchange: Exchange) -> Response:
    """snsapi_base redirects at once, snsapi_userinfo asks first."""
    query = exchange.request.query
    account = _account(exchange)
    if why := _objection(exchange):
        return _wrong_parameters(why)
    users = exchange.state.users
    if query["scope"] == "snsapi_base":
        return _back(exchange, account, users.holder, SCOPES[0], snapshot=False)
    if exchange.request.method != "POST":
        return _consent(account, users.people.values(), users.holder)
    chosen = dict(parse_qsl(exchange.request.body.decode("utf-8", "replace")))
    if chosen.get("answer") != "allow":
        return _refused()
    user = users.people.get(chosen.get("user", ""))
    if user is None:
        return _wrong_parameters("no user has that name")
    users.holder = user
    return _back(exchange, account, user, SCOPES[1], snapshot="snapshot" in chosen)


def _account(exchange: Exchange) -> Account:
    """The account that asks. Raises WeChatError with one of the page's own errcodes."""
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
    """Why WeChat's page would not open, in the cases without an errcode; None if it opens."""
    query = exchange.request.query
    given = [name for name in query if name in ORDER]
    state = query["state"]
    if query.get("response_type") != "code":
        return "response_type must be code"
    if tuple(given) != ORDER:
        return f"the order must be {', '.join(ORDER)}"
    if "#wechat_redirect" in state:
        return "#wechat_redirect must follow the URL as it is, not percent-encoded inside state"
    if not (state.isascii() and state.isalnum()) or len(state) > MAX_STATE:
        return f"state must be up to {MAX_STATE} letters and digits"
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
