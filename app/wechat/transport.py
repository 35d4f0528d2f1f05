"""One HTTP exchange with WeChat: bounded in time and size, read as UTF-8 JSON, and silent about secrets."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from ..errcodes import refusal
from ..exceptions import WeChatUnavailable
from .deadline import deadline
from .exchange import Answer, Exchange, NoAnswer, Request

_MAX_ERRMSG = 512
ObserveCall = Callable[[str, int | None], None]
"""is told the endpoint of each call and WeChat's errcode, 0 for success, None when nothing usable came back"""

_RID = re.compile(r"rid: ?([0-9a-f]{8}(?:-[0-9a-f]{8}){2})")


@dataclass(frozen=True, slots=True)
class Call:
    """One call, before it is sent."""

    method: str
    endpoint: str
    """path, such as `/cgi-bin/token`"""
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Mapping[str, object] | None = field(default=None, repr=False)
    file: tuple[str, bytes, str] | None = field(default=None, repr=False)
    """filename, content, content type: sent as one part of a multipart form"""
    secrets: Sequence[str] = field(default=(), repr=False)
    """what must not be in any error, even if WeChat says it"""

    def request(self, host: str) -> Request:
        """As it goes to `host` (scheme, name, port)."""
        return Request(self.method, host + self.endpoint, self.params, self.json, self.file)


class Transport:
    """Sends calls to the first of `hosts` that can be reached. Safe to share: each thread has its own session.

    No proxy, CA bundle or .netrc is taken from the surroundings. Times are in seconds; `deadline_seconds` bounds a call
    over all hosts and all bytes.
    """

    def __init__(
        self,
        hosts: Sequence[str],
        *,
        connect_timeout_seconds: float = 3,
        read_timeout_seconds: float = 5,
        deadline_seconds: float = 10,
        proxy: str | None = None,
        observe: ObserveCall = lambda _endpoint, _errcode: None,
    ) -> None:
        self._hosts = tuple(hosts)
        self._exchange = Exchange(connect_timeout_seconds, read_timeout_seconds, proxy)
        self._deadline = deadline_seconds
        self._observe = observe

    def send(self, call: Call) -> dict[str, Any]:
        """WeChat's answer as a dict. Raises WeChatUnavailable, or what `errcodes` makes of an errcode."""
        answer, failure = self._answer_or_failure(call)
        errcode = _errcode(answer) if failure is None else None
        self._observe(call.endpoint, errcode)
        if errcode is None:
            raise WeChatUnavailable(f"WeChat, {call.endpoint}: {failure or 'errcode is no number'}.")
        if errcode:
            errmsg = without(call.secrets, str(answer.get("errmsg", "")))[:_MAX_ERRMSG]
            rid = _RID.search(errmsg)
            raise refusal(errcode, errmsg, rid and rid[1], endpoint=call.endpoint)
        return answer

    def knock(self, host: str) -> str | None:
        """The Date header of whatever `host` (scheme, name, port) answers when it is asked for nothing.

        Raises WeChatUnavailable, which says what is in the way.
        """
        with deadline(self._deadline):
            try:
                return self._exchange.knock(host)
            except NoAnswer as error:
                in_the_way = error.reason
        raise WeChatUnavailable(in_the_way)

    def _answer_or_failure(self, call: Call) -> tuple[dict[str, Any], str | None]:
        with deadline(self._deadline):
            for host in self._hosts:
                try:
                    return _parsed(self._exchange.send(call.request(host))), None
                except NoAnswer as error:
                    if error.connected:
                        return {}, error.reason
        return {}, "could not be reached"


def _parsed(answer: Answer) -> dict[str, Any]:
    if answer.status != HTTPStatus.OK:
        raise NoAnswer(f"HTTP {answer.status}")
    return answer.json_object()


def _errcode(answer: Mapping[str, Any]) -> int | None:
    """The errcode as a number, 0 where there is none (success may come without), None where it is no number."""
    try:
        return int(answer.get("errcode", 0))
    except (TypeError, ValueError, OverflowError):
        return None


def without(secrets: Sequence[str], text: str) -> str:
    """The text, each of the secrets in it replaced."""
    for secret in secrets:
        text = text.replace(secret, "***").replace(quote(secret, safe=""), "***")
    return text
