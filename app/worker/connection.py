"""A connection that is patient with slow callers, and with nobody else."""

import errno
import select
import socket
import time
from collections.abc import Callable
from contextlib import nullcontext

from ..lane import aside

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
    caller, for good: gunicorn and the application know what to do then. Nor does it wait longer for a caller
    who takes nothing of an answer. `clock` gives seconds.
    """

    def __init__(self, connection: socket.socket, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(connection.family, connection.type, connection.proto, connection.detach())
        self._seconds = seconds
        self._clock = clock
        self._answer_head = b""
        self.given_up = False
        self.begin_request()

    def begin_request(self) -> None:
        """The next request may come, and take its time."""
        self._ahead = b""
        self._waited = 0.0
        self._received = 0
        self.head_until: float | None = None
        """when the head must be there; None before anybody looked for it"""

    def unread(self, data: bytes) -> None:
        """The next request began with these bytes, which were read with the last one."""
        self._ahead = data + self._ahead

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

    def asks_for(self, paths: tuple[bytes, ...]) -> bool:
        """Whether the head that is there asks for something that begins like one of these."""
        return self._ahead.partition(b" ")[2].startswith(paths)

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
                with aside() if self.gettimeout() else nullcontext():  # as long as that Python itself waits
                    data = super().recv(size, flags | socket.MSG_DONTWAIT)
            except BlockingIOError:
                if self.gettimeout() == 0:
                    raise
                self._wait()
            else:
                self._received += len(data)
                return data
        return b""

    def sendall(self, data: bytes, flags: int = 0) -> None:  # type: ignore[override] # gunicorn sends nothing else
        """As any socket's, but the head of an answer goes with what follows it, or with `flush`: in one packet, and one
        call that lets others have the interpreter. Raises BrokenPipeError if the caller takes nothing for `seconds`.
        """
        if data.startswith(b"HTTP/") and data.endswith(_HEAD_END):
            self._answer_head += data
        else:
            self._send(self._answer_head + data, flags)

    def send(self, data: bytes, flags: int = 0) -> int:  # type: ignore[override]
        """All of it, at once: gunicorn sends its "100 Continue" so."""
        self._send(self._answer_head + data, flags)
        return len(data)

    def flush(self) -> None:
        """Send the head of an answer that has no body."""
        if self._answer_head:
            self._send(self._answer_head)

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

    def _send(self, data: bytes, flags: int = 0) -> None:
        self._answer_head = b""
        sent = 0
        while sent < len(data):
            try:
                sent += super().send(data[sent:] if sent else data, flags | socket.MSG_DONTWAIT)
            except BlockingIOError:
                if self.gettimeout() == 0:
                    raise
                if not self._writable_within(self._seconds):
                    raise BrokenPipeError(errno.EPIPE, "the caller takes nothing") from None

    def _drain(self) -> None:
        until = self._clock() + _LINGER_SECONDS
        drained = 0
        while drained < _LINGER_BYTES:
            self.settimeout(max(0.001, until - self._clock()))
            data = self.recv(4096)
            if not data:
                return
            drained += len(data)

    def _wait(self) -> None:
        self.flush()
        with aside():
            began = self._clock()
            if not self._readable_within(self._seconds + self._received / _BYTES_A_SECOND - self._waited):
                self.give_up()
            self._waited += self._clock() - began

    def _readable_within(self, seconds: float) -> bool:
        return self._is_ready(select.POLLIN, seconds)

    def _writable_within(self, seconds: float) -> bool:
        with aside():
            return self._is_ready(select.POLLOUT, seconds)

    def _is_ready(self, event: int, seconds: float) -> bool:
        poll = select.poll()
        poll.register(self, event)
        return bool(poll.poll(max(0.0, seconds) * 1000))
