"""Call limits per account and endpoint, and what was used: per minute, day and month in Shanghai (WECHAT.md 12.4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Literal

from .. import fields

Span = Literal["minute", "day", "month"]


@dataclass(frozen=True)
class Limit:
    """Calls per minute and per day in Shanghai; None is unlimited."""

    minute: int | None = None
    day: int | None = None


SNS = Limit(minute=50_000)

LIMITS: Mapping[str, Limit] = {
    "/cgi-bin/token": Limit(day=2000),
    "/cgi-bin/stable_token": Limit(minute=10_000, day=500_000),
    "/cgi-bin/ticket/getticket": Limit(),  # WeChat's is unpublished (WECHAT.md 2)
    "/wxa/msg_sec_check": Limit(minute=4000, day=2_000_000),
    "/wxa/img_sec_check": Limit(minute=2000, day=200_000),
    "/wxa/media_check_async": Limit(minute=2000, day=200_000),
    "/wxa/business/getuserphonenumber": Limit(),
    "/cgi-bin/clear_quota": Limit(),  # by the month, see below
    "/cgi-bin/clear_quota/v2": Limit(),
    "/cgi-bin/openapi/quota/get": Limit(),
    "/cgi-bin/openapi/rid/get": Limit(),
    "/cgi-bin/get_api_domain_ip": Limit(),
    "/cgi-bin/getcallbackip": Limit(),
    "/cgi-bin/callback/check": Limit(),
    "/sns/oauth2/access_token": SNS,
    "/sns/oauth2/refresh_token": SNS,
    "/sns/userinfo": SNS,
    "/sns/auth": SNS,
    "/sns/jscode2session": SNS,
}
"""All endpoints of the mock."""

CHECKS = ("/wxa/msg_sec_check", "/wxa/media_check_async")
"""They have a per-minute errcode of their own, 44991 (WECHAT.md 3.3, 5); all others answer 45011."""

CLEARS_A_MONTH = 10
"""clear_quota and clear_quota/v2 together (WECHAT.md 7.2)."""
FORCED_A_DAY = 20
"""Forced refreshes of the stable token (WECHAT.md 1.2)."""


def minute_errcode(path: str) -> int:
    return 44991 if path in CHECKS else 45011


def limits(given: object) -> Mapping[str, Limit]:
    """A check for a control call's field: `{path: {"minute", "day"}}`. Raises TypeError or ValueError."""
    if not isinstance(given, Mapping):
        raise TypeError('must be an object of {path: {"minute", "day"}}')
    return {_path(path): _limit(path, entry) for path, entry in given.items()}


def _path(path: object) -> str:
    if path not in LIMITS:
        raise ValueError(f"has {path!r}, which is none of {', '.join(LIMITS)}")
    return str(path)


def _limit(path: str, given: object) -> Limit:
    """What is left out stays WeChat's; null lifts it."""
    if isinstance(given, Limit):
        return given
    if not isinstance(given, Mapping):
        raise TypeError(f'must have {{"minute", "day"}} for {path}')
    entry = fields.Fields(given)
    calls = fields.or_null(fields.whole(0, 10**9))
    try:
        limit = Limit(entry.may("minute", calls, LIMITS[path].minute), entry.may("day", calls, LIMITS[path].day))
        entry.done()
    except fields.WrongField as wrong:
        raise ValueError(f"has a wrong entry for {path}: {wrong.error}") from None
    return limit


DAY = 86400
SHANGHAI = timezone(timedelta(hours=8))


@dataclass
class _Counter:
    period: int
    limit: int | None
    used: int = 0

    def as_json(self) -> dict[str, int]:
        limit = self.limit or 0
        return {"daily_limit": limit, "used": self.used, "remain": max(0, limit - self.used)}


class Quotas:
    """Counts the calls of each account; the caller of a method says how many are allowed."""

    def __init__(self) -> None:
        self._counters: dict[tuple[str, str, Span], _Counter] = {}

    def spend(self, appid: str, name: str, limit: int | None, now: float, span: Span = "day") -> bool:
        """Count one call to `name`. False, and nothing counted, if the span's `limit` is used up; None is unlimited."""
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
        """What an account has used today of its limits, as WeChat's openapi/quota/get names it."""
        return {
            name: counter.as_json()
            for (owner, name, span), counter in self._counters.items()
            if (owner, span, counter.period) == (appid, "day", _period("day", now)) and counter.limit is not None
        }

    def today(self, appid: str, name: str, limit: int | None, now: float) -> dict[str, int]:
        """The same for one endpoint."""
        counter = self._counter(appid, name, "day", now)
        counter.limit = limit
        return counter.as_json()

    def clear(self, appid: str) -> None:
        """Clear an account's day, for all endpoints (names that begin with a slash)."""
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
    if span == "month":
        date = datetime.fromtimestamp(now, SHANGHAI)
        return date.year * 12 + date.month
    return int((now + SHANGHAI.utcoffset(None).total_seconds()) // {"minute": 60, "day": DAY}[span])
