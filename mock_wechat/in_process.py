"""The in-process shell: answers WeChat's hosts for every `requests` user of this process, on top of `responses`."""

import io
import re
from collections.abc import Callable
from email.utils import formatdate
from http.client import RemoteDisconnected
from typing import Any, Literal
from urllib.parse import urlsplit

import requests
import responses
from requests.adapters import HTTPAdapter

from .errors import ERRMSG, error_payload
from .lines import Drip, Line
from .mock import MockWeChat
from .wire import Request, Response, compact

Others = Literal["pass", "refuse"]

BASE = "https://api.weixin.qq.com"
HOSTS = tuple(f"{name}.weixin.qq.com" for name in ("api", "api2", "sh.api", "sz.api", "hk.api"))  # WECHAT.md 0.11
METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS")

_WECHAT = re.compile(rf"https?://(?:{'|'.join(map(re.escape, HOSTS))})(?::\d+)?/", re.IGNORECASE)
_ANYTHING = re.compile("")
_LOOPBACK = "127.0.0.1"


class InProcess(MockWeChat):
    """A mock without a socket: from `start` to `stop` it answers `https://api.weixin.qq.com` itself.

    `others` says what becomes of all other hosts: "pass" leaves them alone, "refuse" raises requests.ConnectionError.
    `sleep` waits where a fault delays an answer; with a fake one nobody has to. Further options are MockWeChat's.
    Raises ValueError for a wrong `others`.
    """

    def __init__(
        self, *, others: Others = "pass", sleep: Callable[[float], object], control_hosts: Any = (), **options: Any
    ) -> None:
        if others not in ("pass", "refuse"):
            raise ValueError(f"others must be 'pass' or 'refuse', not {others!r}")
        super().__init__(control_hosts=(*control_hosts, *HOSTS), **options)
        self._others = others
        self._sleep = sleep
        self._switch: responses.RequestsMock | None = None
        self._is_deaf = False  # there is one connection for everybody here

    @property
    def url(self) -> str:
        """WeChat's own address: clients go on calling it."""
        return BASE

    def start(self) -> None:
        """Answer from now on. Another user of `responses` that was there before keeps its place behind."""
        switch = responses.RequestsMock(assert_all_requests_are_fired=False, real_adapter_send=HTTPAdapter.send)
        for method in METHODS:
            switch.add_callback(method, _WECHAT, self._carry, content_type=None)
        if self._others == "pass":
            switch.add_passthru(_ANYTHING)
        switch.start()
        self._switch = switch
        self._is_deaf = False
        self._round.start()

    def stop(self) -> None:
        """Give the hosts back; what was remembered stays readable."""
        self._round.stop()
        if self._switch:
            self._switch.stop()
            self._switch = None

    def _carry(self, request: Any) -> tuple[int, dict[str, str], io.BufferedReader]:
        """There and back again: a prepared request's answer, or what `requests` would raise."""
        self._forget_copies()
        if self._is_deaf:
            self._is_deaf = False
            raise _hung_up(request)
        response = self._processed(request)
        delivery = response.delivery
        line = Line(_read_timeout(request.req_kwargs.get("timeout")), self._sleep)
        headers = self._headers(response)
        try:
            line.wait(delivery.delay_seconds)
            if delivery.drip_headers:
                line.wait(delivery.drip_seconds, times=sum(len(f"{name}: {headers[name]}\r\n") for name in headers))
        except TimeoutError as late:
            raise requests.ReadTimeout(str(late), request=request) from None
        if delivery.drop:
            raise _hung_up(request)
        self._is_deaf = delivery.deaf_afterwards
        body = b"" if request.method == "HEAD" else response.body
        body = body[: len(body) // 2] if delivery.truncate else body
        raw = Drip(body, line, delivery.drip_seconds) if delivery.drip_seconds else io.BytesIO(body)
        return response.status, headers, io.BufferedReader(raw)

    def _processed(self, request: Any) -> Response:
        if request.url.lower().startswith("http:"):
            refusal = error_payload(43003, ERRMSG[43003], request.path_url, self._state.new_rid())
            return Response(compact(refusal).encode(), "application/json; encoding=utf-8")
        host = urlsplit(request.url).netloc
        headers = {"host": host} | {str(name).lower(): _text(value) for name, value in request.headers.items()}
        return self.answer(Request.parse(request.method, request.path_url, headers, _body(request), _LOOPBACK))

    def _headers(self, response: Response) -> dict[str, str]:
        return {
            "Connection": "keep-alive",
            "Content-Type": response.content_type,
            "Date": formatdate(self._state.clock(), usegmt=True),
            "Content-Length": str(len(response.body)),
            **response.headers,
        }

    def _forget_copies(self) -> None:
        """`responses` keeps every call for ever; the mock's own log is bounded."""
        if self._switch:
            for calls in (self._switch.calls, *(answer.calls for answer in self._switch.registered())):
                calls.reset()


def _hung_up(request: Any) -> requests.ConnectionError:
    """What `requests` raises where an answer should have been."""
    end = RemoteDisconnected("Remote end closed connection without response")
    return requests.ConnectionError("Connection aborted.", end, request=request)


def _body(request: Any) -> bytes:
    body = request.body
    if body is None or isinstance(body, str | bytes):
        return (body or "").encode() if not isinstance(body, bytes) else body
    return b"".join(body)  # what would be sent in chunks


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _read_timeout(timeout: Any) -> float | None:
    """What `requests` was given: seconds, a (connect, read) pair or urllib3's object; None is for ever."""
    if isinstance(timeout, tuple):
        timeout = timeout[1]
    elif hasattr(timeout, "read_timeout"):
        timeout = timeout.read_timeout
    return timeout if isinstance(timeout, int | float) else None
