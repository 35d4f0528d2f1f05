"""The HTTP calls that the mock makes itself: to where it may go, each of them whole within a deadline."""

import socket
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Literal
from urllib.parse import urljoin

from .reach import Forbidden, Reach, Target

Problem = Literal["forbidden", "timeout", "unreachable"]

REDIRECTS = (301, 302, 303, 307, 308)


class CallFailed(Exception):
    """No whole answer came; `problem` says in a word why."""

    def __init__(self, problem: Problem, detail: str) -> None:
        super().__init__(detail)
        self.problem = problem


@dataclass(frozen=True)
class Answer:
    """What came back; `location` is where a redirect points, else None."""

    status: int
    body: bytes
    location: str | None


class Outbound:
    """Calls loopback, and `networks` (addresses or CIDR). Raises ValueError for what is none."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        self._reach = Reach(networks)
        self._lock = threading.Lock()
        self._lines: set[socket.socket] = set()
        self._stopped = False

    def resume(self) -> None:
        """Calls may be made again."""
        self._stopped = False

    def stop(self) -> None:
        """Cut what is going on in other threads; until `resume` every call fails."""
        with self._lock:
            self._stopped = True
            for line in self._lines:
                _cut(line)

    def download(self, url: str, seconds: float, most_bytes: int, hops: int = 3) -> Answer:
        """GET, following redirects, each to where the mock may go. Raises CallFailed."""
        answer = self.call("GET", url, seconds, most_bytes)
        if answer.location is None:
            return answer
        if not hops:
            raise CallFailed("unreachable", "redirected too often")
        return self.download(urljoin(url, answer.location), seconds, most_bytes, hops - 1)

    def call(
        self,
        method: str,
        url: str,
        seconds: float,
        most_bytes: int,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request; an answer longer than `most_bytes` is a failure. Raises CallFailed."""
        late = threading.Event()
        try:
            target = self._reach.target(url)
            with self._line(target, seconds, late) as line:
                answer = _exchange(target, line, method, body, headers or {}, most_bytes)
            if late.is_set():
                raise TimeoutError  # the cut looks like the end of an answer that does not tell its length
        except Forbidden as forbidden:
            raise CallFailed("forbidden", str(forbidden)) from None
        except (OSError, HTTPException, ValueError) as problem:
            if late.is_set() or isinstance(problem, TimeoutError):
                raise CallFailed("timeout", f"no whole answer within {seconds:g} s") from None
            raise CallFailed("unreachable", str(problem) or type(problem).__name__) from None
        return answer

    @contextmanager
    def _line(self, target: Target, seconds: float, late: threading.Event) -> Iterator[socket.socket]:
        """A connection that is cut when its time is up, whatever still drips in."""

        def give_up() -> None:
            late.set()
            _cut(line)

        line = target.connect(seconds)
        timer = threading.Timer(seconds, give_up)
        try:
            self._keep(line)
            timer.start()
            yield line
        finally:
            timer.cancel()
            if timer.ident is not None:
                timer.join()
            with self._lock:
                self._lines.discard(line)
            line.close()

    def _keep(self, line: socket.socket) -> None:
        with self._lock:
            if self._stopped:
                raise ConnectionError("the mock is stopping")
            self._lines.add(line)


def _exchange(
    target: Target, line: socket.socket, method: str, body: bytes | None, headers: Mapping[str, str], most_bytes: int
) -> Answer:
    kind = HTTPSConnection if target.secure else HTTPConnection
    connection = kind(target.host, target.port)
    connection.sock = line
    connection.request(method, target.path, body, dict(headers))
    with connection.getresponse() as response:
        content = response.read(most_bytes + 1)
        if len(content) > most_bytes:
            raise ValueError(f"the answer has more than {most_bytes} bytes")
        if response.length:
            raise ConnectionError("the answer was cut off")
        location = response.getheader("Location") if response.status in REDIRECTS else None
        return Answer(response.status, content, location)


def _cut(line: socket.socket) -> None:
    with suppress(OSError):  # it may be cut already
        line.shutdown(socket.SHUT_RDWR)
