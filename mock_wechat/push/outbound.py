"""HTTP calls made by the mock: to allowed addresses only, each within a deadline."""

import socket
import ssl
import string
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address, ip_network
from typing import Literal
from urllib.parse import quote, urljoin, urlsplit

from ..wire import cut, is_loopback, plain_ip

Problem = Literal["forbidden", "timeout", "unreachable"]
REDIRECTS = (301, 302, 303, 307, 308)


class CallFailed(Exception):
    """No whole answer arrived; `problem` is the reason."""

    def __init__(self, problem: Problem, detail: str) -> None:
        super().__init__(detail)
        self.problem = problem


@dataclass(frozen=True)
class Answer:
    """An answer; `location` is the target of a redirect, else None."""

    status: int
    body: bytes
    location: str | None


@dataclass(frozen=True)
class Target:
    """A URL that may be called: `path` with its query, percent-encoded; `addresses` are all those of its host."""

    secure: bool
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]

    def connect(self, seconds: float) -> socket.socket:
        """Connect to the first address that answers; the name is not resolved again. Raises OSError."""
        problem: OSError = ConnectionError("no address")
        for address in self.addresses:
            try:
                connection = socket.create_connection((address, self.port), timeout=seconds)
                if self.secure:  # a failed handshake closes the connection
                    connection = ssl.create_default_context().wrap_socket(connection, server_hostname=self.host)
            except OSError as refused:
                problem = refused
            else:
                return connection
        raise problem


class Outbound:
    """Calls loopback, and `networks` (addresses or CIDR). Raises ValueError for an invalid network."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        self._networks = [ip_network(network) for network in networks]
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._stopped = False

    def resume(self) -> None:
        """Allow calls again after `stop`."""
        self._stopped = False

    def stop(self) -> None:
        """Cut running calls of other threads; until `resume` every call fails."""
        with self._lock:
            self._stopped = True
            for connection in self._connections:
                cut(connection)

    def download(self, url: str, seconds: float, max_bytes: int, redirects: int = 3) -> Answer:
        """GET, following redirects to allowed addresses; `seconds` is for each hop. Raises CallFailed."""
        answer = self.call("GET", url, seconds, max_bytes)
        if answer.location is None:
            return answer
        if not redirects:
            raise CallFailed("unreachable", "too many redirects")
        return self.download(urljoin(url, answer.location), seconds, max_bytes, redirects - 1)

    def call(
        self, method: str, url: str, seconds: float, max_bytes: int, body: bytes = b"", headers: Mapping[str, str] = {}
    ) -> Answer:
        """One request; an answer longer than `max_bytes` is a failure. Raises CallFailed."""
        late = threading.Event()
        try:
            target = self.target(url)
            with self._connection(target, seconds, late) as connection:
                answer = _exchange(target, connection, method, body, headers, max_bytes)
            if late.is_set():
                raise TimeoutError  # a cut connection looks like the end of an answer without Content-Length
        except (OSError, HTTPException, ValueError) as problem:
            if late.is_set() or isinstance(problem, TimeoutError):
                raise CallFailed("timeout", f"no whole answer within {seconds:g} s") from None
            raise CallFailed("unreachable", str(problem) or type(problem).__name__) from None
        return answer

    def target(self, url: str) -> Target:
        """Resolve a URL. Raises CallFailed if any address is forbidden, OSError or ValueError for a bad URL."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("not an http or https URL")
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        addresses = _resolve(parts.hostname, port)
        for address in addresses:
            plain = ip_address(plain_ip(address.partition("%")[0]))
            if not is_loopback(address) and not any(plain in network for network in self._networks):
                raise CallFailed("forbidden", f"{parts.hostname} is at {address}: neither loopback nor allowed")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Target(secure, parts.hostname, port, quote(path, safe=string.punctuation), addresses)

    @contextmanager
    def _connection(self, target: Target, seconds: float, late: threading.Event) -> Iterator[socket.socket]:
        """A connection that is cut at its deadline, even while bytes arrive."""

        def give_up() -> None:
            late.set()
            cut(connection)

        connection = target.connect(seconds)
        timer = threading.Timer(seconds, give_up)
        timer.start()
        try:
            with self._lock:
                if self._stopped:
                    raise ConnectionError("the mock is stopping")
                self._connections.add(connection)
            yield connection
        finally:
            timer.cancel()
            timer.join()
            with self._lock:
                self._connections.discard(connection)
            connection.close()


def _exchange(
    target: Target, connection: socket.socket, method: str, body: bytes, headers: Mapping[str, str], max_bytes: int
) -> Answer:
    http = (HTTPSConnection if target.secure else HTTPConnection)(target.host, target.port)
    http.sock = connection
    http.request(method, target.path, body or None, dict(headers))
    with http.getresponse() as response:
        content = response.read(max_bytes + 1)
        if len(content) > max_bytes:
            raise ValueError(f"the answer has more than {max_bytes} bytes")
        if response.length:
            raise ConnectionError("the answer was cut off")
        location = response.getheader("Location") if response.status in REDIRECTS else None
        return Answer(response.status, content, location)


def _resolve(host: str, port: int) -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise ValueError(f"{host!r} is not a host name") from None
    return tuple(str(address[0]) for *_, address in found)
