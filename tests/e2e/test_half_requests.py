"""Callers that send half a request, or nothing, or read no answer, in front of nginx with deploy/nginx.conf."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
import requests

from mock_wechat import MockWeChat
from tests.app.wechat.conftest import answer, listening
from tests.e2e.nginx import NGINX, Front, nginx
from tests.e2e.servers import KEY, Server, eventually, serving

pytestmark = pytest.mark.skipif(not NGINX and not os.environ.get("CI"), reason="nginx is not installed")

THREADS = 4
CALLERS = 3 * THREADS
TIMEOUT_SECONDS = 60
HALVES = {
    "nothing": b"",
    "line": b"GET /api/jssdk/sig",
    "header": b"GET /api/jssdk/signature?url=x HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    "body": b"POST /api/jssdk/refused HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n{",
    "chunk": b"POST /api/push/mini HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{",
    "body of a check": b"POST /api/moderation/text HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
    + KEY.encode()
    + b"\r\nContent-Length: 20\r\n\r\n{",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One process of four threads."""
    with MockWeChat() as wechat:
        environment = {
            **wechat.environment,
            "WECHAT_JS_DOMAINS": "h5.example.com",
            "WECHAT_TRUSTED_PROXIES": "127.0.0.1",
            "WECHAT_WORKERS": "1",
            "WECHAT_THREADS": str(THREADS),
        }
        with serving(tmp_path_factory.mktemp("server"), environment) as server:
            yield server


@pytest.fixture(scope="module")
def front(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """nginx whose time limits do not end during these tests."""
    with nginx(tmp_path_factory.mktemp("nginx"), server, client_seconds=600) as front:
        yield front


@pytest.fixture(scope="module")
def impatient(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """nginx that waits a second for a caller."""
    with nginx(tmp_path_factory.mktemp("nginx"), server, client_seconds=1) as front:
        yield front


def call(front: Front, sent: bytes) -> socket.socket:
    """A connection to the listener of this request, with `sent` sent."""
    address = urlsplit(front.internal if b"moderation" in sent else front.public)
    connection = socket.create_connection((address.hostname, address.port), timeout=TIMEOUT_SECONDS)
    connection.sendall(sent)
    return connection


def assert_answered(front: Front) -> None:
    page = quote("https://h5.example.com/", safe="")
    signed = requests.get(f"{front.public}/api/jssdk/signature?url={page}", timeout=TIMEOUT_SECONDS)
    checked = requests.post(
        f"{front.internal}/api/moderation/text",
        json={"content": "x"},
        headers={"Authorization": f"Bearer {KEY}"},
        timeout=TIMEOUT_SECONDS,
    )
    assert (signed.status_code, checked.status_code) == (200, 200)


def test_slow_callers_occupy_no_thread(front: Front) -> None:
    with ExitStack() as callers:
        for half in HALVES.values():
            for _ in range(CALLERS):
                callers.enter_context(call(front, half))
        assert_answered(front)


def test_callers_that_read_no_answer_occupy_no_thread(front: Front) -> None:
    with ExitStack() as callers:
        for _ in range(CALLERS):
            caller = callers.enter_context(call(front, b""))
            caller.settimeout(0.2)
            with suppress(TimeoutError):  # until the buffers of both sides are full
                caller.sendall(b"GET /static/wx-config.js HTTP/1.1\r\nHost: x\r\n\r\n" * 10_000)
        assert_answered(front)


@pytest.mark.parametrize("half", HALVES)
def test_slow_callers_are_disconnected(impatient: Front, half: str) -> None:
    with call(impatient, HALVES[half]) as caller:
        answer = b"".join(iter(lambda: caller.recv(65_536), b""))
    assert answer == b"" or answer.startswith(b"HTTP/1.1 408")


def test_callers_that_stay_connected_occupy_no_thread(front: Front) -> None:
    whole = b"GET /api/jssdk/signature HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with ExitStack() as callers:
        for _ in range(CALLERS):
            assert callers.enter_context(call(front, whole)).recv(65_536).startswith(b"HTTP/1.1 400")
        assert_answered(front)


def test_refused_upload_gets_the_reason(front: Front) -> None:
    url = f"{front.internal}/api/moderation/image"
    refused = requests.post(url, data=b"x" * 200_000, timeout=TIMEOUT_SECONDS)
    assert (refused.status_code, refused.json()["type"]) == (401, "/problems/key-required")


def test_public_listener_serves_nothing_else(front: Front) -> None:
    for path in ("/healthz", "/metrics", "/api/access_token", "/api/moderation/text", "/"):
        assert requests.get(front.public + path, timeout=TIMEOUT_SECONDS).status_code == 404


def test_log_masks_links_to_media(front: Front) -> None:
    for path in ("/media/5ecre7?a", "//media/5ecre7", "/%6dedia/5ecre7"):
        with call(front, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()) as caller:
            assert caller.recv(65_536).startswith(b"HTTP/1.1 404")
    eventually(lambda: front.log.read_text().count("GET /media/*** 404") == 3, "they are logged")
    assert "5ecre7" not in front.log.read_text()


def test_address_that_is_not_encoded_is_not_quoted(front: Front) -> None:
    with call(front, "GET /api/jssdk/signature?url=中文&code=5ecre7 HTTP/1.1\r\nHost: x\r\n\r\n".encode()) as caller:
        answer = b"".join(iter(lambda: caller.recv(65_536), b""))
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"5ecre7" not in answer


def test_push_to_a_wrong_path_learns_the_right_one(front: Front) -> None:
    for path in ("/api/push", "/api/push/mini/"):
        answer = requests.post(front.public + path, timeout=TIMEOUT_SECONDS)
        assert "/api/push/<account>" in answer.json()["detail"]


def test_internal_call_is_not_sent_again_when_a_kept_connection_ends(server: Server, tmp_path: Path) -> None:
    """A code would be used up twice."""
    with listening() as upstream:
        upstream.turns, upstream.pieces, upstream.keeps = [answer(b"ok"), answer(b"ok")], [None], 9
        with nginx(tmp_path, replace(server, url=upstream.url), client_seconds=60) as front:
            urls = [f"{front.internal}/sns/jscode2session?n={number}" for number in (1, 2)]
            statuses = [requests.get(url, timeout=TIMEOUT_SECONDS).status_code for url in urls]
        received = [request.split()[1] for request in upstream.requests if b"/sns/" in request]
    assert (statuses, received) == ([200, 502], [b"/sns/jscode2session?n=1", b"/sns/jscode2session?n=2"])
