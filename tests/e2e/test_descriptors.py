"""More connections than a worker has descriptors for: it accepts what it can hold, and lives."""

import socket
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from mock_wechat import MockWeChat
from tests.e2e.servers import Server, serving

DESCRIPTORS = 300
CALLERS = 290
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


def call(server: Server, callers: ExitStack) -> None:
    """Ask, and stay connected unless the answer says otherwise."""
    address = urlsplit(server.url)
    connection = callers.enter_context(socket.create_connection((address.hostname, address.port), timeout=60))
    connection.sendall(REQUEST)
    answer = connection.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 200")
    if b"Connection: close" in answer:
        connection.close()


def test_worker_short_of_descriptors_lives(wechat: MockWeChat, tmp_path: Path) -> None:
    limited = ("prlimit", f"--nofile={DESCRIPTORS}", "--")
    with serving(tmp_path, wechat.environment, "--workers", "1", through=limited) as server, ExitStack() as callers:
        workers = server.workers()
        for _ in range(CALLERS):
            call(server, callers)
        assert server.answers()
        assert server.workers() == workers
