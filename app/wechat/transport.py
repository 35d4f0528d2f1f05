"""One HTTP exchange with WeChat: bounded in time and size, read as UTF-8 JSON, and silent about secrets."""

import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import requests
from urllib3.exceptions import HTTPError, NewConnectionError, ReadTimeoutError

from ..errcodes import refusal
from ..exceptions import WeChatUnavailable
from .deadline import DeadlineAdapter, deadline, seconds_left
from .obstacles import obstacle

_MAX_ANSWER_BYTES = 1024 * 1024
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
        self._connect_timeout = connect_timeout_seconds
        self._read_timeout = read_timeout_seconds
        self._deadline = deadline_seconds
        self._proxy = proxy
        self._observe = observe
        self._thread = threading.local()

    def send(self, call: Call) -> dict[str, Any]:
        """WeChat's answer as a dict. Raises WeChatUnavailable, or what `errcodes` makes of an errcode."""
        # Errors are raised outside of `except`: a chained requests exception would keep the URL, and with it the token.
        answer, failure = self._answer_or_failure(call)
        errcode = _errcode(answer) if failure is None else None
        self._observe(call.endpoint, errcode)
        if errcode is None:
            raise WeChatUnavailable(f"WeChat, {call.endpoint}: {failure or 'errcode is no number'}.")
        if errcode:
            errmsg = _without(call.secrets, str(answer.get("errmsg", "")))[:_MAX_ERRMSG]
            rid = _RID.search(errmsg)
            raise refusal(errcode, errmsg, rid and rid[1], endpoint=call.endpoint)
        return answer

    def knock(self, host: str) -> str | None:
        """The Date header of whatever `host` (scheme, name, port) answers when it is asked for nothing.

        Raises WeChatUnavailable, which says what is in the way.
        """
        with deadline(self._deadline):
            try:
                with self._session().get(
                    f"{host}/", timeout=(self._connect_timeout, self._read_timeout), allow_redirects=False, stream=True
                ) as response:
                    return response.headers.get("Date")
            except (requests.RequestException, HTTPError, OSError) as error:
                in_the_way = obstacle(error)
        raise WeChatUnavailable(in_the_way)

    def _answer_or_failure(self, call: Call) -> tuple[dict[str, Any], str | None]:
        with deadline(self._deadline):
            for host in self._hosts:
                try:
                    return _parsed(*self._received(host, call))
                except (requests.Timeout, ReadTimeoutError, TimeoutError) as error:
                    if not _never_connected(error):
                        return {}, "no complete answer in time"
                except (requests.RequestException, HTTPError, OSError) as error:
                    if not _never_connected(error):
                        return {}, f"the exchange broke off ({type(error).__name__})"
        return {}, "could not be reached"

    def _received(self, host: str, call: Call) -> tuple[int, bytes]:
        body = None if call.json is None else json.dumps(call.json, ensure_ascii=False).encode()
        left = max(seconds_left(), 0.001)
        with self._session().request(
            call.method,
            host + call.endpoint,
            params=call.params,
            data=body,
            files={"media": call.file} if call.file else None,
            headers={"Content-Type": "application/json"} if body else None,
            timeout=(min(self._connect_timeout, left), min(self._read_timeout, left)),
            allow_redirects=False,  # another host has no business with our token
            stream=True,
        ) as response:
            return response.status_code, response.raw.read(_MAX_ANSWER_BYTES + 1, decode_content=True)

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._thread, "session", None)
        if session is None:
            session = self._thread.session = requests.Session()
            session.trust_env = False
            session.proxies = {"http": self._proxy, "https": self._proxy} if self._proxy else {}
            session.mount("https://", DeadlineAdapter())
            session.mount("http://", DeadlineAdapter())
        return session


def _never_connected(error: Exception) -> bool:
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError)


def _parsed(status: int, body: bytes) -> tuple[dict[str, Any], str | None]:
    if status != HTTPStatus.OK:
        return {}, f"HTTP {status}"
    if len(body) > _MAX_ANSWER_BYTES:
        return {}, "more than 1 MB"
    try:
        # It is UTF-8 whatever the header says (WECHAT.md 0.16), at times with raw control characters (0.17).
        answer = json.loads(body.decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError):
        return {}, "the answer is not JSON"
    return (answer, None) if isinstance(answer, dict) else ({}, "the answer is no JSON object")


def _errcode(answer: Mapping[str, Any]) -> int | None:
    """The errcode as a number, 0 where there is none (success may come without), None where it is no number."""
    try:
        return int(answer.get("errcode", 0))
    except (TypeError, ValueError, OverflowError):
        return None


def _without(secrets: Sequence[str], text: str) -> str:
    for secret in secrets:
        text = text.replace(secret, "***").replace(quote(secret, safe=""), "***")
    return text
