"""Callers who send half a request, nothing, or nonsense, against the server as it is deployed."""

import json
import select
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from mock_wechat import MockWeChat
from tests.e2e.servers import KEY, Server, eventually, serving

THREADS = 4
CALLERS = 3 * THREADS
LONG, SHORT = "600", "1"


@pytest.fixture
def wechat() -> Iterator[MockWeChat]:
    with MockWeChat() as mock:
        yield mock


@pytest.fixture
def start(wechat: MockWeChat, tmp_path: Path) -> Iterator[Callable[[str], Server]]:
    """Starts a server with one process of four threads, and so many seconds for a request."""
    with ExitStack() as stack:

        def begin(seconds: str) -> Server:
            environment = {**wechat.environment, "WECHAT_REQUEST_TIMEOUT_SECONDS": seconds}
            options = ("--workers", "1", "--threads", str(THREADS))
            return stack.enter_context(serving(tmp_path, environment, *options))

        yield begin


def call(server: Server, sent: bytes) -> socket.socket:
    """A connection over which so much was sent."""
    address = urlsplit(server.url)
    connection = socket.create_connection((address.hostname, address.port), timeout=30)
    connection.sendall(sent)
    return connection


def answer_to(server: Server, sent: bytes) -> bytes:
    """All that comes back until the server closes the connection."""
    with call(server, sent) as connection:
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def is_answered_at_once(server: Server) -> bool:
    return requests.get(f"{server.url}/healthz", timeout=4).ok


def test_answer_without_a_body_comes_on_a_connection_that_is_kept(start: Callable[[str], Server]) -> None:
    server = start(LONG)
    with requests.Session() as session:
        answers = [session.head(f"{server.url}/healthz", timeout=4) for _ in range(3)]
    assert [(answer.status_code, answer.content) for answer in answers] == [(200, b"")] * 3


def test_callers_who_send_nothing_take_no_thread(start: Callable[[str], Server]) -> None:
    server = start(LONG)
    with ExitStack() as callers:
        for _ in range(CALLERS):
            callers.enter_context(call(server, b""))
        assert is_answered_at_once(server)


def test_half_a_request_behind_a_whole_one_takes_no_thread(start: Callable[[str], Server]) -> None:
    server = start(LONG)
    with ExitStack() as callers:
        for _ in range(CALLERS):
            caller = callers.enter_context(call(server, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HT"))
            assert caller.recv(65_536).startswith(b"HTTP/1.1 200 ")
        assert is_answered_at_once(server)


@pytest.mark.parametrize("path", ["/openapi.json", "/static/page.css"])
def test_callers_who_take_no_answer_are_let_go(start: Callable[[str], Server], path: str) -> None:
    server = start(SHORT)
    with ExitStack() as stack:
        callers = [stack.enter_context(call(server, b"")) for _ in range(THREADS)]
        for caller in callers:
            caller.settimeout(0.5)
            with suppress(OSError):  # until neither side has room for more
                caller.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 100_000)
        eventually(lambda: all(_is_reset(caller) for caller in callers), "the server closes all of them")
        assert is_answered_at_once(server)
    log = server.log.read_text()
    assert "Traceback" not in log
    assert "unexpected error" not in log


@pytest.mark.parametrize(
    "half",
    [
        b"GET /healthz HT",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        b"POST /api/moderation/text HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + KEY.encode() + b"\r\n"
        b"Content-Length: 20\r\n\r\n{",
    ],
    ids=["line", "header", "body"],
)  # fmt: skip
def test_callers_who_send_half_a_request_are_let_go(start: Callable[[str], Server], half: bytes) -> None:
    server = start(SHORT)
    with ExitStack() as callers:
        connections = [callers.enter_context(call(server, half)) for _ in range(CALLERS)]
        eventually(lambda: all(_is_closed(one) for one in connections), "the server closes all of them")
        assert is_answered_at_once(server)
    log = server.log.read_text()
    assert "Traceback" not in log
    assert "unexpected error" not in log


def _is_reset(connection: socket.socket) -> bool:
    """Looks without reading."""
    poll = select.poll()
    poll.register(connection, 0)
    return bool(poll.poll(0))


def _is_closed(connection: socket.socket) -> bool:
    connection.settimeout(0.01)
    try:
        while connection.recv(65_536):
            pass
    except TimeoutError:
        return False
    return True


def test_callers_who_never_hang_up_stop_nobody(start: Callable[[str], Server]) -> None:
    server = start(LONG)
    whole = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with ExitStack() as callers:
        for _ in range(THREADS - 1):
            callers.enter_context(call(server, whole))
        # gunicorn would linger 2 s for each of them, in the loop that takes requests
        assert requests.get(f"{server.url}/healthz", timeout=THREADS - 1).ok


def test_connection_is_kept_for_the_next_request(start: Callable[[str], Server]) -> None:
    server = start(LONG)
    with call(server, b"") as connection:
        for _ in range(3):
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = b""
            while b'{"status":"ok"}' not in answer:
                answer += connection.recv(65_536)
            assert answer.startswith(b"HTTP/1.1 200 ")


def test_refused_upload_is_told_why(start: Callable[[str], Server]) -> None:
    server = start(LONG)
    image = b"x" * 200_000
    head = f"POST /api/moderation/image HTTP/1.1\r\nHost: x\r\nContent-Length: {len(image)}\r\n\r\n".encode()
    assert b"/problems/key-required" in answer_to(server, head + image)


SECRET = "5ecre7-that-a-caller-sent"


WRONG = {
    "InvalidHeaderName": f"GET / HTTP/1.1\r\nAuthori zation: Bearer {SECRET}\r\n\r\n",
    "InvalidHeader": f"GET / HTTP/1.1\r\nHost: x\r\nX-Any {SECRET}\r\n\r\n",
    "ObsoleteFolding": f"GET / HTTP/1.1\r\nHost: x\r\nX-Any: a\r\n {SECRET}\r\n\r\n",
    "InvalidRequestLine": f"{SECRET}\r\n\r\n",
    "InvalidHTTPVersion": f"GET / {SECRET}\r\n\r\n",
    "InvalidRequestMethod": f"{SECRET}\\ / HTTP/1.1\r\n\r\n",
    "ExpectationFailed": f"GET / HTTP/1.1\r\nHost: x\r\nExpect: {SECRET}\r\n\r\n",
    "UnsupportedTransferCoding": f"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: {SECRET}\r\n\r\n",
    "LimitRequestLine": f"GET /{SECRET * 1000} HTTP/1.1\r\n\r\n",
    "LimitRequestHeaders": f"GET / HTTP/1.1\r\nX-Any: {SECRET * 1000}\r\n\r\n",
}
"""the kind of each, in gunicorn's words"""


def test_request_that_cannot_be_read_is_logged_by_its_kind_alone(start: Callable[[str], Server]) -> None:
    server = start(LONG)
    for sent in WRONG.values():
        assert answer_to(server, sent.encode()).startswith((b"HTTP/1.1 4", b"HTTP/1.1 5"))
    said = [event["message"] for event in map(json.loads, server.log.read_text().splitlines())]
    refused = [message for message in said if message.startswith("Invalid request")]
    assert refused == [f"Invalid request from ip=127.0.0.1: {kind}" for kind in WRONG]
    assert "5ecre7" not in server.log.read_text()
