"""The accounts that WeChat knows: official accounts and mini programs, each with its switches."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address, ip_network
from typing import Any, Literal

from .fields import Fields, flag, list_of, number, one_of, or_null, text, whole
from .limits import LIMITS, Limit, limits
from .push.settings import DEFAULT_AES_KEY, DEFAULT_TOKEN, SWITCHES, PushFormat, PushMode
from .quirks import QUIRKS

Kind = Literal["official", "mini"]
KINDS: tuple[Kind, ...] = ("official", "mini")

LOOPBACK_DOMAINS = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True)
class Account:
    """One account as its administrator has set it up, and how long its credentials live (seconds).

    `js_domains` are hosts (`host`, `host/path`, `*.host`); loopback hosts may be used with any port.
    `ip_whitelist` None means switched off. `confirm_ip` asks the administrator about each new IP address.
    `ticket_grace_seconds` is how long a ticket works beyond its life: reports say up to an hour, but a mock that is
    stricter finds more mistakes. `limits` replace WeChat's own for the endpoints that they name.
    `oauth_domains` are the hosts that the authorize page may send people back to. An `open_platform` account learns
    unionids.
    `active_seconds` is how long after a login moderation takes an openid.
    `rival_seconds` is how often another server fetches tokens, with each of which this one's dies. `quirks` are ways of
    writing answers.
    `minute_errcode` and `whitelist_errcode` choose where WeChat's documents disagree; None is the endpoint's usual one.
    The `push_` fields are the message push's; a verdict waits `push_delay_seconds` by WeChat's clock before it is sent.
    """

    appid: str
    secret: str
    kind: Kind
    js_domains: tuple[str, ...] = ()
    ip_whitelist: tuple[str, ...] | None = None
    confirm_ip: bool = False
    daily_token_quota: int = 2000
    overlap_seconds: float = 300
    expires_in: int = 7200
    ticket_grace_seconds: float = 300
    oauth_domains: tuple[str, ...] = ()
    open_platform: bool = True
    active_seconds: float = 7200
    limits: Mapping[str, Limit] = field(default_factory=dict, hash=False)
    minute_errcode: int | None = None
    whitelist_errcode: int = 40164
    rival_seconds: float | None = None
    quirks: tuple[str, ...] = ()
    push_url: str | None = None
    push_token: str = DEFAULT_TOKEN
    push_aes_key: str = DEFAULT_AES_KEY
    push_mode: PushMode = "plain"
    push_format: PushFormat = "json"
    push_delay_seconds: float = 1

    def __repr__(self) -> str:
        return f"Account({self.appid!r}, {self.kind!r})"

    def limit(self, path: str) -> Limit:
        """How often this account may call an endpoint."""
        usual = LIMITS.get(path, Limit())
        if path == "/cgi-bin/token":
            usual = replace(usual, day=self.daily_token_quota)
        return self.limits.get(path, usual)

    def whitelists(self, ip: str) -> bool:
        """May calls come from `ip`? True where the whitelist is switched off."""
        return self.ip_whitelist is None or any(_covers(entry, ip) for entry in self.ip_whitelist)


OFFICIAL = Account(
    "wx0000000000000001", "mock-official-secret", "official", LOOPBACK_DOMAINS, oauth_domains=LOOPBACK_DOMAINS
)
MINI = Account("wx0000000000000002", "mock-mini-secret", "mini")


def read_account(given: Fields, known: Mapping[str, Account]) -> Account:
    """A new account, or a known one with what `given` changes. Raises WrongField."""
    appid = given.need("appid", text)
    account = known.get(appid) or Account(appid, given.need("secret", text), given.need("kind", one_of(*KINDS)))
    return Account(appid, **{name: given.may(name, check, getattr(account, name)) for name, check in _SWITCHES.items()})


def _whitelist_entry(given: object) -> str:
    """An address, a network or `a.b.c.*`."""
    entry = text(given)
    try:
        ip_network(entry.replace("*", "0") if entry.endswith(".*") else entry)
    except ValueError:
        raise ValueError(f"has {entry!r}, which is no address, network or a.b.c.*") from None
    return entry


_SWITCHES: dict[str, Callable[[object], Any]] = {
    "secret": text,
    "kind": one_of(*KINDS),
    "js_domains": list_of(text),
    "ip_whitelist": or_null(list_of(_whitelist_entry)),
    "confirm_ip": flag,
    "daily_token_quota": whole(0, 10**9),
    "overlap_seconds": number(0, 10**9),
    "expires_in": whole(1, 10**9),
    "ticket_grace_seconds": number(0, 10**9),
    "oauth_domains": list_of(text),
    "open_platform": flag,
    "active_seconds": number(0, 10**9),
    "limits": limits,
    "minute_errcode": or_null(one_of(44991, 45009, 45011)),
    "whitelist_errcode": one_of(40164, 45035, 61004),
    "rival_seconds": or_null(number(1, 10**9)),
    "quirks": list_of(one_of(*QUIRKS)),
    **SWITCHES,
}


def _covers(entry: str, ip: str) -> bool:
    if entry.endswith(".*"):
        return ip.startswith(entry[:-1])
    try:
        return ip_address(ip) in ip_network(entry)
    except ValueError:
        return False
