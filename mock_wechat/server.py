"""The HTTP server: a thread per connection, started and stopped in milliseconds."""

import selectors
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from .conversation import Conversation, Service
from .wire import Request, Response


class Server:
    """Listens from the moment it exists, answers from `start` to `stop`; both take milliseconds."""

    def __init__(self, answer: Callable[[Request], Response], clock: Callable[[], float], host: str, port: int) -> None:
        """Raises OSError if the address can't be had. Port 0 takes a free one."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, port), family=family, backlog=1024)
        self._wake, self._waker = socket.socketpair()
        self._lock = threading.Lock()
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._acceptor = threading.Thread(target=self._accept, name="mock-wechat", daemon=True)
        self._service = Service(answer, clock)

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def start(self) -> None:
        self._acceptor.start()

    def stop(self) -> None:
        """Stop listening, cut all connections, wait for their threads."""
        self._service.stopping.set()
        self._waker.send(b"x")
        if self._acceptor.ident is not None:
            self._acceptor.join()
        for end in (self._listener, self._wake, self._waker):
            end.close()
        with self._lock:
            connections = dict(self._connections)
        for connection, thread in connections.items():
            _cut(connection)
            thread.join()

    def _accept(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._wake, selectors.EVENT_READ)
            while not self._service.stopping.is_set():
                selector.select()
                if not self._service.stopping.is_set():
                    self._welcome()

    def _welcome(self) -> None:
        try:
            connection, address = self._listener.accept()
        except OSError:
            return  # the caller has gone again
        thread = threading.Thread(target=self._converse, args=(connection, address), daemon=True)
        with self._lock:
            self._connections[connection] = thread
        thread.start()

    def _converse(self, connection: socket.socket, address: Any) -> None:
        try:
            with suppress(OSError):  # the caller may hang up at any time
                Conversation(connection, address, self._service)  # type: ignore[arg-type]  # it wants no more than we have
        finally:
            with self._lock:
                del self._connections[connection]
            _cut(connection)
            connection.close()


def _cut(connection: socket.socket) -> None:
    with suppress(OSError):  # it may be cut already
        connection.shutdown(socket.SHUT_RDWR)
