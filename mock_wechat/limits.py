"""How often an account may call what: WeChat's numbers, unless an account has its own (WECHAT.md 1 to 5, 9.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from . import fields

Span = Literal["minute", "day", "month"]


@dataclass(frozen=True)
class Limit:
    """Calls per minute and per day of Shanghai's; None is as many as you like."""

    minute: int | None = None
    day: int | None = None


SNS = Limit(minute=50_000)

LIMITS: Mapping[str, Limit] = {
    "/cgi-bin/token": Limit(day=2000),
    "/cgi-bin/stable_token": Limit(minute=10_000, day=500_000),
    "/cgi-bin/ticket/getticket": Limit(),  # there is one, unpublished (WECHAT.md 2)
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
"""All endpoints there are."""

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
