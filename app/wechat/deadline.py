"""A bound on a whole HTTP answer.

A read timeout counts for each read, so a peer that sends a byte a second is never late. Here every read gets what is
left until the deadline, headers included, and no more than its own timeout.
"""

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http.client import HTTPResponse
from socket import socket
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

_ends_at: ContextVar[float] = ContextVar("_ends_at", default=float("inf"))


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Within this block, whatever is received has arrived within `seconds`, or a read raises TimeoutError."""
    token = _ends_at.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends_at.reset(token)


def seconds_left() -> float:
    """Until the deadline of the block that we are in."""
    return _ends_at.get() - time.monotonic()


class DeadlineAdapter(HTTPAdapter):
    """An adapter for `requests` whose connections keep the deadline."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As the base class does it, with our connections."""
        super().init_poolmanager(*args, **kwargs)
        _use_our_connections(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """As the base class does it, with our connections."""
        manager = super().proxy_manager_for(*args, **kwargs)
        _use_our_connections(manager)
        return manager


class _Socket(io.RawIOBase):
    def __init__(self, sock: socket, raw: io.RawIOBase) -> None:
        self._sock = sock
        self._raw = raw
        self._read_timeout = sock.gettimeout()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = seconds_left()
        if left <= 0:
            raise TimeoutError("deadline")
        self._sock.settimeout(left if self._read_timeout is None else min(left, self._read_timeout))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, sock: socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_Socket(sock, self.fp.detach()))


class _Connection(HTTPConnection):
    response_class = _Response


class _SecureConnection(HTTPSConnection):
    response_class = _Response


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def _use_our_connections(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
