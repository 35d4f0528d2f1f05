"""A peer that sends exactly the given bytes and keeps the requests."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

import pytest

from app.accounts import Secret
from app.stores import MemoryStore
from app.wechat import Transport, WeChatClient
from tests.doubles import FakeClock, cooldowns

Pieces = list[bytes | None]


@dataclass
class Peer:
    """Raw TCP on loopback. `pieces` are sent one by one, `gap` seconds apart; None resets the connection."""

    pieces: Pieces = field(default_factory=list)
    gap: float = 0.0
    turns: list[Pieces] = field(default_factory=list)
    """what the first requests get; the others get `pieces`"""
    keeps: int = 1
    """requests answered on one connection; the next one is read, then the connection is closed"""
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    sent: int = 0
    ended: int = 0
    """connections that are over"""
    port: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answers(self, body: bytes, *, status: str = "200 OK", headers: str = "") -> None:
        """One well-formed answer."""
        self.pieces = answer(body, status=status, headers=headers)

    def serve(self, listener: socket.socket) -> None:
        while not self.over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._converse, args=[connection], daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        with connection, suppress(OSError):
            self._exchanges(connection)
        self.ended += 1

    def _exchanges(self, connection: socket.socket) -> None:
        for _ in range(self.keeps):
            if not self._exchange(connection):
                return
        if self.keeps > 1:
            self.requests.append(_request(connection))

    def _exchange(self, connection: socket.socket) -> bool:
        """Whether the connection may be used again."""
        request = _request(connection)
        if not request:
            return False
        self.requests.append(request)
        for piece in self.turns.pop(0) if self.turns else self.pieces:
            if piece is None:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                return False
            connection.sendall(piece)
            self.sent += len(piece)
            if self.gap and self.over.wait(self.gap):
                return False
        return True


def answer(body: bytes, *, status: str = "200 OK", headers: str = "") -> Pieces:
    """The pieces of one well-formed answer."""
    return [f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body]


def _request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        part = connection.recv(65536)
        if not part:
            return b""
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            while len(body) < int(line.split(b":")[1]) and (part := connection.recv(65536)):
                body += part
    return head + b"\r\n\r\n" + body


def client_over(transport: Transport, clock: FakeClock, secret: Secret | None = None) -> WeChatClient:
    """A client for one account, whose cooldowns are in memory."""
    secret = secret or Secret("mock-official-secret")
    of_account = cooldowns(MemoryStore(clock), clock, secret=secret)
    return WeChatClient("wx0000000000000001", secret, transport, of_account)


@contextmanager
def listening() -> Iterator[Peer]:
    """A peer on a port of its own."""
    peer = Peer()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        peer.port = listener.getsockname()[1]
        thread = threading.Thread(target=peer.serve, args=[listener], daemon=True)
        thread.start()
        yield peer
        peer.over.set()
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


@pytest.fixture
def peer() -> Iterator[Peer]:
    with listening() as peer:
        yield peer


@pytest.fixture
def another_peer() -> Iterator[Peer]:
    with listening() as peer:
        yield peer


@pytest.fixture
def unanswering() -> Iterator[int]:
    """A port that leaves connections hanging: the queue of its listener is full."""
    with ExitStack() as held, socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port: int = listener.getsockname()[1]
        for _ in range(4):
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            with suppress(BlockingIOError):
                waiting.connect(("127.0.0.1", port))
        yield port
