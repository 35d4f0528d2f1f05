"""The worker: a request gets a thread when its head (request line and headers) is there."""

import selectors
from bisect import insort
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from operator import attrgetter
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped] # it has no types

from ..lane import Lane
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


class _Pool:
    """The threads of a worker: a lane for some paths, and the others."""

    def __init__(self, others: ThreadPoolExecutor, lane: Lane, paths: tuple[bytes, ...]) -> None:
        self._others = others
        self._lane = lane
        self._paths = paths

    def submit(self, handle: Callable[[TConn], object], conn: TConn) -> Future[object]:
        """Have the connection handled."""
        connection = conn.sock
        if isinstance(connection, BoundedSocket) and connection.asks_for(self._paths):
            return self._lane.submit(handle, conn)
        work = self._others.submit(handle, conn)
        self._lane.give_way_to(work)
        return work

    def shutdown(self, *, wait: bool) -> None:
        """As an executor's."""
        self._others.shutdown(wait=wait)
        self._lane.shutdown(wait=wait)


class BoundedWorker(ThreadWorker):  # type: ignore[misc] # it has no types
    """gunicorn's gthread worker with bounded connections. With gunicorn's own TLS they are as gunicorn makes them."""

    request_seconds = 10.0
    lane_paths: tuple[bytes, ...] = ()
    """Requests for what begins so have as many threads of their own, in a lane."""

    def get_thread_pool(self) -> _Pool:
        """What gunicorn hands connections to."""
        return _Pool(super().get_thread_pool(), Lane(self.cfg.threads), self.lane_paths)

    def accept(self, listener: Any) -> None:
        """Take a new connection from the listener."""
        super().accept(listener if self.cfg.is_ssl else _Listener(listener, self.request_seconds))

    def enqueue_req(self, conn: TConn) -> None:
        """In the main loop: give a connection to a thread, or wait for the head of its request."""
        connection = conn.sock
        if isinstance(connection, BoundedSocket):
            if conn.parser:
                connection.unread(conn.parser.unreader.take_buffered())  # of the next request, come with the last one
            if self.alive and not connection.has_head():
                if not connection.is_overdue():
                    self._wait_for_head(conn)
                    return
                connection.give_up()
        super().enqueue_req(conn)  # a worker that stops answers what it has accepted: a thread waits for the head

    def handle(self, conn: TConn) -> object:
        """Answer one request, in a thread: whether the connection is kept."""
        connection = conn.sock
        if not isinstance(connection, BoundedSocket):
            return super().handle(conn)
        conn.data_ready = True
        if self._answered(conn) and not connection.given_up:
            connection.begin_request()
            return True
        # Else gunicorn waits in its main loop for the caller to close, and nobody is answered meanwhile.
        connection.finish()
        return False

    def _answered(self, conn: TConn) -> bool:
        """Whether the connection may be kept."""
        keep = super().handle(conn)
        try:
            conn.sock.flush()
        except OSError:
            return False  # the caller is gone
        return bool(keep)

    def _wait_for_head(self, conn: TConn) -> None:
        """As gunicorn does it for a connection that sent nothing, whether or not the worker was told to stop just now.

        gunicorn lets go of those at the front whose time is over.
        """
        conn.sock.setblocking(False)
        conn.timeout = conn.sock.head_until
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))
        insort(self.pending_conns, conn, key=attrgetter("timeout"))
