"""Connections that keep the deadline, from looking up the name to the last byte of the answer.

A timeout of a socket counts for each address and each read, so neither a name with many dead addresses nor a peer that
sends a byte a second is ever late. Here each step gets what is left until the deadline, and no more than its timeout.
"""

import io
import socket
from http.client import HTTPResponse, RemoteDisconnected
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.response import HTTPResponse as AnswerOfUrllib3
from urllib3.util.connection import create_connection

from .addresses import addresses_of
from .deadline import deadline, seconds_left

_LEAST_SHARE = 1 / 4
"""of the time to connect, for each address of a name: a slow network needs it, whatever the number of addresses"""


# The kernel finds out within 25 s that nobody is there any more (a NAT forgets without a word); then it is not reused.
_KEEP_ALIVE = [
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *(
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3))
        if hasattr(socket, name)
    ),
]


class StaleConnection(ConnectionError):
    """The peer had given up a connection that was kept for further calls: not a byte came back."""


class BoundedAdapter(HTTPAdapter):
    """An adapter for `requests` whose connections keep the deadline."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As the base class does it, with our connections."""
        options = [*HTTPConnection.default_socket_options, *_KEEP_ALIVE]
        super().init_poolmanager(*args, **kwargs, socket_options=options)
        _use_our_connections(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """As the base class does it, with our connections."""
        manager = super().proxy_manager_for(*args, **kwargs, socket_options=_KEEP_ALIVE)
        _use_our_connections(manager)
        return manager


class _Socket(io.RawIOBase):
    """What an answer is read from."""

    def __init__(self, sock: socket.socket, raw: io.RawIOBase) -> None:
        self._sock = sock
        self._raw = raw
        self._read_timeout = sock.gettimeout()
        self._begun = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = seconds_left()
        if left <= 0:
            raise TimeoutError("deadline")
        self._sock.settimeout(left if self._read_timeout is None else min(left, self._read_timeout))
        try:
            size = self._raw.readinto(buffer)
        except ConnectionError as error:
            if self._begun:
                raise
            raise RemoteDisconnected("reset before the answer") from error
        self._begun = True
        return size

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_Socket(sock, self.fp.detach()))


class _Connection(HTTPConnection):
    """Raises NewConnectionError for whatever goes wrong before there is a connection, TLS included."""

    response_class = _Response
    _kept = False
    """whether an answer has come over it before"""

    def connect(self) -> None:
        self._kept = False
        timeout = self.timeout
        try:
            with deadline(float("inf") if timeout is None else timeout):
                super().connect()
        except (OSError, HTTPError) as error:
            raise NewConnectionError(self, type(error).__name__) from error
        self.sock.settimeout(timeout)

    def send(self, data: Any) -> None:
        try:
            super().send(data)
        except TimeoutError:
            raise
        except OSError as error:
            if self._kept:
                raise StaleConnection from error
            raise

    def getresponse(self) -> AnswerOfUrllib3:  # type: ignore[override] # as urllib3 has it
        try:
            response = super().getresponse()
        except RemoteDisconnected as error:
            if self._kept:
                raise StaleConnection from error
            raise
        self._kept = True
        return response

    def _new_conn(self) -> socket.socket:
        found = addresses_of(self._dns_host, int(self.port or self.default_port))
        least = seconds_left() * _LEAST_SHARE
        failure: OSError = TimeoutError("deadline")
        for position, address in enumerate(found):
            left = seconds_left()
            if left <= 0:
                break
            share = min(left, max(least, left / (len(found) - position)))
            try:
                sock = create_connection((address, self.port), share, self.source_address, self.socket_options)
            except OSError as error:
                failure = error
            else:
                sock.settimeout(max(seconds_left(), 0.001))  # for the handshake of TLS, as a whole
                return sock
        raise failure


class _SecureConnection(_Connection, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def _use_our_connections(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
