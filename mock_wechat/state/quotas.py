"""Call limits per account and endpoint, and usage per minute, day and month in Shanghai (WECHAT.md 12.4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Annotated, Literal

from ..families import wechat_path
from ..fields import Fields, or_null, whole

Span = Literal["minute", "day", "month", "ever"]


@dataclass(frozen=True)
class Limit:
    """Calls per minute and per day in Shanghai; None is unlimited."""

    minute: Annotated[int | None, or_null(whole(0))] = None
    day: Annotated[int | None, or_null(whole(0))] = None


LIMITS: Mapping[str, Limit] = {
    "/cgi-bin/token": Limit(day=2000),
    "/cgi-bin/stable_token": Limit(minute=10_000, day=500_000),
    "/cgi-bin/ticket/getticket": Limit(),  # WeChat's limit is unpublished (WECHAT.md 2)
    "/wxa/msg_sec_check": Limit(minute=4000, day=2_000_000),
    "/wxa/img_sec_check": Limit(minute=2000, day=200_000),
    "/wxa/media_check_async": Limit(minute=2000, day=200_000),
    "/wxa/business/getuserphonenumber": Limit(),
    "/cgi-bin/media/upload": Limit(day=100_000),  # these by the document 接口调用频次限制说明
    "/cgi-bin/media/get": Limit(day=200_000),
    **{f"/cgi-bin/{name}": Limit() for name in ("media/get/jssdk", "media/uploadimg", "snsvideodownload")},
    **{f"/cgi-bin/material/{name}_material": Limit() for name in ("add", "get", "del", "batchget")},
    "/cgi-bin/material/get_materialcount": Limit(),
    "/cgi-bin/qrcode/create": Limit(day=100_000),
    "/cgi-bin/showqrcode": Limit(),
    "/wxa/getwxacodeunlimit": Limit(minute=5000),
    **{path: Limit() for path in ("/wxa/getwxacode", "/cgi-bin/wxaapp/createwxaqrcode")},  # 100,000 in all
    **{f"/wxa/{name}": Limit() for name in ("generatescheme", "generate_urllink")},  # 500,000 a day together
    "/wxa/genwxashortlink": Limit(day=10_000_000),
    "/wxa/checksession": Limit(),
    "/wxa/resetusersessionkey": Limit(minute=60_000),
    "/wxa/getuserriskrank": Limit(),
    "/cgi-bin/message/wxopen/template/uniform_send": Limit(),
    **{f"/cgi-bin/draft/{name}": Limit(day=1000) for name in ("add", "update", "delete", "count", "batchget")},
    "/cgi-bin/draft/get": Limit(day=500),
    **{f"/cgi-bin/freepublish/{name}": Limit(day=100) for name in ("submit", "get", "getarticle", "batchget")},
    "/cgi-bin/freepublish/delete": Limit(day=10),
    **{f"/cgi-bin/{name}": Limit() for name in ("clear_quota", "clear_quota/v2")},  # by the month: CLEARS_A_MONTH
    **{f"/cgi-bin/openapi/{name}/get": Limit() for name in ("quota", "rid")},
    **{f"/cgi-bin/{name}": Limit() for name in ("get_api_domain_ip", "getcallbackip", "callback/check")},
    **{f"/sns/{name}": Limit(minute=50_000) for name in ("oauth2/access_token", "oauth2/refresh_token")},
    **{f"/sns/{name}": Limit(minute=50_000) for name in ("userinfo", "auth", "jscode2session")},
    **{f"/cgi-bin/message/{name}": Limit(day=500_000) for name in ("custom/send", "custom/typing")},
    "/cgi-bin/message/mass/send": Limit(day=100),
    "/cgi-bin/message/template/send": Limit(day=100_000),
    "/cgi-bin/message/subscribe/send": Limit(day=10_000_000),
    **{f"/cgi-bin/template/{name}_private_template": Limit() for name in ("get_all", "del")},
    "/cgi-bin/template/api_add_template": Limit(),
    **{f"/wxaapi/newtmpl/{name}": Limit() for name in ("gettemplate", "addtemplate", "deltemplate", "getcategory")},
    **{f"/cgi-bin/user/{name}": Limit(day=5_000_000) for name in ("info", "info/batchget")},
    "/cgi-bin/user/info/updateremark": Limit(day=10_000),
    "/cgi-bin/user/get": Limit(day=500),
    **{f"/cgi-bin/tags/{name}": Limit() for name in ("create", "get", "update", "delete", "getidlist")},
    **{f"/cgi-bin/tags/members/batch{name}": Limit() for name in ("tagging", "untagging")},
    "/cgi-bin/user/tag/get": Limit(),
    **{f"/cgi-bin/menu/{name}": Limit(day=1000) for name in ("create", "delete")},
    **{f"/cgi-bin/{name}": Limit(day=10_000) for name in ("menu/get", "get_current_selfmenu_info")},
}
"""All endpoints of the mock; other paths of WeChat are unlimited."""

MINUTE_ERRCODES: Mapping[str, int] = {
    "/wxa/msg_sec_check": 44991,
    "/wxa/media_check_async": 44991,
    "/wxa/getwxacodeunlimit": 45009,
}
"""For too many calls a minute (WECHAT.md 3.3, 5; document wxacode.getUnlimited); all others answer 45011."""

CLEARS_A_MONTH = 10
"""clear_quota and clear_quota/v2 together (WECHAT.md 7.2)."""
FORCED_A_DAY = 20
"""Forced refreshes of the stable token (WECHAT.md 1.2)."""


def call_limits(given: object) -> Mapping[str, Limit]:
    """Check the field `{path: {"minute", "day"}}`. Raises TypeError or ValueError.

    An omitted limit stays WeChat's; null removes it.
    """
    if not isinstance(given, Mapping):
        raise TypeError('must be an object of {path: {"minute", "day"}}')
    checked: dict[str, Limit] = {}
    for path, entry in given.items():
        try:
            wechat_path(path)
        except (TypeError, ValueError) as problem:
            raise ValueError(f"has a wrong path: {problem}") from None
        if isinstance(entry, Limit):
            checked[path] = entry
        elif isinstance(entry, Mapping):
            checked[path] = Fields(entry).build(Limit, LIMITS.get(path, Limit()))
        else:
            raise TypeError(f'must have {{"minute", "day"}} for {path}')
    return checked


DAY = 86400
SHANGHAI = timezone(timedelta(hours=8))


@dataclass
class _Counter:
    period: int
    limit: int | None
    used: int = 0

    def as_json(self) -> dict[str, int]:
        """WeChat's names, as in openapi/quota/get."""
        limit = self.limit or 0
        return {"daily_limit": limit, "used": self.used, "remain": max(0, limit - self.used)}


class Quotas:
    """Counts the calls of each account; callers pass the limit."""

    def __init__(self) -> None:
        self._counters: dict[tuple[str, str, Span], _Counter] = {}

    def spend(self, appid: str, name: str, limit: int | None, now: float, span: Span = "day") -> bool:
        """Count one call to `name`. False if the span's `limit` is used up; None is no limit.

        One refused call is counted: WeChat was seen to show 1001 used of 1000 (WECHAT.md 11a).
        """
        counter = self._counter(appid, name, span, limit, now)
        if limit is not None and counter.used >= limit:
            counter.used = max(counter.used, limit + 1)
            return False
        counter.used += 1
        return True

    def used(self, appid: str, name: str, span: Span, now: float) -> int:
        """How often `spend` has counted in this span."""
        counter = self._counters.get((appid, name, span))
        return counter.used if counter and counter.period == _period(span, now) else 0

    def exhaust(self, appid: str, name: str, limit: int, now: float) -> None:
        """Use up the rest of a day's `limit`."""
        counter = self._counter(appid, name, "day", limit, now)
        counter.used = max(counter.used, limit)

    def of(self, appid: str, now: float) -> dict[str, dict[str, int]]:
        """Today's usage of an account's limited endpoints."""
        return {
            name: counter.as_json()
            for (owner, name, span), counter in self._counters.items()
            if (owner, span, counter.period) == (appid, "day", _period("day", now)) and counter.limit is not None
        }

    def today(self, appid: str, name: str, limit: int | None, now: float) -> dict[str, int]:
        """Today's usage of one endpoint."""
        return self._counter(appid, name, "day", limit, now).as_json()

    def clear(self, appid: str) -> None:
        """Clear an account's day, for all endpoints (names that begin with a slash)."""
        for owner, name, span in list(self._counters):
            if (owner, span) == (appid, "day") and name.startswith("/"):
                del self._counters[owner, name, span]

    def _counter(self, appid: str, name: str, span: Span, limit: int | None, now: float) -> _Counter:
        counter = self._counters.get((appid, name, span))
        if counter is None or counter.period != _period(span, now):
            counter = self._counters[appid, name, span] = _Counter(_period(span, now), limit)
        counter.limit = limit
        return counter


def _period(span: Span, now: float) -> int:
    if span == "ever":
        return 0
    if span == "month":
        date = datetime.fromtimestamp(now, SHANGHAI)
        return date.year * 12 + date.month
    return int((now + SHANGHAI.utcoffset(None).total_seconds()) // {"minute": 60, "day": DAY}[span])
