"""The HTTP server: connections, bodies, start and stop. Tests without a socket are elsewhere."""

import re
import socket
import threading
from contextlib import closing

import pytest
import requests

from mock_wechat import MockWeChat

from .client import Client

REQUEST = b"GET /cgi-bin/token HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def shell() -> type[MockWeChat]:
    return MockWeChat


def connect(mock: MockWeChat) -> socket.socket:
    host, port = mock.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=10)


def read_until_closed(line: socket.socket) -> bytes:
    answer = b""
    while piece := line.recv(65536):
        answer += piece
    return answer


def test_whole_answer_byte_by_byte(mock: MockWeChat) -> None:
    with connect(mock) as line:
        line.sendall(b"GET /cgi-bin/getcallbackip HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.0\r\n\r\n")
        head, _, rest = read_until_closed(line).partition(b"\r\n\r\n")
    assert head == (
        b"HTTP/1.1 200 OK\r\n"
        b"Connection: keep-alive\r\n"
        b"Content-Type: application/json; encoding=utf-8\r\n"
        b"Date: Sat, 21 Nov 2026 01:39:24 GMT\r\n"
        b"Content-Length: 81"
    )
    rid = rb"[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}"
    assert re.match(rb'\{"errcode":41001,"errmsg":"access_token missing rid: ' + rid + rb'"\}HTTP/1.1 404 ', rest)


def test_chunked_body_is_put_together(mock: MockWeChat) -> None:
    request = (
        b"POST /wxa/msg_sec_check?access_token=x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
        b"Connection: close\r\n\r\n5;name=value\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: x\r\n\r\n"
    )
    with connect(mock) as line:
        line.sendall(request)
        assert b"40001" in read_until_closed(line)
    assert mock.calls()[-1].body == "hello world"


@pytest.mark.parametrize(
    "request_",
    [
        b"nonsense\r\n\r\n",
        b"GET /cgi-bin/token HTTP/9.9\r\n\r\n",
        b"POST /cgi-bin/token HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /cgi-bin/token HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
        b"POST /cgi-bin/token HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n",
        b"POST /cgi-bin/token HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n",
    ],
)
def test_invalid_http_ends_the_connection(mock: MockWeChat, client: Client, request_: bytes) -> None:
    with connect(mock) as line:
        line.sendall(request_)
        answer = read_until_closed(line)
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 505"))
    assert not answer.endswith(b"\r\n\r\n")  # the body says what is wrong
    assert b"Server:" not in answer
    assert client.get("/cgi-bin/token")["errcode"] == 41002


def test_disconnect_within_the_body(mock: MockWeChat, client: Client) -> None:
    with connect(mock) as line:
        line.sendall(b"POST /cgi-bin/stable_token HTTP/1.1\r\nContent-Length: 10\r\n\r\nhel")
        line.shutdown(socket.SHUT_WR)
        assert read_until_closed(line) == b""
    assert client.get("/cgi-bin/token")["errcode"] == 41002
    assert len(mock.calls()) == 1


def test_whole_url_as_target_is_understood(mock: MockWeChat) -> None:
    with connect(mock) as line:
        line.sendall(b"GET http://api.weixin.qq.com/cgi-bin/token?appid=x HTTP/1.0\r\n\r\n")
        assert b"40002" in read_until_closed(line)


def test_client_ip_header_is_read_from_loopback(mock: MockWeChat, client: Client) -> None:
    client.token()
    client.raw("GET", "/cgi-bin/token", headers={"X-Mock-Client-IP": "203.0.113.7"})
    client.raw("GET", "/cgi-bin/token", headers={"X-Forwarded-For": "203.0.113.7"})
    assert [call.client for call in mock.calls()] == ["127.0.0.1", "203.0.113.7", "127.0.0.1"]


def test_stop_cuts_idle_and_waiting_connections(mock: MockWeChat) -> None:
    mock.fail("/cgi-bin/token", delay_seconds=600)
    with closing(connect(mock)) as idle, closing(connect(mock)) as waiting:
        idle.sendall(b"GET /cgi-bin/stable_token HTTP/1.1\r\n\r\n")
        assert idle.recv(65536)
        waiting.sendall(REQUEST)
        while not mock.calls("/cgi-bin/token"):
            threading.Event().wait(0.001)
        mock.stop()
        assert (idle.recv(1), waiting.recv(1)) == (b"", b"")


def test_stopped_mock_leaves_port_and_threads_free() -> None:
    before = set(threading.enumerate())
    with MockWeChat() as mock:
        url = mock.url
        with Client(url) as client:
            client.token()
    for thread in set(threading.enumerate()) - before:
        thread.join(10)  # closed connections may take a moment to end
        assert not thread.is_alive()
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=10)
    port = int(url.rsplit(":", 1)[1])
    with MockWeChat(port=port) as again:
        assert again.url == url


def test_taken_port_is_an_os_error(mock: MockWeChat) -> None:
    with pytest.raises(OSError, match="Address already in use"):
        MockWeChat(port=int(mock.url.rsplit(":", 1)[1])).start()
