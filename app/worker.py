"""gunicorn's threaded worker, in which a caller who sends half a request, or nothing, keeps nobody else waiting.

A request gets a thread when its head (request line and headers) is there; until then one poller waits for all callers.
"""

import select
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from gunicorn.workers.gthread import _DEFER, TConn, ThreadWorker  # type: ignore[import-untyped] # it has no types

_BYTES_A_SECOND = 500
"""a slow line has more; who sends less holds a thread for nothing"""
_HEAD_END = b"\r\n\r\n"
_HEAD_BYTES = 8192
"""what gunicorn reads at once; a longer head gets a thread before it is complete"""
_LINGER_SECONDS = 1.0
_LINGER_BYTES = 65_536


class BoundedSocket(socket.socket):
    """A connection whose caller has `seconds` for the head of a request, and for its body these and one more for each
    500 bytes that came.

    Of the body only the time counts in which we wait for bytes. When it is over, the connection reads as closed by the
    caller, for good: gunicorn and the application know what to do then. `clock` gives seconds.
    """

    def __init__(self, connection: socket.socket, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(connection.family, connection.type, connection.proto, connection.detach())
        self._seconds = seconds
        self._clock = clock
        self.given_up = False
        self.begin_request()

    def begin_request(self) -> None:
        """The next request may come, and take its time."""
        self._ahead = b""
        self._waited = 0.0
        self._received = 0
        self.head_until: float | None = None
        """when the head must be there; None before anybody looked for it"""

    def has_head(self) -> bool:
        """Whether a thread has something to do: a whole head, much of one, or the caller's end. Never waits."""
        if self.head_until is None:
            self.head_until = self._clock() + self._seconds
        while len(self._ahead) < _HEAD_BYTES and _HEAD_END not in self._ahead:
            try:
                data = super().recv(_HEAD_BYTES - len(self._ahead), socket.MSG_DONTWAIT)
            except BlockingIOError:
                return False
            except OSError:
                data = b""  # the caller is gone
            if not data:
                return True
            self._ahead += data
        return True

    def is_overdue(self) -> bool:
        """Whether the head should have been there by now."""
        return self.head_until is not None and self._clock() >= self.head_until

    def recv(self, size: int, flags: int = 0) -> bytes:
        """As any socket's; no bytes once the time is over. Raises TimeoutError at the socket's own timeout."""
        if self._ahead:
            data, self._ahead = self._ahead[:size], self._ahead[size:]
            return data
        while not self.given_up:
            try:
                data = super().recv(size, flags | socket.MSG_DONTWAIT)
            except BlockingIOError:
                if self.gettimeout() == 0:
                    raise
                self._wait()
            else:
                self._received += len(data)
                return data
        return b""

    def give_up(self) -> None:
        """From now on it reads as closed."""
        self.given_up = True
        self._ahead = b""

    def finish(self) -> None:
        """Say that no more will be sent, and take what still comes for a moment: to close at once could cut the answer.

        Afterwards it reads as closed, and nobody has to wait for the caller again.
        """
        try:
            self.shutdown(socket.SHUT_WR)
            if not self.given_up:
                self._drain()
        except OSError:
            pass  # the caller is gone
        self.give_up()

    def _drain(self) -> None:
        until = self._clock() + _LINGER_SECONDS
        drained = 0
        while drained < _LINGER_BYTES:
            self.settimeout(max(0.001, until - self._clock()))
            data = super().recv(4096)
            if not data:
                return
            drained += len(data)

    def _wait(self) -> None:
        began = self._clock()
        if not self._readable_within(self._seconds + self._received / _BYTES_A_SECOND - self._waited):
            self.give_up()
        self._waited += self._clock() - began

    def _readable_within(self, seconds: float) -> bool:
        poll = select.poll()
        poll.register(self, select.POLLIN)
        return bool(poll.poll(max(0.0, seconds) * 1000))


class _Listener:
    """A listener whose connections are bounded."""

    def __init__(self, listener: Any, seconds: float) -> None:
        self.getsockname = listener.getsockname
        self._listener = listener
        self._seconds = seconds

    def accept(self) -> tuple[BoundedSocket, Any]:
        connection, address = self._listener.accept()
        return BoundedSocket(connection, self._seconds), address


class BoundedWorker(ThreadWorker):  # type: ignore[misc] # it has no types
    """gunicorn's gthread worker with bounded connections. With gunicorn's own TLS they are as gunicorn makes them."""

    request_seconds = 10.0

    def accept(self, listener: Any) -> None:
        """Take a new connection from the listener."""
        super().accept(listener if self.cfg.is_ssl else _Listener(listener, self.request_seconds))

    def handle(self, conn: TConn) -> object:
        """Answer one request, in a thread: whether the connection is kept, or _DEFER while its head is not there."""
        connection = conn.sock
        if not isinstance(connection, BoundedSocket):
            return super().handle(conn)
        if self.alive and not _is_read_ahead(conn) and not connection.has_head():
            if not connection.is_overdue():
                return _DEFER
            connection.give_up()
        conn.data_ready = True
        if super().handle(conn) and not connection.given_up:
            connection.begin_request()
            return True
        # Else gunicorn waits in its main loop for the caller to close, and nobody is answered meanwhile.
        connection.finish()
        return False

    def finish_request(self, conn: TConn, fs: Future[object]) -> None:
        """In the main loop, after `handle`: keep the connection, wait for its head, or close it."""
        deferred = not fs.cancelled() and fs.exception() is None and fs.result() is _DEFER
        if deferred and not self.alive:
            self.enqueue_req(conn)  # a worker that stops answers what it has accepted: a thread waits for the head
            return
        super().finish_request(conn, fs)
        if deferred:
            conn.timeout = conn.sock.head_until


def _is_read_ahead(conn: TConn) -> bool:
    """Whether the last request left bytes of the next one with gunicorn."""
    return conn.parser is not None and bool(conn.parser.unreader.buf.getvalue())
