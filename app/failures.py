"""Failures that all workers remember: what WeChat said, how often in a row, and until when to leave it alone."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from .credential import Notes
from .errcodes import refusal
from .exceptions import CentralRefused, CentralUnavailable, WeChatError, WeChatRefused, WeChatUnavailable

_WITHOUT_ERRCODE: dict[str, type[WeChatUnavailable | CentralRefused]] = {
    kind.__name__: kind for kind in (WeChatUnavailable, CentralUnavailable, CentralRefused)
}

_CLOCKS_DIFFER_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Failure:
    """One remembered failure."""

    facts: dict[str, str | int | None]
    """what it takes to raise the error again"""
    count: int
    """how many times in a row"""
    until: float
    """Unix seconds: when the next attempt may be made"""
    mark: str = ""
    """what the failure is bound to; empty: nothing"""
    wait: float = float("inf")
    """seconds from the failure to `until`"""

    @property
    def at(self) -> float:
        """Unix seconds: when it happened."""
        return self.until - self.wait

    def misdated(self, now: float) -> bool:
        """Whether the clock was set back since: then `until` says nothing. A wait is at most doubled by that."""
        return self.at > now + min(self.wait, _CLOCKS_DIFFER_SECONDS)

    def is_of(self, error: WeChatError) -> bool:
        """Whether `error` is this failure, raised again."""
        return self.facts == _facts(error)

    def error(self, now: float) -> WeChatError:
        """The error as it was, now saying how long to wait."""
        retry_after = max(0.0, self.until - now)
        if "errcode" not in self.facts:
            kind = _WITHOUT_ERRCODE.get(str(self.facts.get("kind")), WeChatUnavailable)
            return kind(str(self.facts["detail"]), retry_after)
        return refusal(**self.facts, retry_after=retry_after)  # type: ignore[arg-type] # as _facts wrote them


class Failures:
    """Remembers failures by name, in notes that all workers share."""

    def __init__(self, notes: Notes, clock: Callable[[], float]) -> None:
        self._notes = notes
        self._clock = clock

    def last(self, name: str) -> Failure | None:
        """The failure remembered under `name`, if its time to be remembered is not over."""
        text = self._notes.get(name)
        failure = Failure(**json.loads(text)) if text else None
        return None if failure and failure.misdated(self._clock()) else failure

    def remember(
        self,
        name: str,
        error: WeChatError,
        waits: Sequence[float],
        *,
        stretch: float = 1.0,
        latest: float = float("inf"),
        remembered_for: float = 60.0,
        mark: str = "",
    ) -> Failure:
        """Note one more failure in a row: leave WeChat alone for the next of `waits` (seconds, the last one repeats).

        Each wait is taken times `stretch`. The count is kept for `remembered_for` seconds longer than the wait.
        Both end by `latest` (Unix seconds).
        """
        before = self.last(name)
        count = before.count + 1 if before else 1
        now = self._clock()
        until = min(now + waits[min(count, len(waits)) - 1] * stretch, latest)
        failure = Failure(_facts(error), count, until, mark, until - now)
        self._notes.put(name, json.dumps(asdict(failure)), min(until + remembered_for, latest) - now)
        return failure

    def forget(self, name: str) -> None:
        """All is well again."""
        if self._notes.get(name) is not None:
            self._notes.put(name, "", 0)


def _facts(error: WeChatError) -> dict[str, str | int | None]:
    if isinstance(error, WeChatRefused):
        return {"errcode": error.errcode, "errmsg": error.errmsg, "rid": error.rid, "endpoint": error.endpoint}
    return {"kind": type(error).__name__, "detail": str(error)}
