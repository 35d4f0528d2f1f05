"""What the two pages of web logins share: their form, their errors, and the redirect back with a code."""

import string
from collections.abc import Mapping
from html import escape
from http import HTTPStatus
from importlib.resources import files
from urllib.parse import parse_qsl, quote, urlencode

from ..state.accounts import Account
from ..state.logins import Scope
from ..state.users import User, Users
from ..wire import Response, compact
from .exchange import Exchange

NO_STORE = {"Cache-Control": "no-store"}


def page(title: str, name: str, **values: str) -> Response:
    """The page of a template; `values` are HTML."""
    body = _template(name).substitute(values)
    whole = _template("login_page.html").substitute(title=escape(title), body=body)
    return Response(whole.encode("utf-8", "replace"), "text/html; charset=utf-8", headers=NO_STORE)


def error_page(errcode: int, errmsg: str) -> Response:
    """An error as the page shows it, with HTTP 200."""
    return page("Error", "login_error.html", what=escape(errmsg), why=f"错误码: {errcode}")


def invalid_page(what: str, why: str = "") -> Response:
    """An error page without an errcode."""
    return page("Error", "login_error.html", what=escape(what), why=escape(why))


def people(account: Account, users: Users) -> str:
    """The choice of a user, as HTML."""
    return "\n".join(
        f'<label><input type="radio" name="user" value="{escape(user.name)}"'
        f"{' checked' if user == users.holder else ''}> "
        f"{escape(user.nickname)} <small>{escape(user.openid(account.appid))}</small></label>"
        for user in users.people.values()
    )


def answered(exchange: Exchange) -> Mapping[str, str]:
    """What the user chose in the form."""
    return dict(parse_qsl(exchange.request.body.decode("utf-8", "replace")))


def chosen_user(exchange: Exchange, chosen: Mapping[str, str]) -> User | Response:
    """The user who allows the login and becomes the phone holder, or the page after a refusal: WeChat stays on it."""
    users = exchange.state.users
    if chosen.get("answer") != "allow":
        return page("Refused", "refused.html")
    user = users.people.get(chosen.get("user", ""))
    if user is None:
        return invalid_page("参数错误", "no user has that name")
    users.holder = user
    return user


def go_back(exchange: Exchange, account: Account, user: User, scope: Scope, *, snapshot: bool = False) -> Response:
    """Redirect to the redirect_uri with a new code and the state."""
    query = exchange.request.query
    code = exchange.state.codes.issue("oauth", account.appid, user, exchange.now, scope, snapshot=snapshot)
    url, hash_sign, fragment = query["redirect_uri"].partition("#")
    separator = "&" if "?" in url else "?"
    added = urlencode({"code": code.value, "state": query["state"]} if query.get("state") else {"code": code.value})
    location = quote(f"{url}{separator}{added}{hash_sign}{fragment}", safe=string.punctuation)
    if user.calls_back_twice:
        return page("Back", "twice.html", url=escape(location), script=compact(location).replace("<", "\\u003c"))
    return Response(b"", "text/html; charset=utf-8", HTTPStatus.FOUND, {"Location": location, **NO_STORE})


def _template(name: str) -> string.Template:
    return string.Template((files(__package__) / name).read_text("utf-8"))
