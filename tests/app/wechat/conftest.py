"""A peer that sends exactly the bytes it is told, and keeps what it received."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest


@dataclass
class Peer:
    """Raw TCP on loopback. `pieces` are sent one by one, `gap` seconds apart; None resets the connection."""

    pieces: list[bytes | None] = field(default_factory=list)
    gap: float = 0.0
    requests: list[bytes] = field(default_factory=list)
    sent: int = 0
    port: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answers(self, body: bytes, *, status: str = "200 OK", headers: str = "") -> None:
        """One well-formed answer."""
        self.pieces = [f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body]

    def serve(self, listener: socket.socket) -> None:
        while not self.over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                self._exchange(connection)

    def _exchange(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        self.requests.append(_request(connection))
        for piece in self.pieces:
            if piece is None:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                return
            try:
                connection.sendall(piece)
            except OSError:
                return
            self.sent += len(piece)
            if self.gap and self.over.wait(self.gap):
                return


def _request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            while len(body) < int(line.split(b":")[1]):
                body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@pytest.fixture
def peer() -> Iterator[Peer]:
    peer = Peer()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        peer.port = listener.getsockname()[1]
        thread = threading.Thread(target=peer.serve, args=[listener], daemon=True)
        thread.start()
        yield peer
        peer.over.set()
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)
