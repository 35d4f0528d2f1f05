"""A call to WeChat, when it may be repeated, and the outcome of an attempt, without secrets."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from ..errors import MinuteLimitReached, WeChatBusy, WeChatError, WeChatRefused, WeChatUnavailable
from .errcodes import refusal
from .exchange import Answer, NoAnswer, Request

_MAX_ERRMSG = 512
_RID = re.compile(r"rid: ?([0-9a-f]{8}(?:-[0-9a-f]{8}){2})")


class Trouble(Enum):
    """Why an attempt failed, where another one might succeed."""

    BUSY = "WeChat asks to try again (-1)"
    MINUTE_LIMIT = "too many calls in this minute (45011)"
    BROKEN = "HTTP 5xx, a reset, a truncated or unreadable answer: WeChat may have processed the call"
    LATE = "no complete answer in time: WeChat may have processed the call, or still will"


@dataclass(frozen=True, slots=True)
class Retry:
    """After which troubles the whole call is repeated; `waits`: least and most seconds before each repetition."""

    after: frozenset[Trouble] = frozenset()
    waits: tuple[tuple[float, float], ...] = ()


ONCE = Retry()
"""for calls that must not happen twice: sent on a new connection"""

FOR_CREDENTIALS = Retry(frozenset(Trouble), ((0.15, 0.25), (0.4, 0.6)))
"""a caller waits, and a second call is harmless"""

FOR_CHECKS = Retry(frozenset({Trouble.BUSY, Trouble.BROKEN}), ((0.2, 0.5),))
"""a caller waits, but not twice for a slow WeChat"""


@dataclass(frozen=True, slots=True)
class Call:
    """One call to WeChat."""

    method: str
    endpoint: str
    """path, such as `/cgi-bin/token`"""
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Mapping[str, object] | None = field(default=None, repr=False)
    file: tuple[str, bytes, str] | None = field(default=None, repr=False)
    """filename, content, content type: sent as one part of a multipart form"""
    secrets: Sequence[str] = field(default=(), repr=False)
    """masked in every error, even where WeChat's errmsg has them"""
    retry: Retry = ONCE

    def request(self, host: str) -> Request:
        """The HTTP request to `host` (scheme, name, port)."""
        once = not self.retry.waits
        return Request(self.method, host + self.endpoint, self.params, self.json, self.file, once=once)


@dataclass(frozen=True, slots=True)
class Outcome:
    """An `answer` or an `error`, with its `trouble` if another attempt might succeed."""

    answer: dict[str, Any] = field(default_factory=dict, repr=False)
    error: WeChatError | None = None
    trouble: Trouble | None = None

    @property
    def errcode(self) -> int | None:
        """0 for success, None without a usable answer."""
        if isinstance(self.error, WeChatRefused):
            return self.error.errcode
        return None if self.error else 0


def without_answer(call: Call, why: str, trouble: Trouble | None = None) -> Outcome:
    """The outcome without a usable answer."""
    return Outcome(error=WeChatUnavailable(f"WeChat, {call.endpoint}: {why}."), trouble=trouble)


def outcome(call: Call, answer: Answer) -> Outcome:
    """The outcome of an HTTP answer."""
    if answer.status != HTTPStatus.OK:
        broken = answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        return without_answer(call, f"HTTP {answer.status}", Trouble.BROKEN if broken else None)
    try:
        document = answer.json_object()
    except NoAnswer as failure:
        return without_answer(call, failure.reason, Trouble.BROKEN)
    errcode = errcode_of(document)
    if errcode is None:
        return without_answer(call, "errcode is not a number", Trouble.BROKEN)
    if errcode == 0:
        return Outcome(document)
    errmsg = without(call.secrets, str(document.get("errmsg", "")))[:_MAX_ERRMSG]
    error = refusal(errcode, errmsg, rid_of(errmsg), endpoint=call.endpoint)
    if isinstance(error, WeChatBusy):
        return Outcome(error=error, trouble=Trouble.BUSY)
    return Outcome(error=error, trouble=Trouble.MINUTE_LIMIT if isinstance(error, MinuteLimitReached) else None)


def errcode_of(document: Mapping[str, Any]) -> int | None:
    """The errcode as a number; 0 if there is none, as in some successes; None if it is not a number."""
    errcode = document.get("errcode", 0)
    if type(errcode) not in (int, str):
        return None
    try:
        return int(errcode)
    except ValueError:
        return None


def rid_of(errmsg: str) -> str | None:
    """WeChat's id of the request, if the errmsg has it."""
    rid = _RID.search(errmsg)
    return rid and rid[1]


def without(secrets: Sequence[str], text: str) -> str:
    """The text with each secret masked, also in its URL encoding."""
    for secret in secrets:
        text = text.replace(secret, "***").replace(quote(secret, safe=""), "***")
    return text
