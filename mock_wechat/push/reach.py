"""Where the mock's own calls may go: loopback, and the networks that somebody allowed."""

import socket
import ssl
import string
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from urllib.parse import quote, urlsplit

from ..wire import is_loopback, plain_ip


class Forbidden(Exception):
    """An address that the mock may not call."""


@dataclass(frozen=True)
class Target:
    """A URL that can be called: `path` with its query, percent-encoded; `addresses` are all that its host has."""

    secure: bool
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]

    def connect(self, seconds: float) -> socket.socket:
        """A line to the first address that answers: the name is not looked up again. Raises OSError."""
        problem: OSError = ConnectionError("no address")
        for address in self.addresses:
            try:
                line = socket.create_connection((address, self.port), timeout=seconds)
            except OSError as refused:
                problem = refused
            else:
                return _secured(line, self.host) if self.secure else line
        raise problem


class Reach:
    """Loopback, and `networks` (addresses or CIDR). Raises ValueError for what is none."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        self._networks = [ip_network(network) for network in networks]

    def target(self, url: str) -> Target:
        """Resolves the URL's host. Raises Forbidden for one wrong address, OSError or ValueError for no good URL."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("is no http or https URL")
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        addresses = _resolved(parts.hostname, port)
        for address in addresses:
            if not self._allows(address):
                raise Forbidden(f"{parts.hostname} is at {address}: neither loopback nor allowed")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Target(secure, parts.hostname, port, quote(path, safe=string.punctuation), addresses)

    def _allows(self, address: str) -> bool:
        if is_loopback(address):
            return True
        plain = ip_address(plain_ip(address.partition("%")[0]))
        return any(plain in network for network in self._networks)


def _secured(line: socket.socket, host: str) -> socket.socket:
    try:
        return ssl.create_default_context().wrap_socket(line, server_hostname=host)
    except OSError:
        line.close()
        raise


def _resolved(host: str, port: int) -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise ValueError(f"{host!r} is no host name") from None
    return tuple(str(address[0]) for *_, address in found)
