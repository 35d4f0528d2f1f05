"""Requests and responses of the mock, for the HTTP server and the in-process mock alike."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import ip_address
from urllib.parse import parse_qsl

CLIENT_IP_HEADER = "x-mock-client-ip"
"""Lets a test use several egress addresses; ignored unless it comes from loopback."""


@dataclass(frozen=True)
class Request:
    """One call. `query` has the first value of each name, `headers` lower-case names."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    client_ip: str

    @classmethod
    def parse(cls, method: str, target: str, headers: Mapping[str, str], body: bytes, peer: str) -> "Request":
        """Read a request target (`/path?query`) as `peer` (an IP address) sent it."""
        path, _, query = target.partition("?")
        first: dict[str, str] = {}
        for name, value in parse_qsl(query, keep_blank_values=True, errors="replace"):
            first.setdefault(name, value)
        return cls(method, path, first, headers, body, _client_ip(headers, peer))

    @cached_property
    def json(self) -> object:
        """The body as JSON, or None where it is not JSON."""
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
    """How a response is delivered; the defaults are undisturbed.

    With `deaf_afterwards` it arrives whole, but the next call on its connection is cut off unprocessed.
    """

    delay_seconds: float = 0.0
    drip_seconds: float = 0.0
    drip_headers: bool = False
    truncate: bool = False
    drop: bool = False
    deaf_afterwards: bool = False


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
    """JSON as WeChat writes it: no spaces, no newline, raw UTF-8 (WECHAT.md 0.4)."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))


def path_matches(path: str, pattern: str) -> bool:
    """Does `path` equal the pattern, or start with it where it ends in `*`?"""
    return path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern


def is_loopback(host: str) -> bool:
    """Is this host name or address (IPv6 with or without brackets, no port) on this machine?"""
    name = host.strip("[]").lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(plain_ip(name)).is_loopback
    except ValueError:
        return False


def plain_ip(address: str) -> str:
    """An IPv4 address that came through an IPv6 socket, as IPv4."""
    return address.removeprefix("::ffff:") if "." in address else address


def _client_ip(headers: Mapping[str, str], peer: str) -> str:
    claimed = headers.get(CLIENT_IP_HEADER)
    return claimed if claimed and is_loopback(peer) else plain_ip(peer)
