"""Counts calls per account and endpoint: by the minute, by the day and the month of Shanghai (WECHAT.md 12.4)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from .limits import Span

DAY = 86400
SHANGHAI = 8 * 3600


@dataclass
class _Counter:
    period: int
    limit: int | None
    used: int = 0

    def as_json(self) -> dict[str, int]:
        limit = self.limit or 0
        return {"daily_limit": limit, "used": self.used, "remain": max(0, limit - self.used)}


class Quotas:
    """Counts what was used; who asks says how much is allowed."""

    def __init__(self) -> None:
        self._counters: dict[tuple[str, str, Span], _Counter] = {}

    def spend(self, appid: str, name: str, limit: int | None, now: float, span: Span = "day") -> bool:
        """Count one call to `name`. False, and nothing counted, if the span's `limit` is used up; None has no end."""
        counter = self._counter(appid, name, span, now)
        counter.limit = limit
        if limit is not None and counter.used >= limit:
            return False
        counter.used += 1
        return True

    def exhaust(self, appid: str, name: str, limit: int, now: float) -> None:
        """Use up what is left of a day's `limit`."""
        counter = self._counter(appid, name, "day", now)
        counter.limit, counter.used = limit, max(counter.used, limit)

    def of(self, appid: str, now: float) -> dict[str, dict[str, int]]:
        """What an account has used today of what is limited, in the words of WeChat's openapi/quota/get."""
        return {
            name: counter.as_json()
            for (owner, name, span), counter in self._counters.items()
            if (owner, span, counter.period) == (appid, "day", _period("day", now)) and counter.limit is not None
        }

    def today(self, appid: str, name: str, limit: int | None, now: float) -> dict[str, int]:
        """What an account has used today of one endpoint's `limit`, in the same words."""
        counter = self._counter(appid, name, "day", now)
        counter.limit = limit
        return counter.as_json()

    def clear(self, appid: str) -> None:
        """Start an account's day over, for all endpoints (names that begin with a slash)."""
        for owner, name, span in list(self._counters):
            if (owner, span) == (appid, "day") and name.startswith("/"):
                del self._counters[owner, name, span]

    def forget(self) -> None:
        self._counters.clear()

    def _counter(self, appid: str, name: str, span: Span, now: float) -> _Counter:
        counter = self._counters.get((appid, name, span))
        if counter is None or counter.period != _period(span, now):
            counter = self._counters[appid, name, span] = _Counter(_period(span, now), None)
        return counter


def _period(span: Span, now: float) -> int:
    return _PERIODS[span](now + SHANGHAI)


def _month(there: float) -> int:
    date = datetime.fromtimestamp(there, UTC)
    return date.year * 12 + date.month


_PERIODS: dict[Span, Callable[[float], int]] = {
    "minute": lambda there: int(there // 60),
    "day": lambda there: int(there // DAY),
    "month": _month,
}
