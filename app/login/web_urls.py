"""The addresses of a web login: where it may lead, where WeChat asks the user, and the way back to the site."""

import re
from dataclasses import asdict, dataclass, field
from typing import Literal, get_args
from urllib.parse import parse_qsl, urlencode

from ..accounts import KINDS, Account, Kind, PageUrl
from ..errors import AccountKindWrong, LoginNotAllowed, PageUrlWrong

CALLBACK = "/api/oauth/callback"

LoginScope = Literal["snsapi_base", "snsapi_userinfo", "snsapi_login"]
SCOPES: tuple[LoginScope, ...] = get_args(LoginScope)
_SCOPES_OF: dict[Kind, tuple[LoginScope, ...]] = {"official": SCOPES[:2], "web": SCOPES[2:], "mini": ()}
_PATHS = {"official": "/connect/oauth2/authorize", "web": "/connect/qrconnect"}

_URL_CHARACTERS = re.compile(r"[!-\[\]-~]+")
"""printable ASCII but space and backslash, behind the # too"""
_ADDED = ("ticket", "state")


@dataclass(frozen=True, slots=True)
class LoginRequest:
    """What a site asks of a login: `next` is its own page, `state` its own text, `challenge` the S256 of a secret."""

    next: str = field(repr=False)
    challenge: str = field(repr=False)
    scope: LoginScope | None = None
    """None: the silent one for an official account, the only one for a website"""
    state: str | None = field(default=None, repr=False)

    def query(self, account: str) -> str:
        """The query of `/api/oauth/start` that asks for the same, of the account with this name."""
        given = {"account": account, **asdict(self)}
        return urlencode({name: text for name, text in given.items() if text is not None})


def origin_of(next_url: str) -> str:
    """The origin of the page that a login is to lead to. Raises PageUrlWrong."""
    page = PageUrl.parse(next_url)
    if not _URL_CHARACTERS.fullmatch(next_url):
        raise PageUrlWrong("The URL must be as location.href writes it: ASCII, all else percent-encoded (host: xn--).")
    query = next_url.partition("#")[0].partition("?")[2]
    taken = [name for name, _ in parse_qsl(query, keep_blank_values=True) if name in _ADDED]
    if taken:
        raise PageUrlWrong(f"The URL has a parameter {taken[0]}: the login adds one of that name.")
    return page.origin


def kind_for(scope: LoginScope | None) -> Kind | None:
    """The kind of account that takes this scope."""
    return next((kind for kind, scopes in _SCOPES_OF.items() if scope in scopes), None)


def check(account: Account, asked: LoginRequest) -> LoginScope:
    """The scope to ask for. Raises PageUrlWrong, LoginNotAllowed or AccountKindWrong."""
    origin = origin_of(asked.next)
    scopes = _SCOPES_OF[account.kind]
    scope = asked.scope or next(iter(scopes), None)
    if scope not in scopes:
        takes = f"it takes {' or '.join(scopes)}" if scopes else "its users log in with wx.login"
        raise AccountKindWrong(f"The account {account.name} is {KINDS[account.kind]}: {takes}.")
    if origin not in account.login_origins:
        raise LoginNotAllowed(origin)
    return scope


def authorize_url(open_base: str, account: Account, redirect_uri: str, scope: LoginScope, state: str) -> str:
    """Where WeChat asks the user. WeChat checks the order of the parameters (WECHAT.md 9.1)."""
    parameters = {
        "appid": account.appid,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": scope,
        "state": state,
    }
    return f"{open_base}{_PATHS[account.kind]}?{urlencode(parameters)}#wechat_redirect"


def with_ticket(next_url: str, ticket: str, state: str | None) -> str:
    """The site's page with the ticket and its own state, before the fragment."""
    page, sharp, fragment = next_url.partition("#")
    added = urlencode({"ticket": ticket} | ({} if state is None else {"state": state}))
    return f"{page}{'&' if '?' in page else '?'}{added}{sharp}{fragment}"
