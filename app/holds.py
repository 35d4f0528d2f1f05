"""Holds: an answer that no retry can mend is remembered, and WeChat is left alone until it may have changed."""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .accounts import Secret
from .credential import Notes
from .exceptions import (
    AddressRefused,
    ConfigurationRefused,
    DayLimitReached,
    SecretRefused,
    WeChatError,
    WeChatRefused,
)
from .failures import Failure, Failures
from .timing import Timing

_SHANGHAI_OFFSET_SECONDS = 8 * 3600
_DAY_SECONDS = 86_400

_WAITS = ("hold", "probe", "pause", "retry")
"""notes that keep WeChat from being asked; each goes on with the appid"""


class Holds:
    """The holds of one account, one for each endpoint of WeChat. Held callers get the remembered error at once.

    What WeChat said of our address holds only the nodes with this `egress`; what it said of the secret ends when the
    secret changes; a day's quota (which WeChat at times calls used up falsely) is probed by one caller at a time.
    """

    def __init__(
        self,
        appid: str,
        secret: Secret,
        notes: Notes,
        *,
        egress: str,
        timing: Timing,
        clock: Callable[[], float],
    ) -> None:
        self._appid = appid
        self._secret = secret
        self._notes = notes
        self._failures = Failures(notes, clock)
        self._egress = egress
        self._timing = timing
        self._clock = clock

    def current(self, endpoint: str) -> Failure | None:
        """The failure that holds `endpoint` now, or None."""
        failure = self._last(endpoint)
        return failure if failure and self._clock() < failure.until else None

    def check(self, endpoint: str) -> None:
        """Raise the remembered error if `endpoint` is held."""
        failure = self.current(endpoint)
        if failure:
            raise failure.error(self._clock())

    @contextmanager
    def watch(self, endpoint: str) -> Iterator[None]:
        """Around a call to `endpoint`: refuse it while held, remember what holds it next, forget what is mended."""
        before = self._last(endpoint)
        if before and (self._clock() < before.until or not self._may_probe(endpoint)):
            raise before.error(self._clock())
        answered = False
        try:
            yield
            answered = True
        except (ConfigurationRefused, DayLimitReached) as error:
            self._remember(endpoint, error)
            error.retry_after = self._seconds_left(endpoint)
            raise
        except WeChatRefused:
            answered = True  # whatever else WeChat says, it no longer says what put the endpoint on hold
            raise
        finally:
            if before and answered:
                self._lift(endpoint)

    def keep(self, endpoint: str, error: WeChatError, seconds: float) -> None:
        """Let callers of `endpoint` have this error for so long: for a peer that says itself how long to wait."""
        everywhere, _ = self._names(endpoint)
        self._failures.remember(everywhere, error, (seconds,), remembered_for=0)

    def _seconds_left(self, endpoint: str) -> float | None:
        failure = self.current(endpoint)
        return failure.until - self._clock() if failure else None

    def _lift(self, endpoint: str) -> None:
        for name in self._names(endpoint):
            self._failures.forget(name)

    def _may_probe(self, endpoint: str) -> bool:
        return self._notes.add(f"probe:{self._appid}:{endpoint}", "", self._timing.fetch_deadline_seconds)

    def _last(self, endpoint: str) -> Failure | None:
        for name in self._names(endpoint):
            failure = self._failures.last(name)
            if failure and self._concerns_us(failure):
                return failure
        return None

    def _concerns_us(self, failure: Failure) -> bool:
        """Whether it was said of the secret that we have, or of no secret; the file of ours may have changed since."""
        if failure.mark:
            self._secret.reload()
        return failure.mark in ("", self._mark())

    def _mark(self) -> str:
        """Stands for the secret in notes that everybody may read."""
        key = self._secret.value.encode()
        return hmac.new(key, f"hold {self._appid}".encode(), hashlib.sha256).hexdigest()[:16]

    def _names(self, endpoint: str) -> tuple[str, str]:
        everywhere = f"hold:{self._appid}:{endpoint}"
        return everywhere, f"{everywhere}:{self._egress}"

    def _remember(self, endpoint: str, error: ConfigurationRefused | DayLimitReached) -> None:
        if self.current(endpoint):
            return  # calls that were under way together count as one
        everywhere, here = self._names(endpoint)
        now = self._clock()
        if isinstance(error, DayLimitReached):
            midnight = _next_midnight_in_shanghai(now)
            waits = self._timing.hold_quota_seconds
            self._failures.remember(everywhere, error, waits, latest=midnight, remembered_for=_DAY_SECONDS)
        elif isinstance(error, AddressRefused):
            self._failures.remember(here, error, (self._address_seconds(error.errcode),), remembered_for=0)
        else:
            mark = self._mark() if isinstance(error, SecretRefused) else ""
            self._failures.remember(everywhere, error, (self._timing.hold_secret_seconds,), remembered_for=0, mark=mark)

    def _address_seconds(self, errcode: int) -> float:
        """The administrator's refusals last longer (WECHAT.md 1.4)."""
        if errcode == 89506:
            return self._timing.hold_refused_twice_seconds
        return self._timing.hold_refused_once_seconds if errcode == 89507 else self._timing.hold_address_seconds


def lift_all(notes: Notes) -> None:
    """Forget every hold and pause, as a start of the server does: a person may have mended the cause."""
    for kind in _WAITS:
        notes.forget(f"{kind}:")


def lift(notes: Notes, appid: str) -> None:
    """Forget the holds, pauses and retry times of one account."""
    for kind in _WAITS:
        notes.forget(f"{kind}:{appid}:")


def _next_midnight_in_shanghai(now: float) -> float:
    days = (now + _SHANGHAI_OFFSET_SECONDS) // _DAY_SECONDS + 1
    return days * _DAY_SECONDS - _SHANGHAI_OFFSET_SECONDS
