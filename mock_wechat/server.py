"""The HTTP server: one thread per connection, starts and stops in milliseconds."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from email.utils import formatdate
from http.client import responses
from http.server import BaseHTTPRequestHandler
from typing import Any

from .wire import Request, Response, cut

MAX_BODY = 32 * 1024 * 1024
"""Bytes; larger bodies are refused unread."""


class Server:
    """Listens once constructed; answers from `start` to `stop`."""

    def __init__(self, answer: Callable[[Request], Response], clock: Callable[[], float], host: str, port: int) -> None:
        """Raises OSError if the address can't be bound. Port 0 takes a free one."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            self._listener = socket.create_server((host, port), family=family, backlog=1024)
        except OSError as problem:
            raise OSError(problem.errno, problem.strerror, f"port {port}") from None
        self._lock = threading.Lock()
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._acceptor = threading.Thread(target=self._accept, name="mock-wechat", daemon=True)
        self.answer = answer
        self.clock = clock
        self.stopping = threading.Event()

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def host(self) -> str:
        """An address that reaches the listener, also if it is bound to all."""
        host: str = self._listener.getsockname()[0]
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 -- not bound

    @property
    def address(self) -> str:
        """Host and port, as in a URL."""
        return f"{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    def start(self) -> None:
        self._acceptor.start()

    def stop(self) -> None:
        """Stop listening, cut all connections, wait for their threads."""
        self.stopping.set()
        if self._acceptor.ident is not None:
            with suppress(OSError):  # end a blocking accept(), which close() does not on every system
                socket.create_connection((self.host, self.port), 1).close()
            self._acceptor.join()
        self._listener.close()
        with self._lock:
            connections = dict(self._connections)
        for connection, thread in connections.items():
            cut(connection)
            thread.join()

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                connection, address = self._listener.accept()
            except OSError:
                continue  # the caller has disconnected already
            thread = threading.Thread(target=self._serve, args=(connection, address), daemon=True)
            with self._lock:
                self._connections[connection] = thread
            thread.start()

    def _serve(self, connection: socket.socket, address: Any) -> None:
        try:
            with suppress(OSError):  # the caller may disconnect at any time
                self.handle(connection, address)
        finally:
            with self._lock:
                del self._connections[connection]
            cut(connection)
            connection.close()

    def handle(self, connection: socket.socket, address: Any) -> None:
        """Answer one connection until it is closed. Raises OSError if it is cut."""
        RequestHandler(connection, address, self)  # type: ignore[arg-type]  # it needs no socketserver


class RequestHandler(BaseHTTPRequestHandler):
    """Reads each request of one connection whole, and answers in one send or as a fault requires.

    As usual in http.server the constructor does it all: it returns when the connection is closed and raises OSError if
    it is cut.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server  # type: ignore[assignment]  # not a socketserver
    _drop_next = False

    def _serve(self) -> None:
        headers: dict[str, str] = {}
        for name, value in self.headers.items():
            key = name.lower()
            headers[key] = f"{headers[key]}, {value}" if key in headers else value
        try:
            body = self._body(headers)
        except ValueError as bad:
            self.send_error(400, str(bad))
            return
        if self._drop_next:
            self.close_connection = True
            return
        # callers of proxies send the whole URL
        target = self.path if self.path.startswith("/") else "/" + self.path.partition("://")[2].partition("/")[2]
        request = Request.parse(self.command, target, headers, body, str(self.client_address[0]))
        self._deliver(self.answer(request))

    do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _serve  # noqa: N815 -- http.server's names

    def answer(self, request: Request) -> Response:
        return self.server.answer(request)

    def _body(self, headers: dict[str, str]) -> bytes:
        """The whole body. Raises ValueError if it is malformed, ConnectionError if it is cut off."""
        if "chunked" not in headers.get("transfer-encoding", "").lower():
            length = headers.get("content-length", "0")
            if not length.isdecimal() or int(length) > MAX_BODY:
                raise ValueError("invalid Content-Length, or body too large")
            return self._exactly(int(length))
        body = bytearray()
        size = -1
        while size:
            size = int(self.rfile.readline(1024).partition(b";")[0], 16)
            if not 0 <= size <= MAX_BODY - len(body):
                raise ValueError("invalid chunk size, or body too large")
            if size:
                body += self._exactly(size)
                self.rfile.readline(1024)
        while self.rfile.readline(65536).strip():
            pass  # trailers
        return bytes(body)

    def _exactly(self, length: int) -> bytes:
        body = self.rfile.read(length)
        if len(body) < length:
            raise ConnectionError("the caller disconnected within its body")
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
        self._drop_next = delivery.drop_next
        head = self._head(response)
        body = b"" if self.command == "HEAD" else response.body
        body = body[: len(body) // 2] if delivery.truncate else body
        at_once = b"" if delivery.drip_headers else head if delivery.drip_seconds else head + body
        self.wfile.write(at_once)
        for byte in (head + body)[len(at_once) :]:
            if self.server.stopping.wait(delivery.drip_seconds):
                self.close_connection = True
                return
            self.wfile.write(bytes([byte]))

    def _head(self, response: Response) -> bytes:
        """WeChat's headers, without Server (WECHAT.md 0.3)."""
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
        """Answer an invalid request in plain text, and close the connection."""
        self.close_connection = True
        response = Response((message or "").encode("utf-8", "replace"), "text/plain", code)
        self.wfile.write(self._head(response) + response.body)

    def log_message(self, *args: object) -> None:
        """Print nothing: the call log has every request."""
