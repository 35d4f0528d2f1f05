"""Requests and responses of the mock, for the HTTP server and the in-process mock alike."""

import json
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cached_property
from ipaddress import ip_address
from urllib.parse import parse_qsl

CLIENT_IP_HEADER = "x-mock-client-ip"
"""Lets a test use several egress addresses; ignored unless sent from loopback."""


@dataclass(frozen=True)
class Request:
    """One call. `query` has the first value of each name; header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    client_ip: str

    @classmethod
    def parse(cls, method: str, target: str, headers: Mapping[str, str], body: bytes, peer: str) -> "Request":
        """Parse a request target (`/path?query`) sent by `peer` (an IP address)."""
        path, _, query = target.partition("?")
        first: dict[str, str] = {}
        for name, value in parse_qsl(query, keep_blank_values=True, errors="replace"):
            first.setdefault(name, value)
        claimed = headers.get(CLIENT_IP_HEADER)
        client_ip = claimed if claimed and is_loopback(peer) else plain_ip(peer)
        return cls(method, path, first, headers, body, client_ip)

    @cached_property
    def json(self) -> object:
        """The body as JSON, or None if it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def json_object(self) -> dict[str, object]:
        """The body as a JSON object, or an empty one, as WeChat seems to read a body in the wrong format."""
        return self.json if isinstance(self.json, dict) else {}


@dataclass(frozen=True)
class Delivery:
    """How a response is delivered; by default without a fault.

    With `drop_next` it arrives whole, but the next call on its connection is dropped unprocessed.
    """

    delay_seconds: float = 0.0
    drip_seconds: float = 0.0
    drip_headers: bool = False
    truncate: bool = False
    drop: bool = False
    drop_next: bool = False


UNDISTURBED = Delivery()


@dataclass(frozen=True)
class Response:
    """One answer. The server adds Connection, Date and Content-Length."""

    body: bytes
    content_type: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delivery: Delivery = UNDISTURBED


def compact(payload: object) -> str:
    """JSON as WeChat writes it: no spaces, no newline, raw UTF-8 (WECHAT.md 0.4). Dataclasses become objects."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"), default=asdict)


def path_matches(path: str, pattern: str) -> bool:
    """Whether `path` equals the pattern, or starts with it where it ends in `*`."""
    return path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern


def is_loopback(host: str) -> bool:
    """Whether this host name or address (IPv6 with or without brackets, no port) is on this machine."""
    name = host.strip("[]").lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(plain_ip(name)).is_loopback
    except ValueError:
        return False


def http_base(host: str, port: int) -> str:
    """An http URL without a slash at the end."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def plain_ip(address: str) -> str:
    """The IPv4 form of an IPv4 address that was accepted on an IPv6 socket."""
    return address.removeprefix("::ffff:") if "." in address else address


def cut(connection: socket.socket) -> None:
    """Shut a connection down in both directions; it may be closed already."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
