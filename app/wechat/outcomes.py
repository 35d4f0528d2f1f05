"""What came of one attempt: WeChat's answer, or the error that stands for it; never a secret."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from ..errcodes import refusal
from ..exceptions import MinuteLimitReached, WeChatBusy, WeChatError, WeChatRefused, WeChatUnavailable
from .calls import Call, Trouble
from .exchange import Answer, NoAnswer

_MAX_ERRMSG = 512

_RID = re.compile(r"rid: ?([0-9a-f]{8}(?:-[0-9a-f]{8}){2})")


@dataclass(frozen=True, slots=True)
class Outcome:
    """Either an `answer`, or an `error`; `trouble` where another attempt might go well."""

    answer: dict[str, Any] = field(default_factory=dict, repr=False)
    error: WeChatError | None = None
    trouble: Trouble | None = None

    @property
    def errcode(self) -> int | None:
        """0 for success, None when nothing usable came back."""
        if isinstance(self.error, WeChatRefused):
            return self.error.errcode
        return None if self.error else 0


def without_answer(call: Call, why: str, trouble: Trouble | None = None) -> Outcome:
    """Nothing usable came back."""
    return Outcome(error=WeChatUnavailable(f"WeChat, {call.endpoint}: {why}."), trouble=trouble)


def outcome(call: Call, answer: Answer) -> Outcome:
    """What an HTTP answer says."""
    if answer.status != HTTPStatus.OK:
        broken = answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        return without_answer(call, f"HTTP {answer.status}", Trouble.BROKEN if broken else None)
    try:
        return _said(call, answer.json_object())
    except NoAnswer as failure:
        return without_answer(call, failure.reason, Trouble.BROKEN)


def _said(call: Call, answer: dict[str, Any]) -> Outcome:
    errcode = _errcode(answer)
    if errcode is None:
        return without_answer(call, "errcode is no number", Trouble.BROKEN)
    if errcode == 0:
        return Outcome(answer)
    errmsg = without(call.secrets, str(answer.get("errmsg", "")))[:_MAX_ERRMSG]
    rid = _RID.search(errmsg)
    error = refusal(errcode, errmsg, rid and rid[1], endpoint=call.endpoint)
    return Outcome(error=error, trouble=_trouble(error))


def _trouble(error: WeChatRefused) -> Trouble | None:
    if isinstance(error, WeChatBusy):
        return Trouble.BUSY
    return Trouble.MINUTE_LIMIT if isinstance(error, MinuteLimitReached) else None


def _errcode(answer: Mapping[str, Any]) -> int | None:
    """The errcode as a number, 0 where there is none (success may come without), None where it is no number."""
    errcode = answer.get("errcode", 0)
    if type(errcode) not in (int, str):
        return None
    try:
        return int(errcode)
    except ValueError:
        return None


def without(secrets: Sequence[str], text: str) -> str:
    """The text with stars in place of each secret, also where it is encoded for a URL."""
    for secret in secrets:
        text = text.replace(secret, "***").replace(quote(secret, safe=""), "***")
    return text
