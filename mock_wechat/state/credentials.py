"""Tokens and tickets: their format, when they are issued and when they stop working (WECHAT.md 1, 2, 7.1)."""

import string
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from math import inf
from random import Random
from typing import Literal

from .accounts import Account

CredentialState = Literal["current", "overlap", "dead"]
DEAD: CredentialState = "dead"
TOKENS = ("access_token", "stable_token")
CREDENTIALS = (*TOKENS, "jsapi_ticket")
TICKET_LIFE = 7200
"""Seconds; every answer says so, however old the ticket is (WECHAT.md 2)."""
EARLY_ROLL = 300
"""Seconds before its end when a stable token is replaced (WECHAT.md 1.2)."""
HISTORY = 1000
"""Dead credentials that are kept per account and kind."""

_BASE64URL = string.ascii_letters + string.digits + "-_"


@dataclass(frozen=True)
class Generation:
    """Identifies a token or ticket without its value."""

    credential: str
    generation: int


@dataclass
class Issued:
    """One token or ticket. It works until `usable_until` (Unix seconds), which its successor may bring forward."""

    appid: str
    credential: str
    value: str
    generation: int
    issued_at: float
    expires_at: float
    usable_until: float
    superseded: bool = False

    @property
    def identity(self) -> Generation:
        return Generation(self.credential, self.generation)

    @property
    def is_ticket(self) -> bool:
        return self.credential.endswith("_ticket")

    def state(self, now: float) -> CredentialState:
        if now >= self.usable_until:
            return "dead"
        return "overlap" if self.superseded or now >= self.expires_at else "current"

    def remaining(self, now: float) -> int:
        """Whole seconds; rounding errors of floats must not cost one."""
        return int(self.expires_at - now + 1e-6)

    def as_json(self, now: float) -> dict[str, object]:
        names = ("credential", "value", "generation", "issued_at", "expires_at", "usable_until")
        return {name: getattr(self, name) for name in names} | {"state": self.state(now)}

    def refusal(self) -> int:
        """A dead token's errcode: 42001 if it expired, 40001 if it ended earlier (WECHAT.md 7.1)."""
        return 42001 if self.usable_until >= self.expires_at else 40001


class CredentialStore:
    """All issued credentials, and the rules by which new ones are issued."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._history: dict[tuple[str, str], deque[Issued]] = {}
        self._last_generation: dict[tuple[str, str], int] = {}
        self._by_value: dict[str, Issued] = {}
        self._fetched_elsewhere: dict[str, float] = {}

    def find(self, value: str) -> Issued | None:
        return self._by_value.get(value)

    def generations(self, appid: str, credential: str) -> deque[Issued]:
        """Every generation of one credential, oldest first."""
        return self._history.setdefault((appid, credential), deque())

    def of(self, appid: str, newest: int | None = None) -> list[Issued]:
        """An account's credentials, oldest first: of each kind all that are kept, or the `newest`."""
        lines = [line for (owner, _), line in self._history.items() if owner == appid]
        return [issued for line in lines for issued in list(islice(reversed(line), newest))[::-1]]

    def current(self, appid: str, credential: str, now: float) -> Issued | None:
        line = self.generations(appid, credential)
        return line[-1] if line and line[-1].state(now) == "current" else None

    def token(self, account: Account, now: float) -> Issued:
        """A new classic token with every call; its predecessor works on for `overlap_seconds`."""
        return self._issue(account, "access_token", now, old_until=now + account.overlap_seconds)

    def stable_token(self, account: Account, now: float, *, force: bool) -> Issued:
        """The current stable token, or a new one if it is near its end or `force` ends it."""
        current = self.current(account.appid, "stable_token", now)
        early = min(EARLY_ROLL, account.expires_in / 2)
        if current and not force and current.expires_at - now > early:
            return current
        return self._issue(account, "stable_token", now, old_until=now if force else inf)

    def ticket(self, account: Account, credential: str, now: float) -> Issued:
        """The current ticket; a new one only after its end."""
        return self.current(account.appid, credential, now) or self._issue(account, credential, now, old_until=inf)

    def revoke(self, account: Account, credential: str, now: float) -> Issued:
        """End all generations, as a fetch by another server does. Returns the successor."""
        return self._issue(account, credential, now, old_until=now)

    def fetch_elsewhere(self, accounts: Iterable[Account], now: float) -> None:
        """Fetch as the other server of each account does when due: earlier tokens stop working (WECHAT.md 1.1)."""
        for account in accounts:
            last = self._fetched_elsewhere.get(account.appid, -inf)
            if account.other_server_seconds is None or now - last < account.other_server_seconds:
                continue
            self._fetched_elsewhere[account.appid] = now
            for credential in TOKENS:
                if self.generations(account.appid, credential):
                    self.revoke(account, credential, now)

    def expire(self, appid: str, credential: str, at: float, *, grace: float = 0) -> None:
        """Let all usable generations expire at `at`, earlier than announced."""
        for issued in self.generations(appid, credential):
            issued.expires_at = min(issued.expires_at, at)
            issued.usable_until = min(issued.usable_until, at + grace)

    def _issue(self, account: Account, credential: str, now: float, *, old_until: float) -> Issued:
        key = account.appid, credential
        line = self.generations(*key)
        for old in reversed(line):
            if old.superseded and old.usable_until <= old_until:
                break  # so are all older ones
            old.superseded = True
            old.usable_until = min(old.usable_until, old_until)
        self._last_generation[key] = generation = self._last_generation.get(key, 0) + 1
        is_ticket = credential.endswith("_ticket")
        expires_at = now + (TICKET_LIFE if is_ticket else account.expires_in)
        grace = account.ticket_grace_seconds if is_ticket else 0
        value = self._value(generation, is_ticket=is_ticket)
        issued = Issued(account.appid, credential, value, generation, now, expires_at, expires_at + grace)
        line.append(issued)
        self._by_value[value] = issued
        while len(line) > HISTORY and line[0].state(now) == "dead":
            del self._by_value[line.popleft().value]
        return issued

    def _value(self, generation: int, *, is_ticket: bool) -> str:
        """A ticket has 86 characters; a token 136 as seen in 2024: prefix, base64url, capitals (WECHAT.md 1.1)."""
        if is_ticket:
            return "".join(self._random.choices(_BASE64URL, k=86))
        middle = "".join(self._random.choices(_BASE64URL, k=127))
        tail = "".join(self._random.choices(string.ascii_uppercase, k=5))
        return f"{80 + generation % 10}_{middle}A{tail}"
