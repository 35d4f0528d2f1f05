"""Cooldown: after a failure WeChat is not called for a while, and callers get its error at once.

One record in the store for each (account, WeChat endpoint) and each (account, credential):

| failure                                          | cooldown                                   | binds             |
|--------------------------------------------------|--------------------------------------------|-------------------|
| -1, 45011 or another errcode of a failed fetch   | 5, 15, 60 s while a valid credential is    | credential        |
|                                                  | served, else 1, 2, 5, 10 s                 |                   |
| 5xx, timeout, no JSON                            | the same                                   | credential+egress |
| 40125, 40013, 40243, 40001 on a token call       | 60 s, or until the AppSecret changes       | endpoint          |
| 40164, 61004, 89501 to 89505 (89507, 89506)      | 60 s (an hour, a day)                      | endpoint+egress   |
| a banned account                                 | 60 s                                       | endpoint          |
| 45009, 48006: the day's quota                    | 1, 5, 15, 60 min, until midnight, Shanghai | endpoint          |

A start of the server lifts all of them, `wechat-central retry` those of one account.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from ..accounts import Secret
from ..errors import (
    AddressRefused,
    ConfigurationRefused,
    DayLimitReached,
    SecretRefused,
    WeChatError,
    WeChatRefused,
    WeChatUnavailable,
)
from ..settings import Timing
from ..stores import CLOCKS_DIFFER_SECONDS, Entries
from .errcodes import refusal

ENDPOINT_ERRORS = (ConfigurationRefused, DayLimitReached)
"""errors that begin a cooldown of the endpoint, not of the credential"""

_REMEMBERED_SECONDS = 60.0
"""a failure within this time after a cooldown counts as the next attempt in a row"""
_CONFIGURATION_SECONDS = 60.0
_REFUSED_ONCE_SECONDS = 3600.0
_REFUSED_TWICE_SECONDS = 86400.0
"""the administrator refused this IP address, once (89507) or twice (89506)"""
_SHANGHAI_OFFSET_SECONDS = 8 * 3600
_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Cooldown:
    """A failure, and until when WeChat is not called. Times are Unix seconds."""

    facts: dict[str, str | int | None]
    """errcode, errmsg, rid and endpoint, or detail of an error without errcode"""
    attempt: int
    """number of failures in a row"""
    began_at: float
    until: float
    secret_digest: str = ""
    """of the refused AppSecret; empty for other failures"""
    served: bool = False
    """begun while a valid credential was served: it binds refreshes, not callers who need a new one"""

    def is_active(self, now: float) -> bool:
        """Whether it still lasts."""
        return now < self.until

    def error(self, now: float) -> WeChatError:
        """The original error, with the remaining seconds as `retry_after` and the time of the failure."""
        retry_after = max(0.0, self.until - now)
        if "errcode" in self.facts:
            error: WeChatError = refusal(**self.facts, retry_after=retry_after)  # type: ignore[arg-type] # as _facts wrote them
        else:
            error = WeChatUnavailable(str(self.facts["detail"]), retry_after)
        error.failed_at = self.began_at
        return error


class Cooldowns:
    """The cooldowns of one account. `name` is the path of an endpoint or the name of a credential.

    Failures of our address or network bind only nodes with the same `egress`.
    """

    def __init__(
        self,
        appid: str,
        secret: Secret,
        store: Entries,
        *,
        egress: str,
        timing: Timing,
        clock: Callable[[], float],
        observe: Callable[[str, WeChatError], None] = lambda _endpoint, _error: None,
    ) -> None:
        """`observe` is called when a call begins the cooldown of its endpoint."""
        self._appid = appid
        self._secret = secret
        self._store = store
        self._egress = egress
        self._timing = timing
        self._clock = clock
        self._observe = observe

    def last(self, name: str) -> Cooldown | None:
        """The last failure that binds this node, until a minute after its cooldown; None after a success."""
        return self._latest(self._store.get_all(self._keys(name)))

    def current(self, name: str) -> Cooldown | None:
        """The cooldown that binds this node now."""
        return self.all_current([name]).get(name)

    def all_current(self, names: Sequence[str]) -> dict[str, Cooldown]:
        """The cooldowns that bind this node now, by name, with one call to the store."""
        texts = self._store.get_all([key for name in names for key in self._keys(name)])
        last = zip(names, map(self._latest, zip(texts[::2], texts[1::2], strict=True)), strict=True)
        return {name: cooldown for name, cooldown in last if cooldown and cooldown.is_active(self._clock())}

    def check(self, name: str) -> None:
        """Raise the error of the current cooldown, if there is one."""
        current = self.current(name)
        if current:
            raise current.error(self._clock())

    def begin(self, name: str, error: WeChatError, *, served: bool = False) -> None:
        """Begin the cooldown that the table has for `error`, and set `error.retry_after`.

        `served`: callers get a valid credential meanwhile. Calls that fail together count as one attempt.
        """
        now = self._clock()
        last = self.last(name)
        if last is None or not last.is_active(now) or last.served != served:
            attempt = last.attempt + 1 if last and last.served == served else 1
            self.end(name)
            last = self._write(name, error, attempt, self._waits(error, served=served), served=served)
        error.retry_after = last.until - self._clock()

    def end(self, name: str) -> None:
        """End the cooldown and its count: WeChat answers again."""
        for key, text in zip(self._keys(name), self._store.get_all(self._keys(name)), strict=True):
            if text is not None:
                self._store.put(key, "", 0)

    @contextmanager
    def watch(self, endpoint: str) -> Iterator[None]:
        """Wrap a call to `endpoint`: raise during a cooldown; after it, begin or end one by WeChat's answer."""
        before = self.last(endpoint)
        if before and before.is_active(self._clock()):
            raise before.error(self._clock())
        try:
            yield
        except ENDPOINT_ERRORS as error:
            self.begin(endpoint, error)
            self._observe(endpoint, error)
            raise
        except WeChatRefused:  # another answer: the cause is gone
            if before:
                self.end(endpoint)
            raise
        if before:
            self.end(endpoint)

    def _waits(self, error: WeChatError, *, served: bool) -> Sequence[float]:
        timing = self._timing
        if isinstance(error, DayLimitReached):
            return timing.quota_cooldown_seconds
        if isinstance(error, AddressRefused):  # WECHAT.md 1.4
            of_administrator = {89507: _REFUSED_ONCE_SECONDS, 89506: _REFUSED_TWICE_SECONDS}
            return (of_administrator.get(error.errcode, timing.address_cooldown_seconds),)
        if isinstance(error, ENDPOINT_ERRORS):
            return (_CONFIGURATION_SECONDS,)
        return timing.stale_cooldown_seconds if served else timing.expired_cooldown_seconds

    def _write(self, name: str, error: WeChatError, attempt: int, waits: Sequence[float], *, served: bool) -> Cooldown:
        now = self._clock()
        until = now + waits[min(attempt, len(waits)) - 1]
        forgotten_at = until + _REMEMBERED_SECONDS
        if isinstance(error, DayLimitReached):
            forgotten_at = (day_in_shanghai(now) + 1) * _DAY_SECONDS - _SHANGHAI_OFFSET_SECONDS  # the next midnight
            until = min(until, forgotten_at)
        digest = self._secret_digest() if isinstance(error, SecretRefused) else ""
        cooldown = Cooldown(_facts(error), attempt, now, until, digest, served)
        everywhere, here = self._keys(name)
        key = here if isinstance(error, AddressRefused | WeChatUnavailable) else everywhere
        self._store.put(key, json.dumps(asdict(cooldown)), forgotten_at - now)
        return cooldown

    def _latest(self, texts: Iterable[str | None]) -> Cooldown | None:
        """The valid cooldown that lasts longest."""
        found = [cooldown for text in texts if (cooldown := self._read(text))]
        return max(found, key=lambda cooldown: cooldown.until, default=None)

    def _read(self, text: str | None) -> Cooldown | None:
        if not text:
            return None
        cooldown = Cooldown(**json.loads(text))
        if cooldown.secret_digest:
            self._secret.reload()  # its file may have another one by now
            if cooldown.secret_digest != self._secret_digest():
                return None
        # A clock that was set back must not extend a cooldown by more than its own length.
        slack = min(cooldown.until - cooldown.began_at, CLOCKS_DIFFER_SECONDS)
        return None if cooldown.began_at > self._clock() + slack else cooldown

    def _keys(self, name: str) -> tuple[str, str]:
        everywhere = f"cooldown:{self._appid}:{name}"
        return everywhere, f"{everywhere}:{self._egress}"

    def _secret_digest(self) -> str:
        key = self._secret.value.encode()
        return hmac.new(key, f"cooldown {self._appid}".encode(), hashlib.sha256).hexdigest()[:16]


def lift(store: Entries, appid: str | None = None) -> None:
    """End all cooldowns, of one account or of all, after an operator corrected the cause."""
    store.forget(f"cooldown:{appid}:" if appid else "cooldown:")


def _facts(error: WeChatError) -> dict[str, str | int | None]:
    if isinstance(error, WeChatRefused):
        return {"errcode": error.errcode, "errmsg": error.errmsg, "rid": error.rid, "endpoint": error.endpoint}
    return {"detail": str(error)}


def day_in_shanghai(now: float) -> int:
    """Days since 1970; WeChat's quotas start anew at midnight there."""
    return int((now + _SHANGHAI_OFFSET_SECONDS) // _DAY_SECONDS)
