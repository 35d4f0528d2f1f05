"""The accounts that WeChat knows: official accounts and mini programs, each with its switches."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any, Literal

from .fields import Fields, flag, list_of, number, one_of, or_null, text, whole

Kind = Literal["official", "mini"]
KINDS: tuple[Kind, ...] = ("official", "mini")

LOOPBACK_DOMAINS = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True)
class Account:
    """One account as its administrator has set it up, and how long its credentials live (seconds).

    `js_domains` are hosts (`host`, `host/path`, `*.host`); loopback hosts may be used with any port.
    `ip_whitelist` None means switched off. `confirm_ip` asks the administrator about each new IP address.
    `ticket_grace_seconds` is how long a ticket works beyond its life: reports say up to an hour, but a mock that is
    stricter finds more mistakes.
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

    def __repr__(self) -> str:
        return f"Account({self.appid!r}, {self.kind!r})"

    def whitelists(self, ip: str) -> bool:
        """May calls come from `ip`? True where the whitelist is switched off."""
        return self.ip_whitelist is None or any(_covers(entry, ip) for entry in self.ip_whitelist)


OFFICIAL = Account("wx0000000000000001", "mock-official-secret", "official", LOOPBACK_DOMAINS)
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
}


def _covers(entry: str, ip: str) -> bool:
    if entry.endswith(".*"):
        return ip.startswith(entry[:-1])
    try:
        return ip_address(ip) in ip_network(entry)
    except ValueError:
        return False
