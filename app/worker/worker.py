"""The worker: a request gets a thread when its head (request line and headers) is there."""

from concurrent.futures import Future
from typing import Any

from gunicorn.workers.gthread import _DEFER, TConn, ThreadWorker  # type: ignore[import-untyped] # it has no types

from .connection import BoundedSocket


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
