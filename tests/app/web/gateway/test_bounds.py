"""Sizes, places for slow calls, and callers that go away in the middle."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from app import create_app
from app.gateway import ForwardedAnswer
from app.services import Services
from mock_wechat import MINI, MockWeChat
from mock_wechat.wire import Request, Response
from tests.app.web.gateway.conftest import CHECK, Sdk, refused

Make = Callable[..., Sdk]
UPLOAD, DOWNLOAD = "/cgi-bin/media/upload", "/cgi-bin/media/get"
TIMEOUT_SECONDS = 30.0


class MediaWeChat(MockWeChat):
    """Keeps the last upload and returns it; answers checks when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.upload: Request | None = None
        self.inside = threading.Semaphore(0)
        self.may_answer = threading.Event()
        self.may_answer.set()

    def respond(self, request: Request) -> Response:
        """WeChat's answer."""
        if request.path == UPLOAD:
            self.upload = request
            return Response(b'{"type":"image","media_id":"m1"}', "text/plain")
        if request.path == DOWNLOAD:
            assert self.upload is not None
            disposition = {"Content-Disposition": 'attachment; filename="m1.jpg"', "Set-Cookie": "a=b"}
            return Response(self.upload.body, "image/jpeg", headers=disposition)
        if request.path == CHECK:
            self.inside.release()
            assert self.may_answer.wait(TIMEOUT_SECONDS)
        return super().respond(request)


@pytest.fixture
def wechat() -> Iterator[MediaWeChat]:
    with MediaWeChat() as mock:
        yield mock
        mock.may_answer.set()


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """With 8 threads 6 calls have places, of which a key has 3."""
    return {**environment, "WECHAT_THREADS": "8", "WECHAT_MAX_GATEWAY_BYTES": "2000000"}


@pytest.mark.parametrize("size", [0, 1, 64 * 1024, 512 * 1024 + 1, 2_000_000])
def test_file_arrives_as_it_was_sent_and_comes_back(sdk: Make, wechat: MediaWeChat, size: int) -> None:
    content, caller = bytes(range(256)) * (size // 256 + 1), sdk()
    caller.post(UPLOAD, data=content[:size], content_type="image/jpeg")
    assert wechat.upload is not None
    assert wechat.upload.body == content[:size]
    assert wechat.upload.headers["content-type"] == "image/jpeg"
    assert wechat.upload.headers["content-length"] == str(size)
    assert "transfer-encoding" not in wechat.upload.headers
    answer = caller.get(DOWNLOAD, media_id="m1")
    assert answer.data == content[:size]
    assert answer.content_type == "image/jpeg"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="m1.jpg"'
    assert "Set-Cookie" not in answer.headers


def test_body_over_the_limit_is_refused(sdk: Make, wechat: MediaWeChat) -> None:
    refused(sdk().post(UPLOAD, data=b"x" * 2_000_001), 45001)
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    refused(sdk().post(UPLOAD, data=b"x" * 2_000_001, environ_overrides={**chunked, "CONTENT_LENGTH": ""}), 45001)
    assert wechat.upload is None


@pytest.mark.parametrize("path", ["/sns/userinfo", "/sns/auth", "/sns/oauth2/refresh_token"])
def test_body_is_small_where_no_key_is_needed(app: Flask, wechat: MediaWeChat, path: str) -> None:
    refused(app.test_client().post(path, data=b"x" * (64 * 1024 + 1)), 45001)
    assert wechat.calls() == []
    app.test_client().post(path, data=b"x" * 64 * 1024)
    assert [call.body_length for call in wechat.calls(path)] == [64 * 1024]


def test_body_without_a_length_is_sent_with_one(sdk: Make, wechat: MediaWeChat) -> None:
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    sdk().post(UPLOAD, data=b"x" * 700_000, environ_overrides=chunked)
    assert wechat.upload is not None
    assert wechat.upload.headers["content-length"] == "700000"


def test_body_that_ends_early_is_not_sent(sdk: Make, wechat: MediaWeChat) -> None:
    refused(sdk().post(UPLOAD, data=b"x" * 9, environ_overrides={"CONTENT_LENGTH": "10"}), 47001)
    assert wechat.upload is None


def free_places(services: Services) -> int:
    return services.pool._free


def test_answer_holds_a_place_until_it_was_read_or_the_caller_is_gone(sdk: Make, services: Services) -> None:
    caller = sdk()
    caller.post(UPLOAD, data=b"x" * 1_000_000)
    assert free_places(services) == 6
    for read in (lambda answer: answer.data, lambda answer: next(answer.response), lambda _: None):
        answer = caller.client.get(DOWNLOAD, query_string={"access_token": caller.token})
        assert free_places(services) == 5
        read(answer)
        answer.close()
        assert free_places(services) == 6


@pytest.mark.parametrize("fault", [{"drop": "before"}, {"truncate": True}, {"status": 204, "body": ""}])
def test_call_that_fails_gives_its_place_back(
    sdk: Make, services: Services, wechat: MediaWeChat, fault: dict[str, Any]
) -> None:
    wechat.fail(CHECK, times=None, **fault)
    sdk().check()
    assert free_places(services) == 6


def test_answer_that_cannot_be_passed_on_gives_its_place_and_connection_back(
    app: Flask, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A header may be folded over two lines, which Werkzeug refuses."""
    send, opened, closed = services.relay.send, list[ForwardedAnswer](), list[ForwardedAnswer]()

    def with_folded_header(*given: Any) -> ForwardedAnswer:
        answer = send(*given)
        answer.headers.append(("Content-Disposition", "attachment;\r\n filename=x"))
        answer.close = lambda: closed.append(answer)  # type: ignore[method-assign] # a double
        opened.append(answer)
        return answer

    monkeypatch.setattr(services.relay, "send", with_folded_header)
    assert Sdk(app).log_in().check().status_code == 500
    assert closed == opened != []
    assert free_places(services) == 6


def test_key_has_half_of_the_places_and_leaves_the_others_to_other_keys(
    app: Flask, services: Services, wechat: MediaWeChat
) -> None:
    services.pool._wait_seconds = 0
    Sdk(app, "shop").log_in().check()  # the access_token is there
    assert wechat.inside.acquire(timeout=TIMEOUT_SECONDS)
    wechat.may_answer.clear()
    with ThreadPoolExecutor(6) as threads:
        calls = []
        for key in ("sdk", "shop"):
            calls += [threads.submit(Sdk(app, key).log_in().check) for _ in range(3)]
            assert all(wechat.inside.acquire(timeout=TIMEOUT_SECONDS) for _ in range(3))
            refused(Sdk(app, key).log_in().check(), -1)
        refused(Sdk(app, "checker").log_in().check(), -1)
        wechat.may_answer.set()
        assert [call.result(TIMEOUT_SECONDS).get_json()["errcode"] for call in calls] == [0] * 6
    assert Sdk(app, "checker").log_in().check().get_json()["errcode"] == 0
    assert free_places(services) == 6


def test_pass_needs_no_place(app: Flask, services: Services) -> None:
    for _ in range(6):
        services.pool.take(f"holder {_}")
    assert Sdk(app).log_in().token
    assert create_app(services=services).test_client().get("/healthz").status_code == 200
    assert MINI.appid in Sdk(app).log_in().token
