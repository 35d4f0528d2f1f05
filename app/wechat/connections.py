"""Connections to WeChat's hosts, kept for a few seconds, independent of the process's environment."""

import ssl
import threading
import weakref
from collections import deque
from collections.abc import Callable
from functools import cached_property
from http.client import HTTPException
from typing import Any
from urllib.parse import unquote

import certifi
from urllib3 import ProxyManager, make_headers
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.util import create_urllib3_context, parse_url

from .exchange import IDLE_SECONDS, NoAnswer, no_answer

FAILURES = (HTTPError, HTTPException, OSError)
"""what a connection may raise"""
_PORTS = {"http": 80, "https": 443}

Kept = dict[str, deque[tuple[HTTPConnection, float]]]
"""by host; since when"""


class Connections:
    """Makes and keeps connections, directly or through a `proxy`. Safe to share.

    urllib3's own pool rewrites percent signs of a target, keeps idle connections for ever, and its errors don't tell
    whether anything was sent.
    """

    def __init__(self, connect_timeout_seconds: float, proxy: str | None, clock: Callable[[], float]) -> None:
        self._connect_timeout = connect_timeout_seconds
        self._proxy_url = proxy
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: Kept = {}
        weakref.finalize(self, _close, self._kept)

    def take(self, host: str, *, new: bool = False) -> HTTPConnection:
        """A connection for one exchange with `host` (scheme, name, port). Raises NoAnswer, not `connected`."""
        kept = None if new else self._take_kept(host)
        if kept:
            return kept
        connection = self._made(host)
        try:
            connection.connect()
        except FAILURES as error:
            failure = NoAnswer(no_answer(error).reason, connected=False)
        else:
            return connection
        connection.close()
        raise failure

    def give_back(self, host: str, connection: HTTPConnection) -> None:
        """Keep the connection after a complete exchange."""
        with self._lock:
            kept = self._kept.setdefault(host, deque())
            kept.append((connection, self._clock()))
            while self._is_old(kept[0][1]):
                kept.popleft()[0].close()

    def _take_kept(self, host: str) -> HTTPConnection | None:
        """The connection used last, unless `host` has closed it or is about to."""
        with self._lock:
            kept = self._kept.get(host)
            while kept:
                connection, since = kept.pop()
                if connection.is_connected and not self._is_old(since):
                    return connection
                connection.close()
        return None

    def _is_old(self, since: float) -> bool:
        return self._clock() - since >= IDLE_SECONDS

    def _made(self, host: str) -> HTTPConnection:
        url, proxy = parse_url(host), self._proxy
        peer = proxy.proxy if proxy and proxy.proxy else url
        options: dict[str, Any] = {"timeout": self._connect_timeout}
        if proxy:
            options |= {"proxy": proxy.proxy, "proxy_config": proxy.proxy_config}
        name, port = str(peer.host), peer.port or _PORTS[str(peer.scheme)]
        if "https" not in (url.scheme, peer.scheme):
            return HTTPConnection(name, port, **options)
        connection = HTTPSConnection(name, port, ssl_context=self._tls, **options)
        if proxy and url.scheme == "https":
            connection.set_tunnel(str(url.host), url.port or 443, self.proxy_headers, scheme=str(peer.scheme))
        return connection

    @cached_property
    def _proxy(self) -> ProxyManager | None:
        """How urllib3 reads a proxy's URL; makes no connections here."""
        if self._proxy_url is None:
            return None
        return ProxyManager(self._proxy_url, proxy_ssl_context=self._tls)

    @cached_property
    def proxy_headers(self) -> dict[str, str]:
        """The headers for the proxy: user and password of its URL."""
        auth = parse_url(self._proxy_url).auth if self._proxy_url else None
        return dict(make_headers(proxy_basic_auth=unquote(auth))) if auth else {}

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """One for all connections: reading the CA file takes longer than a call."""
        context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
        context.load_verify_locations(certifi.where())
        return context


def _close(kept: Kept) -> None:
    for connections in kept.values():
        for connection, _ in connections:
            connection.close()
