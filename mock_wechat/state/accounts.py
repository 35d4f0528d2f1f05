"""The accounts that WeChat knows: official accounts, mini programs and websites (网站应用), each with its settings."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address, ip_network
from typing import Annotated, Literal, get_args
from urllib.parse import SplitResult, urlsplit

from ..fields import MAX, Fields, WrongField, flag, list_of, number, one_of, or_null, text, whole
from ..quirks import QUIRKS
from ..wire import is_loopback
from .quotas import LIMITS, Limit, call_limits

Kind = Literal["official", "mini", "web"]
PushMode = Literal["plain", "compat", "secure"]
PushFormat = Literal["json", "xml"]

DEFAULT_TOKEN = "mockpushtoken"  # noqa: S105 -- the mock's own, for tests
DEFAULT_AES_KEY = "mockmessagepushencodingaeskey00000000000000"
LOOPBACK_DOMAINS = ("localhost", "127.0.0.1", "[::1]")
_PORTS = {"http": 80, "https": 443}
_AES_KEY = re.compile(r"[A-Za-z0-9]{43}")


def http_url(given: object) -> str:
    """An http or https URL."""
    url = text(given)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        port = 0
    if port == 0 or parts.scheme not in _PORTS or not parts.hostname or not url.isprintable():
        raise ValueError("must be an http or https URL")
    return url


def _whitelist_entry(given: object) -> str:
    """An address, a network or `a.b.c.*`."""
    entry = text(given)
    try:
        ip_network(entry.replace("*", "0") if entry.endswith(".*") else entry)
    except ValueError:
        raise ValueError(f"has {entry!r}, which is not an address, network or a.b.c.*") from None
    return entry


def _aes_key(given: object) -> str:
    key = text(given)
    if not _AES_KEY.fullmatch(key):
        raise ValueError("must be 43 letters and digits")
    return key


@dataclass(frozen=True)
class Account:
    """One account's settings, and how long its credentials live (seconds).

    `js_domains` are hosts (`host`, `host/path`, `*.host`); loopback hosts may be used with any port.
    `ip_whitelist` None means switched off. `confirm_ip` asks the administrator about each new IP address.
    `ticket_grace_seconds` is how long a ticket works after it has expired: up to an hour by reports, less here, so that
    tests find more mistakes. `limits` replace WeChat's own for the endpoints they name.
    `oauth_domains` are the hosts that login pages may redirect to. An `open_platform` account gets unionids.
    `active_seconds` is how long after a login moderation accepts an openid.
    `pages` are those of a mini program's release; None accepts any.
    `other_server_seconds` is how often another server fetches tokens; each fetch ends this one's tokens.
    `quirks` change how answers are written. `minute_errcode` and `whitelist_errcode` choose where WeChat's documents
    disagree; None is the endpoint's usual one. A verdict waits `push_delay_seconds` by WeChat's clock.
    `push_format` None is XML for an official account, JSON for a mini program.
    """

    appid: str
    secret: Annotated[str, text]
    kind: Annotated[Kind, one_of(*get_args(Kind))]
    js_domains: Annotated[tuple[str, ...], list_of(text)] = ()
    ip_whitelist: Annotated[tuple[str, ...] | None, or_null(list_of(_whitelist_entry))] = None
    confirm_ip: Annotated[bool, flag] = False
    daily_token_quota: Annotated[int, whole(0)] = 2000
    overlap_seconds: Annotated[float, number(0, MAX)] = 300
    expires_in: Annotated[int, whole(1)] = 7200
    ticket_grace_seconds: Annotated[float, number(0, MAX)] = 300
    oauth_domains: Annotated[tuple[str, ...], list_of(text)] = ()
    open_platform: Annotated[bool, flag] = True
    active_seconds: Annotated[float, number(0, MAX)] = 7200
    limits: Annotated[Mapping[str, Limit], call_limits] = field(default_factory=dict, hash=False)
    minute_errcode: Annotated[int | None, or_null(one_of(44991, 45009, 45011))] = None
    whitelist_errcode: Annotated[int, one_of(40164, 45035, 61004)] = 40164
    other_server_seconds: Annotated[float | None, or_null(number(1, MAX))] = None
    quirks: Annotated[tuple[str, ...], list_of(one_of(*QUIRKS))] = ()
    pages: Annotated[tuple[str, ...] | None, or_null(list_of(text))] = None
    push_url: Annotated[str | None, or_null(http_url)] = None
    push_token: Annotated[str, text] = DEFAULT_TOKEN
    push_aes_key: Annotated[str, _aes_key] = DEFAULT_AES_KEY
    push_mode: Annotated[PushMode, one_of(*get_args(PushMode))] = "plain"
    push_format: Annotated[PushFormat | None, or_null(one_of(*get_args(PushFormat)))] = None
    push_delay_seconds: Annotated[float, number(0, 86400)] = 1

    def __repr__(self) -> str:
        return f"Account({self.appid!r}, {self.kind!r})"

    @property
    def form(self) -> PushFormat:
        """The format of pushes."""
        return self.push_format or ("xml" if self.kind == "official" else "json")

    def limit(self, path: str) -> Limit:
        """The call limits of this account at an endpoint."""
        usual = LIMITS.get(path, Limit())
        if path == "/cgi-bin/token":
            usual = replace(usual, day=self.daily_token_quota)
        return self.limits.get(path, usual)

    def has_page(self, page: str) -> bool:
        """Whether the mini program's release has this page."""
        return self.pages is None or page in self.pages

    def whitelists(self, ip: str) -> bool:
        """Whether `ip` may call; always true if the whitelist is switched off."""
        return self.ip_whitelist is None or any(_covers(entry, ip) for entry in self.ip_whitelist)


OFFICIAL = Account(
    "wx0000000000000001", "mock-official-secret", "official", LOOPBACK_DOMAINS, oauth_domains=LOOPBACK_DOMAINS
)
MINI = Account("wx0000000000000002", "mock-mini-secret", "mini")
WEB = Account("wx0000000000000003", "mock-web-secret", "web", oauth_domains=LOOPBACK_DOMAINS)


def read_account(given: Fields, accounts: Mapping[str, Account]) -> Account:
    """A new account, or a known one with changed settings. Raises WrongField."""
    appid = given.need("appid", text)
    kinds = one_of(*get_args(Kind))
    known = accounts.get(appid) or Account(appid, given.need("secret", text), given.need("kind", kinds))
    return given.build(Account, known)


def known_account(accounts: Mapping[str, Account], given: Fields) -> Account:
    """The account that the field `appid` names. Raises WrongField."""
    appid = given.need("appid", text)
    if appid not in accounts:
        raise WrongField("appid", f"appid {appid} is none of {', '.join(accounts)}")
    return accounts[appid]


def is_listed(url: str, domains: Iterable[str]) -> bool:
    """Whether the URL's host (and path, where an entry has one) is on the list (WECHAT.md 8.1)."""
    try:
        page = urlsplit(url)
        port = page.port or _PORTS.get(page.scheme)
    except ValueError:
        return False
    return page.scheme in _PORTS and any(_allows(entry.lower(), page, port) for entry in domains)


def _allows(entry: str, page: SplitResult, port: int | None) -> bool:
    listed = urlsplit("//" + entry)
    host, wanted = page.hostname or "", listed.hostname or ""
    same_host = host.endswith(wanted[1:]) if wanted.startswith("*.") else host == wanted
    same_port = port == listed.port if listed.port else port in (80, 443) or is_loopback(host)
    folder = listed.path.rstrip("/").lower()
    in_folder = page.path.lower() == folder or page.path.lower().startswith(folder + "/") or not folder
    return bool(host) and same_host and same_port and in_folder


def _covers(entry: str, ip: str) -> bool:
    if entry.endswith(".*"):
        return ip.startswith(entry[:-1])
    try:
        return ip_address(ip) in ip_network(entry)
    except ValueError:
        return False
