"""Hints: what an operator should do about an error. The texts are in hints.json, in English and Chinese.

`named` has texts by name; `refusals` those for WeChat's errcodes (WECHAT.md 1.3, 3.3, 7.1), where `calls` says which
calls are meant: "token" those that fetch tokens, "media" asynchronous media checks, "any" all others.
"""

import json
from functools import cache
from pathlib import Path
from typing import TypedDict

from ..errors import CentralRefused, CentralUnavailable, WeChatBusy, WeChatError, WeChatRefused
from .errcodes import TOKEN_ENDPOINTS

_MEDIA_ENDPOINT = "/wxa/media_check_async"


class Hint(TypedDict):
    """The same advice in both languages."""

    en: str
    zh: str


def named_hint(name: str) -> Hint:
    """The text with this name."""
    return _texts()[0][name]


def hint(error: WeChatError) -> Hint | None:
    """What an operator should do about this error, or None if its text says all we know."""
    if isinstance(error, CentralRefused):
        return named_hint("central_refused")
    if not isinstance(error, WeChatRefused):
        return named_hint("central_unavailable" if isinstance(error, CentralUnavailable) else "unavailable")
    calls = "token" if error.endpoint in TOKEN_ENDPOINTS else "media" if error.endpoint == _MEDIA_ENDPOINT else "any"
    refusals = _texts()[1]
    known = refusals.get((error.errcode, calls), refusals.get((error.errcode, "any")))
    return known or (named_hint("busy") if isinstance(error, WeChatBusy) else None)


@cache
def _texts() -> tuple[dict[str, Hint], dict[tuple[int, str], Hint]]:
    file = json.loads(Path(__file__).with_name("hints.json").read_text("utf-8"))
    refusals = {
        (errcode, row["calls"]): Hint(en=row["en"], zh=row["zh"])
        for row in file["refusals"]
        for errcode in row["errcodes"]
    }
    return file["named"], refusals
