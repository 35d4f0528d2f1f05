"""The in-process mock: answers WeChat's hosts for all `requests` callers of this process, by `responses`."""

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

from .hosts import API_HOSTS
from .mock import MockWeChat
from .wire import Request, Response

Others = Literal["pass", "refuse"]

BASE = "https://api.weixin.qq.com"
METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS")

_WECHAT = re.compile(
    rf"https?://(?:(?:{'|'.join(map(re.escape, API_HOSTS))})(?::\d+)?/|mp\.weixin\.qq\.com/cgi-bin/showqrcode\b)",
    re.IGNORECASE,
)
_ANYTHING = re.compile("")
_LOOPBACK = "127.0.0.1"


class InProcess(MockWeChat):
    """A mock without a socket: from `start` to `stop` it answers `https://api.weixin.qq.com`.

    `others` is for all other hosts: "pass" calls them as usual, "refuse" raises requests.ConnectionError.
    `sleep` waits where a fault delays an answer. Further options are MockWeChat's. Raises ValueError for a wrong
    `others`.
    """

    def __init__(
        self, *, others: Others = "pass", sleep: Callable[[float], object], control_hosts: Any = (), **options: Any
    ) -> None:
        if others not in ("pass", "refuse"):
            raise ValueError(f"others must be 'pass' or 'refuse', not {others!r}")
        super().__init__(control_hosts=(*control_hosts, *API_HOSTS), **options)
        self._others = others
        self._sleep = sleep
        self._requests_mock: responses.RequestsMock | None = None
        self._drop_next = False  # all callers share one connection here

    @property
    def url(self) -> str:
        """WeChat's own address, which clients call."""
        return BASE

    def start(self) -> None:
        """Start to answer. Earlier mocks of `responses` stay active behind this one."""
        mock = responses.RequestsMock(assert_all_requests_are_fired=False, real_adapter_send=HTTPAdapter.send)
        for method in METHODS:
            mock.add_callback(method, _WECHAT, self._send, content_type=None)
        if self._others == "pass":
            mock.add_passthru(_ANYTHING)
        mock.start()
        self._requests_mock = mock
        self._drop_next = False
        self.push.start()

    def stop(self) -> None:
        """Release the hosts; the state stays readable."""
        self.push.stop()
        if self._requests_mock:
            self._requests_mock.stop()
            self._requests_mock = None

    def _send(self, request: Any) -> tuple[int, dict[str, str], io.BufferedReader]:
        """Answer a prepared request. Raises what `requests` would raise."""
        if self._requests_mock:  # `responses` keeps every call for ever; the mock's own log is bounded
            for calls in (self._requests_mock.calls, *(it.calls for it in self._requests_mock.registered())):
                calls.reset()
        if self._drop_next:
            self._drop_next = False
            raise _connection_aborted(request)
        response = self._process(request)
        delivery = response.delivery
        headers = {
            "Connection": "keep-alive",
            "Content-Type": response.content_type,
            "Date": formatdate(self._state.clock(), usegmt=True),
            "Content-Length": str(len(response.body)),
            **response.headers,
        }
        timeout = _read_timeout(request.req_kwargs.get("timeout"))

        def wait(seconds: float, times: int = 1) -> None:
            """Raises TimeoutError if one wait is longer than the caller's timeout."""
            if timeout is not None and seconds > timeout:
                self._sleep(timeout)
                raise TimeoutError(f"Read timed out. (read timeout={timeout})")
            if seconds:
                self._sleep(seconds * times)

        try:
            wait(delivery.delay_seconds)
            if delivery.drip_headers:
                wait(delivery.drip_seconds, times=sum(len(f"{name}: {headers[name]}\r\n") for name in headers))
        except TimeoutError as late:
            raise requests.ReadTimeout(str(late), request=request) from None
        if delivery.drop:
            raise _connection_aborted(request)
        self._drop_next = delivery.drop_next
        body = b"" if request.method == "HEAD" else response.body
        body = body[: len(body) // 2] if delivery.truncate else body
        raw = _DrippingBody(body, wait, delivery.drip_seconds) if delivery.drip_seconds else io.BytesIO(body)
        return response.status, headers, io.BufferedReader(raw)

    def _process(self, request: Any) -> Response:
        headers = {"host": urlsplit(request.url).netloc}
        for name, value in request.headers.items():
            headers[str(name).lower()] = value.decode("latin-1") if isinstance(value, bytes) else value
        body = request.body or b""
        if isinstance(body, str):
            body = body.encode()
        if not isinstance(body, bytes):
            body = b"".join(body)  # sent in chunks
        parsed = Request.parse(request.method, request.path_url, headers, body, _LOOPBACK)
        return self.require_https(parsed) if request.url.lower().startswith("http:") else self.respond(parsed)


class _DrippingBody(io.RawIOBase):
    """A body that arrives at one byte per `seconds`."""

    def __init__(self, body: bytes, wait: Callable[[float], None], seconds: float) -> None:
        self._body = io.BytesIO(body)
        self._wait = wait
        self._seconds = seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        byte = self._body.read(1)
        if byte:
            self._wait(self._seconds)
            buffer[:1] = byte
        return len(byte)


def _connection_aborted(request: Any) -> requests.ConnectionError:
    """The error that `requests` raises for a dropped connection."""
    end = RemoteDisconnected("Remote end closed connection without response")
    return requests.ConnectionError("Connection aborted.", end, request=request)


def _read_timeout(timeout: Any) -> float | None:
    """The read timeout in `requests`' argument: seconds, (connect, read) or urllib3's object; None: no timeout."""
    if isinstance(timeout, tuple):
        timeout = timeout[1]
    elif hasattr(timeout, "read_timeout"):
        timeout = timeout.read_timeout
    return timeout if isinstance(timeout, int | float) else None
