"""One HTTP exchange whose answer is read part by part: for calls that are passed on, whatever their size."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import IO
from urllib.parse import quote

from urllib3 import HTTPResponse
from urllib3.connection import HTTPConnection

from .connections import FAILURES, Connections
from .exchange import NoAnswer, no_answer
from .hosts import Hosts

_BLOCK_BYTES = 64 * 1024
_NOT_IN_A_TARGET = re.compile(r"[^\x21-\x7e]")


class Opened:
    """An answer whose body has not been read. Close it."""

    def __init__(self, response: HTTPResponse, ends_at: float, let_go: Callable[[bool], None]) -> None:
        self._response = response
        self._ends_at = ends_at
        self._let_go: Callable[[bool], None] | None = let_go
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers
        self.ended = False
        """whether the body has been read to its end"""

    def read(self, size: int) -> bytes:
        """At most `size` bytes as WeChat sent them, as soon as there are some; empty at the end. Raises NoAnswer."""
        try:
            if time.monotonic() >= self._ends_at:
                raise TimeoutError
            part = self._response.read1(size, decode_content=False)
        except FAILURES as error:
            failure = no_answer(error)
        else:
            self.ended = not part or self._response.isclosed()
            return part
        raise failure  # outside of `except`: a chained exception could keep the URL, and with it the token

    def close(self) -> None:
        """Keep the connection for later calls if the body was read to its end, else close it."""
        let_go, self._let_go = self._let_go, None
        if let_go:
            self._response.close()
            let_go(self.ended)


class Opener:
    """Sends requests to the first of `hosts` that can be reached; nothing is sent twice. Safe to share.

    Connecting takes `connect_timeout_seconds` at most for each address of a name, each wait for WeChat
    `read_timeout_seconds`, all of an exchange about `longest_seconds`. Redirects are not followed.
    """

    def __init__(
        self,
        hosts: Hosts,
        *,
        connect_timeout_seconds: float = 3,
        read_timeout_seconds: float = 30,
        longest_seconds: float = 300,
        proxy: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hosts = hosts
        self._connections = Connections(connect_timeout_seconds, proxy, clock)
        self._read_timeout = read_timeout_seconds
        self._longest = longest_seconds

    def open(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: IO[bytes] | None = None,
        length: int = 0,
        *,
        once: bool = False,
    ) -> Opened:
        """The answer to one request; `target` is its path with its query, `body` a seekable file of `length` bytes.

        `once`: on a new connection. Raises NoAnswer; if that is not `connected`, WeChat has seen nothing.
        """
        failure = NoAnswer("no host", connected=False)
        if body:
            headers = {**headers, "Content-Length": str(length)}
        for host in self._hosts.in_order():
            try:
                connection = self._connections.take(host, new=once)
            except NoAnswer as error:
                failure = error
                self._hosts.unreachable(host)
                continue
            self._hosts.reached(host)
            if connection.proxy_is_forwarding:
                target, headers = host + target, {**headers, **self._connections.proxy_headers}
            return self._sent(connection, method, target, headers, body, partial(self._let_go, host, connection))
        raise failure

    def _sent(
        self,
        connection: HTTPConnection,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: IO[bytes] | None,
        let_go: Callable[[bool], None],
    ) -> Opened:
        ends_at = time.monotonic() + self._longest
        target = _NOT_IN_A_TARGET.sub(lambda found: quote(found[0], encoding="latin-1"), target)
        blocks = _blocks(body, ends_at) if body else None
        connection.timeout = self._read_timeout
        try:
            with suppress(BrokenPipeError, ConnectionResetError):  # the answer may be there all the same
                connection.request(method, target, blocks, headers, preload_content=False, decode_content=False)
            return Opened(connection.getresponse(), ends_at, let_go)
        except FAILURES as error:
            failure = no_answer(error)
        connection.close()
        raise failure

    def _let_go(self, host: str, connection: HTTPConnection, complete: bool) -> None:
        if complete:
            self._connections.give_back(host, connection)
        else:
            connection.close()


def _blocks(body: IO[bytes], ends_at: float) -> Iterator[bytes]:
    """The file from its start, until the deadline."""
    body.seek(0)
    while block := body.read(_BLOCK_BYTES):
        if time.monotonic() >= ends_at:
            raise TimeoutError
        yield block
