"""Which thread gets a connection, and when: gunicorn's main loop, step by step."""

import os
import selectors
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future

import pytest
from gunicorn.config import Config  # type: ignore[import-untyped] # it has no types
from gunicorn.workers.gthread import TConn  # type: ignore[import-untyped] # it has no types

from app.worker import BoundedWorker
from app.worker.connection import BoundedSocket
from tests.doubles import FakeClock

SECONDS = 10.0


class Threads:
    """Notes who would get a thread."""

    def __init__(self) -> None:
        self.given: list[TConn] = []

    def submit(self, _: Callable[[TConn], object], conn: TConn) -> Future[object]:
        self.given.append(conn)
        return Future()


class Worker(BoundedWorker):
    """Without processes, listeners and threads."""

    def __init__(self) -> None:
        super().__init__(1, os.getppid(), [], None, 30, Config(), None)
        self.alive = True
        self.poller = selectors.DefaultSelector()
        self.tpool = Threads()


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.poller.close()
    worker.tmp.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def call(worker: Worker, clock: FakeClock) -> Iterator[Callable[[bytes], tuple[TConn, socket.socket]]]:
    """Connects and sends so much."""
    sockets = []

    def begin(sent: bytes, kind: type[BoundedSocket] = BoundedSocket) -> tuple[TConn, socket.socket]:
        ours, theirs = socket.socketpair()
        sockets.extend([connection := kind(ours, SECONDS, clock), theirs])
        theirs.sendall(sent)
        conn = TConn(worker.cfg, connection, "", "")
        worker.enqueue_req(conn)
        return conn, theirs

    yield begin
    for one in sockets:
        one.close()


def turn(worker: Worker) -> None:
    """The main loop goes round once."""
    worker.wait_for_and_dispatch_events(0)


Call = Callable[..., tuple[TConn, socket.socket]]


def test_half_a_head_waits_and_a_whole_one_gets_a_thread(worker: Worker, call: Call) -> None:
    conn, theirs = call(b"GET / HT")
    assert not worker.tpool.given
    theirs.sendall(b"TP/1.1\r\n\r\n")
    turn(worker)
    assert worker.tpool.given == [conn]
    assert not worker.pending_conns


def test_whose_time_is_over_first_is_first_in_line_however_often_a_byte_came(
    worker: Worker, call: Call, clock: FakeClock
) -> None:
    first, theirs = call(b"G")
    clock.advance(4)
    second, _ = call(b"")
    clock.advance(4)
    theirs.sendall(b"E")
    turn(worker)
    assert list(worker.pending_conns) == [first, second]


def test_worker_that_is_told_to_stop_at_this_very_moment_lets_nobody_go(worker: Worker, call: Call) -> None:
    class Stops(BoundedSocket):
        def has_head(self) -> bool:
            worker.alive = alive_after
            return super().has_head()

    alive_after = False
    conn, theirs = call(b"GET / HT", Stops)
    assert list(worker.pending_conns) == [conn]
    theirs.sendall(b"TP")
    turn(worker)
    assert worker.tpool.given == [conn]


def test_half_a_request_that_came_with_the_last_one_gets_no_thread(worker: Worker, call: Call) -> None:
    conn, theirs = call(b"GET /1 HTTP/1.1\r\n\r\nGET /2 HT")
    conn.init()
    assert next(conn.parser).path == "/1"
    conn.sock.begin_request()
    worker.tpool.given.clear()
    worker.enqueue_req(conn)
    assert not worker.tpool.given
    theirs.sendall(b"TP/1.1\r\n\r\n")
    turn(worker)
    assert worker.tpool.given == [conn]
    conn.sock.setblocking(True)
    assert next(conn.parser).path == "/2"
