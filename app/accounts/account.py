"""WeChat accounts: what is known of each, and which one a request means."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..errors import LoginNotAllowed, PageNotAllowed, PageUrlWrong, UnknownAccount
from .js_domains import WEB_PORTS, JsDomain, PageUrl

Kind = Literal["official", "mini", "web"]
TokenMode = Literal["stable", "classic"]
OnUnavailable = Literal["error", "review", "pass"]
OnOpenidRefused = Literal["review", "v1", "error"]

KINDS: Mapping[Kind, str] = {"official": "an official account", "mini": "a mini program", "web": "a website (网站应用)"}
_NEEDED = {
    ("official", "mini"): "No official account and no mini program is configured, and a website has no access_token.",
    ("official",): "No official account is configured: set WECHAT_APPID, or kind official in the TOML file.",
    ("mini",): "No mini program is configured: set WECHAT_MINI_APPID, or kind mini in the TOML file.",
}


@dataclass(frozen=True, slots=True)
class PushSettings:
    """An account's message push (消息推送): WeChat's token, its keys, and where messages are forwarded."""

    token: str = field(repr=False)
    aes_keys: tuple[str, ...] = field(default=(), repr=False)
    """EncodingAESKeys, the current one first; none: pushes come plain"""
    forward_url: str | None = field(default=None, repr=False)
    """receives what this server does not use itself"""


@dataclass(frozen=True, slots=True)
class ModerationPolicy:
    """What callers get where WeChat gives no verdict."""

    on_unavailable: OnUnavailable = "error"
    """WeChat cannot be asked"""
    on_openid_refused: OnOpenidRefused = "review"
    """WeChat does not know the user, or has not seen them for two hours; `v1`: it is asked without naming the user"""


@dataclass(frozen=True, slots=True)
class Account:
    """One official account (公众号), mini program (小程序) or website (网站应用).

    `name` is ours, `appid` and `secret` are WeChat's. A website has no access_token, only its users' logins.
    """

    name: str
    appid: str
    secret: str = field(repr=False)
    kind: Kind = "official"
    js_domains: tuple[JsDomain, ...] = ()
    token_mode: TokenMode = "stable"  # noqa: S105 - the name of a mode
    secret_file: str | None = None
    """path of the file that `secret` was read from, if it was"""
    moderation: ModerationPolicy = ModerationPolicy()
    push: PushSettings | None = None
    """None: it takes no message push"""
    login_origins: frozenset[str] = frozenset()
    """the sites that its users may log in to, as browsers write them: `https://h5.example.com`"""

    @property
    def confidential(self) -> set[str]:
        """What no log may hold."""
        push = {self.push.token, *self.push.aes_keys} if self.push else set()
        return {self.secret, *push}

    def covers(self, page: PageUrl) -> bool:
        """Whether the page lies on this account's JS domains."""
        return any(domain.covers(page) for domain in self.js_domains)


class Accounts:
    """All accounts, in the order in which they are asked: the environment's, then those of the TOML file.

    A lookup takes the same time however many there are.
    """

    def __init__(self, accounts: Iterable[Account] = ()) -> None:
        self._accounts = tuple(accounts)
        self._by_name: dict[str, Account] = {}
        self._by_host: dict[str, list[tuple[int, JsDomain]]] = {}
        """the number of the account, and its domain"""
        for number, account in enumerate(self._accounts):
            self._by_name.setdefault(account.name, account)
            self._by_name.setdefault(account.appid, account)
            for domain in account.js_domains:
                self._by_host.setdefault(domain.host, []).append((number, domain))

    def __iter__(self) -> Iterator[Account]:
        return iter(self._accounts)

    def __len__(self) -> int:
        return len(self._accounts)

    def find(self, name_or_appid: str) -> Account:
        """The account of this name or appid. Raises UnknownAccount."""
        try:
            return self._by_name[name_or_appid]
        except KeyError:
            raise UnknownAccount(name_or_appid) from None

    def for_page(self, page: PageUrl) -> Account:
        """The first account whose JS domains cover the page. Raises PageNotAllowed."""
        near = self._near(page)
        covering = [number for number, domain in near if domain.covers(page)]
        if not covering:
            raise page_refusal(page, {account.kind for account in self}, [domain for _, domain in near])
        return self._accounts[min(covering)]

    def first(self, *kinds: Kind) -> Account:
        """The first account of these kinds; without any, the first that has an access_token. Raises UnknownAccount."""
        kinds = kinds or ("official", "mini")
        for account in self:
            if account.kind in kinds:
                return account
        raise UnknownAccount(" ".join(kinds), _NEEDED[kinds])

    def for_login(self, origin: str, kind: Kind | None = None) -> Account:
        """The first account whose login origins have this one, of this kind if there is one. Raises LoginNotAllowed."""
        listing = [account for account in self if origin in account.login_origins]
        if not listing:
            raise LoginNotAllowed(origin)
        return next((account for account in listing if account.kind == kind), listing[0])

    def allows_origin(self, origin: str) -> bool:
        """Whether pages of this origin (a request's Origin header) may ask for signatures. Paths play no part."""
        try:
            page = PageUrl.parse(origin)
        except PageUrlWrong:
            return False
        # An origin is scheme, host and port, nothing behind.
        if page.path or "?" in origin or "#" in origin:
            return False
        return any(domain.mismatch(page) in (None, "path") for _, domain in self._near(page))

    def origins(self) -> frozenset[str]:
        """The allowed origins as browsers write them, without those of wildcards."""
        entries = {entry for entries in self._by_host.values() for _, entry in entries if not entry.subdomains}
        ports = {entry: "" if entry.port in (None, *WEB_PORTS) else f":{entry.port}" for entry in entries}
        written = [f"{scheme}://{entry.host}{port}" for entry, port in ports.items() for scheme in ("http", "https")]
        return frozenset(filter(self.allows_origin, written))

    def _near(self, page: PageUrl) -> list[tuple[int, JsDomain]]:
        """The entries of the page's host and of the domains above it."""
        found: list[tuple[int, JsDomain]] = []
        host = page.host
        while host:
            found += self._by_host.get(host, ())
            host = host.partition(".")[2]
        return found


def page_refusal(page: PageUrl, kinds: Collection[Kind], domains: Iterable[JsDomain]) -> PageNotAllowed:
    """The error for a page on none of the accounts' JS domains; it says which part of the address does not match."""
    wrong = {domain.mismatch(page) for domain in domains}
    detail = None
    if "official" not in kinds:
        what = "A mini program" if "mini" in kinds else "A website"
        detail = f"{what} has no JS domains: WeChat gives it no jsapi_ticket."
    elif "path" in wrong:
        detail = f"{page.host!r} is among the JS domains, but not with this path."
    elif "port" in wrong:
        detail = f"{page.host!r} is among the JS domains, but not with port {page.port}."
    elif not page.host.isascii():
        detail = f"{page.host!r} is not among the JS domains; send location.href, where such a host begins with xn--."
    return PageNotAllowed(page.host if page.port in WEB_PORTS else f"{page.host}:{page.port}", detail)
