"""How long a caller may take to send a request. Time is an argument; the sockets are real."""

import errno
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from app.lane import Lane
from app.worker.connection import BoundedSocket
from tests.doubles import FakeClock

SECONDS = 10.0


class Patient(BoundedSocket):
    """Waits on a fake clock: the caller sends the next of `pieces` each time `every` seconds later."""

    def __init__(self, ours: socket.socket, theirs: socket.socket, clock: FakeClock) -> None:
        super().__init__(ours, SECONDS, clock)
        self.theirs = theirs
        self.clock = clock
        self.every = 0.0
        self.pieces: list[bytes] = []
        self.takes = 0
        """bytes of an answer, each time `every` seconds later"""

    def _readable_within(self, seconds: float) -> bool:
        if not self.pieces or self.every > seconds:
            self.clock.advance(seconds)
            return False
        self.clock.advance(self.every)
        self.theirs.sendall(self.pieces.pop(0))
        return True

    def _writable_within(self, seconds: float) -> bool:
        if not self.takes or self.every > seconds:
            self.clock.advance(max(0.0, seconds))
            return False
        self.clock.advance(self.every)
        return bool(self.theirs.recv(self.takes))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def connection(clock: FakeClock) -> Iterator[Patient]:
    ours, theirs = socket.socketpair()
    with Patient(ours, theirs, clock) as patient, theirs:
        yield patient


def all_of(connection: BoundedSocket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_what_is_there_is_read_at_once(connection: Patient, clock: FakeClock) -> None:
    before = clock()
    connection.theirs.sendall(b"GET")
    assert connection.recv(100) == b"GET"
    assert clock() == before


def test_half_a_request_reads_as_closed_when_its_time_is_over(connection: Patient, clock: FakeClock) -> None:
    before = clock()
    connection.theirs.sendall(b"GET /healthz HT")
    assert all_of(connection) == b"GET /healthz HT"
    assert clock() - before == pytest.approx(SECONDS, abs=0.1)


def test_a_byte_now_and_then_buys_no_time(connection: Patient, clock: FakeClock) -> None:
    before = clock()
    connection.pieces, connection.every = [b"x"] * 1000, 1.0
    assert 9 <= len(all_of(connection)) <= 11
    assert clock() - before <= SECONDS + 1


def test_upload_over_a_slow_line_arrives_whole(connection: Patient, clock: FakeClock) -> None:
    before = clock()
    connection.pieces, connection.every = [b"x" * 10_000] * 500, 4.0  # 2.5 kB/s
    connection.theirs.sendall(b"x")
    received = 0
    while received < 5_000_001:
        data = connection.recv(65_536)
        assert data
        received += len(data)
    assert clock() - before == 2000


def test_upload_that_pauses_for_long_is_given_up(connection: Patient) -> None:
    connection.pieces, connection.every = [b"x" * 1000] * 2, 11.0
    connection.theirs.sendall(b"x" * 1000)
    assert len(all_of(connection)) == 2000  # 2 s more for the first kilobyte: 12; 11 of these are gone then


def test_time_in_which_nobody_reads_does_not_count(connection: Patient, clock: FakeClock) -> None:
    clock.advance(3600)
    connection.pieces, connection.every = [b"x"], 9.0
    assert connection.recv(10) == b"x"


def test_next_request_has_its_own_time(connection: Patient) -> None:
    for _ in range(3):
        connection.begin_request()
        connection.pieces, connection.every = [b"x"], 9.0
        assert connection.recv(10) == b"x"


def test_given_up_is_given_up_though_the_rest_comes(connection: Patient) -> None:
    assert connection.recv(10) == b""
    connection.theirs.sendall(b"GET / HTTP/1.1\r\n")
    connection.begin_request()
    assert connection.recv(10) == b""


def test_sockets_own_timeout_is_kept(connection: Patient) -> None:
    connection.settimeout(0.001)
    with pytest.raises(TimeoutError):
        connection.recv(10)
    connection.settimeout(0)
    with pytest.raises(BlockingIOError):
        connection.recv(10)


def test_finished_connection_takes_what_still_comes_and_waits_no_more(connection: Patient) -> None:
    connection.theirs.sendall(b"the rest of a body that nobody wanted")
    connection.theirs.shutdown(socket.SHUT_WR)
    connection.finish()
    assert connection.theirs.recv(10) == b""
    assert connection.recv(10) == b""


def test_finishing_what_the_caller_left_is_no_error(connection: Patient) -> None:
    connection.close()
    connection.finish()


# -- the head of a request


def test_head_is_there_when_its_last_line_is(connection: Patient) -> None:
    assert not connection.has_head()
    connection.theirs.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
    assert not connection.has_head()
    connection.theirs.sendall(b"\r\nbody")
    assert connection.has_head()
    assert connection.recv(8192) == b"GET / HTTP/1.1\r\nHost: x\r\n\r\nbody"


def test_head_that_is_longer_than_gunicorn_reads_at_once_is_left_to_gunicorn(connection: Patient) -> None:
    connection.theirs.sendall(b"GET /" + b"x" * 20_000)
    assert connection.has_head()
    assert len(connection.recv(8192)) == 8192
    assert len(connection.recv(8192)) == 8192


@pytest.mark.parametrize("sent", [b"", b"GET / HT"])
def test_caller_who_hangs_up_is_looked_at(connection: Patient, sent: bytes) -> None:
    connection.theirs.sendall(sent)
    connection.theirs.close()
    assert connection.has_head()
    assert all_of(connection) == sent


def test_head_is_overdue_after_its_time_however_often_a_byte_came(connection: Patient, clock: FakeClock) -> None:
    for _ in range(9):
        assert not connection.has_head()
        connection.theirs.sendall(b"x")
        clock.advance(1)
    assert not connection.is_overdue()
    clock.advance(1)
    assert connection.is_overdue()


def test_time_between_requests_is_no_requests_time(connection: Patient, clock: FakeClock) -> None:
    connection.begin_request()
    clock.advance(60)
    assert not connection.has_head()
    assert not connection.is_overdue()


@pytest.mark.parametrize(
    ("head", "is_below"),
    [
        (b"POST /api/moderation/text HTTP/1.1\r\n\r\n", True),
        (b"GET /api/moderation/media/1?x HTTP/1.1\r\n\r\n", True),
        (b"GET /api/jssdk/signature?url=/api/moderation/ HTTP/1.1\r\n\r\n", False),
        (b"GET / HTTP/1.1\r\nReferer: /api/moderation/\r\n\r\n", False),
        (b"nonsense\r\n\r\n", False),
    ],
)
def test_path_is_known_from_the_head(connection: Patient, head: bytes, is_below: bool) -> None:
    connection.theirs.sendall(head)
    assert connection.has_head()
    assert connection.asks_for((b"/api/push/", b"/api/moderation/")) is is_below
    assert all_of(connection) == head  # nothing is lost by looking


def test_next_head_begins_with_what_came_with_the_last_request(connection: Patient) -> None:
    connection.unread(b"GET / HT")
    assert not connection.has_head()
    connection.theirs.sendall(b"TP/1.1\r\n\r\n")
    assert connection.has_head()
    assert all_of(connection) == b"GET / HTTP/1.1\r\n\r\n"


# -- the answer


def test_head_of_an_answer_goes_with_what_follows_it(connection: Patient) -> None:
    head, body = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", b"body"
    connection.sendall(head)
    connection.theirs.setblocking(False)
    with pytest.raises(BlockingIOError):
        connection.theirs.recv(100)
    connection.sendall(body)
    assert connection.theirs.recv(100) == head + body
    connection.sendall(body)
    assert connection.theirs.recv(100) == body


THEN: list[Callable[[BoundedSocket], object]] = [
    lambda connection: connection.flush(),
    lambda connection: connection.recv(1),
    lambda connection: connection.send(b""),
]


@pytest.mark.parametrize("then", THEN, ids=["flush", "recv", "send"])
def test_head_of_an_answer_is_not_kept_when_nothing_follows(
    connection: Patient, then: Callable[[BoundedSocket], object]
) -> None:
    head = b"HTTP/1.1 304 Not Modified\r\n\r\n"
    connection.sendall(head)
    then(connection)
    connection.flush()
    connection.theirs.setblocking(False)
    assert connection.theirs.recv(100) == head


def test_answer_that_the_caller_takes_slowly_arrives_whole(connection: Patient, clock: FakeClock) -> None:
    before = clock()
    connection.takes, connection.every = 65_536, 9.0
    answer = b"x" * 3_000_000
    connection.sendall(answer)
    assert clock() - before > SECONDS
    connection.close()
    connection.theirs.settimeout(5)
    assert set(iter(lambda: connection.theirs.recv(65_536)[:1], b"")) == {b"x"}


@pytest.mark.parametrize("send", [BoundedSocket.sendall, BoundedSocket.send])
def test_answer_that_nobody_takes_is_given_up_when_its_time_is_over(
    connection: Patient, clock: FakeClock, send: Callable[[BoundedSocket, bytes], object]
) -> None:
    before = clock()
    with pytest.raises(BrokenPipeError) as caught:
        send(connection, b"x" * 5_000_000)
    assert caught.value.errno == errno.EPIPE  # of which gunicorn makes no fuss
    assert clock() - before == SECONDS


def test_answer_goes_as_far_as_it_goes_without_waiting(connection: Patient) -> None:
    connection.settimeout(0)
    with pytest.raises(BlockingIOError):
        connection.sendall(b"x" * 5_000_000)


# -- in a lane


def reads_with_a_timeout(connection: BoundedSocket) -> None:
    connection.settimeout(30)
    assert connection.recv(10) == b""


def sends_much(connection: BoundedSocket) -> None:
    connection.settimeout(None)
    with pytest.raises(OSError, match=r"pipe|reset"):
        connection.sendall(b"x" * 5_000_000)


@pytest.mark.parametrize("waits", [reads_with_a_timeout, BoundedSocket.finish, BoundedSocket.recv, sends_much])
def test_who_waits_for_a_caller_lets_others_go_on(
    waits: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.worker.connection._LINGER_SECONDS", 600.0)
    ours, theirs = socket.socketpair()
    others, waiting = Lane(2, patience_seconds=600), threading.Event()

    def wait(connection: BoundedSocket) -> None:
        waiting.set()
        waits(connection, 10) if waits is BoundedSocket.recv else waits(connection)

    with BoundedSocket(ours, 60) as connection, theirs:
        waiter = others.submit(wait, connection)
        assert waiting.wait(30)
        try:
            assert others.submit(str, 7).result(30) == "7"
            assert not waiter.done()
        finally:
            theirs.close()
        waiter.result(30)
    others.shutdown(wait=True)
