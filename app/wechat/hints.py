"""Hints: what an operator should do about an error. The texts are in hints.json, in English and Chinese.

`named` has texts by name; `refusals` those for WeChat's errcodes (WECHAT.md 1.3, 3.3, 7.1), of all endpoints but those
that have a row of their own.
"""

import json
from functools import cache
from pathlib import Path
from typing import TypedDict

from ..errors import WeChatBusy, WeChatError, WeChatRefused


class Hint(TypedDict):
    """The same advice in both languages."""

    en: str
    zh: str


def named_hint(name: str) -> Hint:
    """The text with this name."""
    return _texts()[0][name]


def hint(error: WeChatError) -> Hint | None:
    """What an operator should do about this error, or None if its text says all we know."""
    if not isinstance(error, WeChatRefused):
        return named_hint("unavailable")
    refusals = _texts()[1]
    known = refusals.get((error.errcode, error.endpoint), refusals.get((error.errcode, "")))
    return known or (named_hint("busy") if isinstance(error, WeChatBusy) else None)


@cache
def _texts() -> tuple[dict[str, Hint], dict[tuple[int, str], Hint]]:
    file = json.loads(Path(__file__).with_name("hints.json").read_text("utf-8"))
    refusals = {
        (errcode, endpoint): Hint(en=row["en"], zh=row["zh"])
        for row in file["refusals"]
        for errcode in row["errcodes"]
        for endpoint in row.get("endpoints", [""])
    }
    return file["named"], refusals
