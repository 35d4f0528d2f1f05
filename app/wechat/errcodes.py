"""WeChat's errcodes: which error each one is. Source: WECHAT.md 1.3, 3.3, 7.1, 9.2."""

from collections.abc import Mapping

from ..errors import (
    AccessTokenRefused,
    AccountRefused,
    AddressRefused,
    CodeRefused,
    DayLimitReached,
    MinuteLimitReached,
    OpenidRefused,
    RiskyContent,
    SecretRefused,
    SessionKeyRefused,
    WeChatBusy,
    WeChatRefused,
)

TOKEN_ENDPOINTS = ("/cgi-bin/stable_token", "/cgi-bin/token")
"""calls for an access_token, which carry the secret"""

_ERRCODES: Mapping[type[WeChatRefused], tuple[int, ...]] = {
    AccessTokenRefused: (40001, 40014, 42001),
    SecretRefused: (40013, 40125, 40243),
    AddressRefused: (40164, 45035, 48017, 61004, *range(89501, 89508)),
    AccountRefused: (48004, 50001, 50002, 50004, 50007, 61007, 61024),
    WeChatBusy: (-1, 85113, 61080, 61081),
    MinuteLimitReached: (45011, 44991),
    DayLimitReached: (45009, 48006, 9410009),
    RiskyContent: (87014,),
    OpenidRefused: (40003, 43104, 61010),
    CodeRefused: (40029, 40163),
    SessionKeyRefused: (87007, 87009),
}

BY_ERRCODE = {errcode: kind for kind, errcodes in _ERRCODES.items() for errcode in errcodes}

# On calls for an access_token 40001 is about the secret, and 48001 was an incident of WeChat's.
_ON_TOKEN_CALLS: dict[int, type[WeChatRefused]] = {40001: SecretRefused, 48001: WeChatBusy}


def refusal(
    errcode: int, errmsg: str, rid: str | None = None, *, endpoint: str, retry_after: float | None = None
) -> WeChatRefused:
    """The error that `errcode` from `endpoint` stands for."""
    kind = BY_ERRCODE.get(errcode, WeChatRefused)
    if endpoint in TOKEN_ENDPOINTS:
        kind = _ON_TOKEN_CALLS.get(errcode, kind)
    return kind(errcode, errmsg, rid, endpoint=endpoint, retry_after=retry_after)
