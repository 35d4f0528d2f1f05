"""Requests that two servers in a row could read differently, and other nonsense, against gunicorn as it is deployed."""

import json
import re
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from mock_wechat import MockWeChat
from tests.e2e.servers import KEY, Server, eventually, serving

SECRET = "5ecre7-that-a-caller-sent"
NEXT = b"GET /healthz HTTP/1.1\r\nHost: smuggled\r\n\r\n"

HEADS = {
    "two lengths": "Content-Length: 3\r\nContent-Length: 4",
    "the same length twice": "Content-Length: 3\r\nContent-Length: 3",
    "list of lengths": "Content-Length: 3, 3",
    "length and chunked": "Content-Length: 3\r\nTransfer-Encoding: chunked",
    "chunked and length": "Transfer-Encoding: chunked\r\nContent-Length: 3",
    "length with plus": "Content-Length: +3",
    "length with minus": "Content-Length: -3",
    "length with underscore": "Content-Length: 0_3",
    "length in hex": "Content-Length: 0x3",
    "length in Arabic digits": "Content-Length: \u0663",
    "empty length": "Content-Length:",
    "length with vertical tab": "Content-Length: \x0b3",
    "chunked twice": "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    "chunked, then identity": "Transfer-Encoding: chunked, identity",
    "no transfer coding": "Transfer-Encoding: xchunked",
    "chunked in quotes": 'Transfer-Encoding: "chunked"',
    "chunked after vertical tab": "Transfer-Encoding: \x0bchunked",
    "chunked folded": "Transfer-Encoding:\r\n chunked",
    "space before colon": "Content-Length : 3",
    "tab before colon": "Transfer-Encoding\t: chunked",
    "space before name": " Content-Length: 3",
    "folded header": f"X-Any: a\r\n {SECRET}",
    "bare LF": f"X-Any: {SECRET}\nContent-Length: 3",
    "bare CR": f"X-Any: {SECRET}\rContent-Length: 3",
    "NUL": f"X-Any: {SECRET}\0",
    "no colon": SECRET,
    "space in name": f"Authori zation: Bearer {SECRET}",
    "two hosts": f"Host: {SECRET}",
    "expectation": f"Expect: {SECRET}",
    "long header": f"X-Any: {SECRET * 1000}",
    "many headers": "\r\n".join(f"X-{number}: {SECRET}" for number in range(101)),
}
CHUNKS = {
    "size with plus": "+3\r\nabc\r\n0\r\n\r\n",
    "size with minus": "-3\r\nabc\r\n0\r\n\r\n",
    "size with 0x": "0x3\r\nabc\r\n0\r\n\r\n",
    "size with underscore": "0_3\r\nabc\r\n0\r\n\r\n",
    "size with space": "3 \r\nabc\r\n0\r\n\r\n",
    "no size": ";a=b\r\nabc\r\n0\r\n\r\n",
    "LF after size": "3\nabc\r\n0\r\n\r\n",
    "LF after data": "3\r\nabc\n0\r\n\r\n",
    "LF in extension": f"3;{SECRET}\nb\r\nabc\r\n0\r\n\r\n",
    "CR in extension": f"3;{SECRET}\rb\r\nabc\r\n0\r\n\r\n",
    "more data than size": f"3\r\nabc{SECRET}\r\n0\r\n\r\n",
    "LF at the end": "0\r\n\n",
    "length in trailer": "3\r\nabc\r\n0\r\nContent-Length: 5\r\n\r\n",
}
LINES = {
    "nonsense": f"{SECRET}\r\n\r\n",
    "no version": f"GET /{SECRET}\r\n\r\n",
    "version": f"GET / {SECRET}\r\n\r\n",
    "method": f"{SECRET}\\ / HTTP/1.1\r\n\r\n",
    "space in target": f"GET / {SECRET} HTTP/1.1\r\nHost: x\r\n\r\n",
    "long line": f"GET /{SECRET * 1000} HTTP/1.1\r\n\r\n",
    "LF alone": "GET / HTTP/1.1\nHost: x\n\n",
    "LF at the end of the head": f"GET / HTTP/1.1\r\nHost: {SECRET}\r\n\n",
    "chunked in HTTP/1.0": "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
}


POST = f"POST /api/moderation/text HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n"
REQUESTS = {
    **LINES,
    **{name: f"{POST}{head}\r\n\r\nabc" for name, head in HEADS.items()},
    **{name: f"{POST}Transfer-Encoding: chunked\r\n\r\n{chunks}" for name, chunks in CHUNKS.items()},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Its log quotes no request."""
    with MockWeChat() as wechat, serving(tmp_path_factory.mktemp("server"), wechat.environment) as server:
        yield server
    log = server.log.read_text()
    assert "5ecre7" not in log
    assert "Traceback" not in log


def statuses_of(server: Server, sent: bytes) -> list[int]:
    """The status of each answer until the server closes the connection."""
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), timeout=60) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        received = b"".join(iter(lambda: connection.recv(65_536), b""))
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", received)]


@pytest.mark.parametrize("name", REQUESTS)
def test_ambiguous_request_is_refused_and_what_follows_is_not_answered(server: Server, name: str) -> None:
    (status,) = statuses_of(server, REQUESTS[name].encode() + NEXT)
    assert status in (400, 414, 417, 431, 501)


def test_log_names_the_kind_of_a_refused_request(server: Server) -> None:
    before = len(server.log.read_text())
    statuses_of(server, REQUESTS["NUL"].encode())
    eventually(lambda: "Invalid request" in server.log.read_text()[before:], "it is logged")
    lines = server.log.read_text()[before:].splitlines()
    assert [json.loads(line)["message"] for line in lines] == ["Invalid request from ip=127.0.0.1: InvalidHeader"]
