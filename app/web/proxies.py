"""The caller's address behind proxies: no forwarded header counts unless its sender is trusted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # exists for type checkers only
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Networks = Sequence[IPv4Network | IPv6Network]

_FORWARDED = (
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PREFIX",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
)


def client_address(remote_addr: str, x_forwarded_for: str, trusted: Networks) -> str:
    """The address of the caller: from the connection's end leftwards, the first one that is no trusted proxy.

    Each proxy appends its sender's address; what an untrusted sender wrote may be invented.
    """
    address = remote_addr
    for heard in reversed(x_forwarded_for.split(",")):
        before = _address(heard)
        if before is None or not _is_trusted(address, trusted):
            break
        address = str(before)
    return address


def _is_trusted(address: str, trusted: Networks) -> bool:
    parsed = _address(address) if trusted else None
    return parsed is not None and any(parsed in network for network in trusted)


@lru_cache(maxsize=1024)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Reads `1.2.3.4`, `1.2.3.4:80`, `::1` and `[::1]:80`; an IPv4-mapped IPv6 address counts as IPv4."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


class ProxyAware:
    """Wraps a WSGI application: REMOTE_ADDR becomes the caller's, and no untrusted forwarded header reaches it."""

    def __init__(self, application: WSGIApplication, trusted: Networks) -> None:
        self._application = application
        self._trusted = trusted

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        remote_addr = environ.get("REMOTE_ADDR", "")
        if self._trusted and _is_trusted(remote_addr, self._trusted):
            environ["REMOTE_ADDR"] = client_address(remote_addr, environ.get("HTTP_X_FORWARDED_FOR", ""), self._trusted)
        else:
            for name in _FORWARDED:
                environ.pop(name, None)
        return self._application(environ, start_response)
