"""The requests of one connection: read whole, answered in one send, spoiled where a fault says so."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from http.client import responses
from http.server import BaseHTTPRequestHandler

from .wire import Request, Response

MOST_BYTES = 32 * 1024 * 1024
"""Larger bodies are refused unread."""


@dataclass(frozen=True)
class Service:
    """Whom a conversation asks: for answers, for the time, and whether it is over."""

    answer: Callable[[Request], Response]
    clock: Callable[[], float]
    stopping: threading.Event = field(default_factory=threading.Event)


class _BadBody(Exception):
    """The body can't be read; the text says why."""


class Conversation(BaseHTTPRequestHandler):
    """Lives in its constructor, as http.server has it: returns when the connection is done, raises OSError if cut."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    _is_deaf = False
    server: Service  # type: ignore[assignment]  # no socketserver: nothing here needs one

    def _serve(self) -> None:
        headers = _joined(self.headers.items())
        try:
            body = self._body(headers)
        except _BadBody as bad:
            self.send_error(400, str(bad))
            return
        if self._is_deaf:
            self.close_connection = True
            return
        peer = str(self.client_address[0])
        request = Request.parse(self.command, _origin_form(self.path), headers, body, peer)
        self._deliver(self.server.answer(request))

    do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _serve  # noqa: N815 -- http.server's names

    def _body(self, headers: dict[str, str]) -> bytes:
        if "chunked" in headers.get("transfer-encoding", "").lower():
            return self._chunks()
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            raise _BadBody("Content-Length is wrong or too large")
        return self._exactly(int(length))

    def _chunks(self) -> bytes:
        body = bytearray()
        while size := self._chunk_size():
            body += self._exactly(size)
            self.rfile.readline(1024)
            if len(body) > MOST_BYTES:
                raise _BadBody("the body is too large")
        while self.rfile.readline(65536).strip():
            pass  # trailers
        return bytes(body)

    def _chunk_size(self) -> int:
        try:
            size = int(self.rfile.readline(1024).partition(b";")[0], 16)
        except ValueError:
            raise _BadBody("a chunk has no size") from None
        if not 0 <= size <= MOST_BYTES:
            raise _BadBody("a chunk is too large")
        return size

    def _exactly(self, length: int) -> bytes:
        body = self.rfile.read(length)
        if len(body) < length:
            raise ConnectionError("the caller hung up in the middle of its body")
        return body

    def _deliver(self, response: Response) -> None:
        delivery = response.delivery
        if delivery.delay_seconds:
            self.server.stopping.wait(delivery.delay_seconds)
        if delivery.drop or self.server.stopping.is_set():
            self.close_connection = True
            return
        if delivery.truncate:
            self.close_connection = True
        self._is_deaf = delivery.deaf_afterwards
        head = self._head(response)
        body = b"" if self.command == "HEAD" else response.body
        body = body[: len(body) // 2] if delivery.truncate else body
        if not delivery.drip_seconds:
            self.wfile.write(head + body)
        elif delivery.drip_headers:
            self._drip(head + body, delivery.drip_seconds)
        else:
            self.wfile.write(head)
            self._drip(body, delivery.drip_seconds)

    def _drip(self, data: bytes, seconds: float) -> None:
        for position in range(len(data)):
            if self.server.stopping.wait(seconds):
                self.close_connection = True
                return
            self.wfile.write(data[position : position + 1])

    def _head(self, response: Response) -> bytes:
        """WeChat's headers, and no Server among them (WECHAT.md 0.3)."""
        lines = [
            f"HTTP/1.1 {response.status} {responses.get(response.status, '')}",
            f"Connection: {'close' if self.close_connection else 'keep-alive'}",
            f"Content-Type: {response.content_type}",
            f"Date: {formatdate(self.server.clock(), usegmt=True)}",
            f"Content-Length: {len(response.body)}",
            *(f"{name}: {value}" for name, value in response.headers.items()),
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """What is not HTTP gets a bare answer, and the connection ends."""
        self.close_connection = True
        self.wfile.write(self._head(Response((message or "").encode("utf-8", "replace"), "text/plain", code)))

    def log_message(self, *args: object) -> None:
        """Say nothing: the call log has it all."""


def _joined(headers: list[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        joined[key] = f"{joined[key]}, {value}" if key in joined else value
    return joined


def _origin_form(target: str) -> str:
    """A request target without scheme and host, which callers of proxies send along."""
    if target.startswith("/"):
        return target
    _, _, rest = target.partition("://")
    return "/" + rest.partition("/")[2]
