"""One HTTP request and its whole answer: bounded in time and size, independent of the process's environment."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from math import inf
from typing import Any

import requests
from urllib3.exceptions import HTTPError, NewConnectionError

_MAX_ANSWER_BYTES = 1024 * 1024
IDLE_SECONDS = 5.0
"""WeChat and NATs drop idle connections silently (WECHAT.md 0.14); later calls open a new one."""
_NEVER_CONNECTED = (
    requests.ConnectTimeout,
    requests.exceptions.ProxyError,
    NewConnectionError,
    ssl.SSLCertVerificationError,
)
_ends_at: ContextVar[float] = ContextVar("_ends_at", default=inf)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Bound the block to `seconds`, or to the rest of an enclosing deadline if that is less."""
    token = _ends_at.set(min(_ends_at.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _ends_at.reset(token)


def seconds_left() -> float:
    """Seconds until the deadline of the current block; negative after it, infinite without one."""
    return _ends_at.get() - time.monotonic()


class NoAnswer(Exception):
    """No usable answer; `reason` says why, without any URL."""

    def __init__(self, reason: str, *, connected: bool = True, late: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.connected = connected
        """whether the peer may have seen the request"""
        self.late = late
        """whether the answer was not complete in time"""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, before it is sent."""

    method: str
    url: str = field(repr=False)
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Mapping[str, object] | None = field(default=None, repr=False)
    file: tuple[str, bytes, str] | None = field(default=None, repr=False)
    """filename, content, content type: sent as one part of a multipart form"""
    body: bytes | None = field(default=None, repr=False)
    """sent unchanged, with a Content-Type among `headers`"""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    once: bool = False
    """sent on a new connection and never repeated"""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of any status. A body over 1 MB is cut one byte later."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object. Raises NoAnswer."""
        if len(self.body) > _MAX_ANSWER_BYTES:
            raise NoAnswer("more than 1 MB")
        try:
            # UTF-8 despite its header (WECHAT.md 0.16), sometimes with raw control characters (0.17).
            document = json.loads(self.body.decode("utf-8", "replace"), strict=False)
        except (ValueError, RecursionError):
            raise NoAnswer("the answer is not JSON") from None
        if isinstance(document, dict):
            return document
        raise NoAnswer("the answer is not a JSON object")


class _Thread(threading.local):
    """A thread's session. Its connection is reused for a few seconds after a complete answer."""

    def __init__(self, proxy: str | None) -> None:
        self.used_at = -inf
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.proxies = {"http": proxy, "https": proxy} if proxy else {}


class Exchange:
    """Sends requests within the `deadline` of the calling block. Safe to share; each thread has its own session.

    The environment's proxies, CA bundles and .netrc are ignored, redirects not followed. The connect timeout counts for
    each address of a name, the read timeout for each wait; the deadline is checked when a part of the body arrives.
    """

    def __init__(
        self,
        connect_timeout_seconds: float,
        read_timeout_seconds: float,
        *,
        proxy: str | None = None,
        clock: Callable[[], float],
    ) -> None:
        self._connect_timeout = connect_timeout_seconds
        self._read_timeout = read_timeout_seconds
        self._clock = clock
        self._thread = _Thread(proxy)

    def send(self, request: Request, connect_seconds: float = inf) -> Answer:
        """The answer, read to its end; connecting takes `connect_seconds` at most. Raises NoAnswer."""
        # Raised outside of `except`: a chained requests exception would keep the URL, and with it the token.
        try:
            return self._send(request, connect_seconds)
        except (HTTPError, OSError) as error:  # a requests exception is an OSError
            failure = no_answer(error)
        raise failure

    def _send(self, request: Request, connect_seconds: float) -> Answer:
        thread = self._thread
        kept = not request.once and 0 <= self._clock() - thread.used_at < IDLE_SECONDS
        thread.used_at = -inf
        if not kept:
            thread.session.close()  # drops its connections; the session opens new ones
        try:
            answer = self._received(request, connect_seconds)
        except requests.ConnectionError as error:
            closed = any(isinstance(cause, ConnectionResetError | BrokenPipeError) for cause in _causes(error))
            if not kept or not closed:
                raise
            answer = self._received(request, connect_seconds)
        thread.used_at = self._clock()
        return answer

    def _received(self, request: Request, connect_seconds: float) -> Answer:
        document = None if request.json is None else json.dumps(request.json, ensure_ascii=False).encode()
        left = max(seconds_left(), 0.001)
        with self._thread.session.request(
            request.method,
            request.url,
            params=request.params,
            data=request.body if document is None else document,
            files={"media": request.file} if request.file else None,
            headers={**request.headers, **({"Content-Type": "application/json"} if document else {})},
            timeout=(min(self._connect_timeout, connect_seconds, left), min(self._read_timeout, left)),
            allow_redirects=False,
            stream=True,
        ) as response:
            body = bytearray()
            while part := response.raw.read1(_MAX_ANSWER_BYTES + 1 - len(body), decode_content=True):
                body += part
                if seconds_left() <= 0:
                    raise TimeoutError("deadline")
            return Answer(response.status_code, response.headers, bytes(body))


def no_answer(error: Exception) -> NoAnswer:
    """The failure that `requests` or urllib3 raised, without any URL."""
    causes = list(_causes(error))
    # Without a connection whose certificate is valid, the peer has not seen the request.
    connected = not any(isinstance(cause, _NEVER_CONNECTED) for cause in causes)
    late = connected and any(isinstance(cause, TimeoutError | requests.Timeout) for cause in causes)
    match causes[-1]:
        case ssl.SSLCertVerificationError() as cause:
            reason = f"its certificate is not accepted: {cause.verify_message}"
        case ssl.SSLError() as cause:
            reason = f"TLS fails: {cause.reason or type(cause).__name__}"
        case TimeoutError():
            reason = "no complete answer in time"
        case OSError(strerror=str(text)) if text:
            reason = text.lower()
        case cause:
            reason = f"connection broken ({type(cause).__name__})"
    return NoAnswer(reason, connected=connected, late=late)


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause:
        yield cause
        cause = cause.__cause__ or cause.__context__
