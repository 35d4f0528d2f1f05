"""A slow WeChat: bounded calls wait for it, more are refused at once, and signatures go on."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from app import create_app
from mock_wechat import MINI, MockWeChat
from mock_wechat.wire import Request, Response
from tests.app.moderation.images.pictures import BLUE, plain
from tests.app.web.conftest import Caller, problem

TEXT, BATCH = "/api/moderation/text", "/api/moderation/text/batch"
IMAGE, MEDIA = "/api/moderation/image", "/api/moderation/media"
TIMEOUT_SECONDS = 30.0


class SlowWeChat(MockWeChat):
    """Accepts checks and answers none before `answer_all`."""

    def __init__(self) -> None:
        super().__init__()
        self._changed = threading.Condition()
        self._answers = False
        self.inside = self.most = 0

    def respond(self, request: Request) -> Response:
        """WeChat's answer, after `answer_all`."""
        if not request.path.startswith("/wxa/"):
            return super().respond(request)
        with self._changed:
            self.inside += 1
            self.most = max(self.most, self.inside)
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: self._answers, TIMEOUT_SECONDS)
            self.inside -= 1
        return super().respond(request)

    def wait_for(self, inside: int) -> None:
        """Wait until this many checks are in progress."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.inside >= inside, TIMEOUT_SECONDS)

    def answer_all(self) -> None:
        """Answer all checks from now on."""
        with self._changed:
            self._answers = True
            self._changed.notify_all()


@pytest.fixture
def wechat() -> Iterator[SlowWeChat]:
    with SlowWeChat() as mock:
        yield mock
        mock.answer_all()


@pytest.fixture
def app(environment: dict[str, str]) -> Flask:
    """With 4 threads: 3 have places, and no caller waits for one."""
    return create_app(
        environment
        | {"WECHAT_THREADS": "4", "WECHAT_READ_TIMEOUT_SECONDS": "60", "WECHAT_FETCH_DEADLINE_SECONDS": "60"}
        | {"WECHAT_LEASE_SECONDS": "90", "WECHAT_CHECK_DEADLINE_SECONDS": "60", "WECHAT_ON_UNAVAILABLE": "pass"}
    )


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(5) as threads:
        yield threads


def caller(app: Flask) -> Caller:
    return Caller(app.test_client(), "everything")


def media(wechat: MockWeChat) -> dict[str, Any]:
    openid = wechat.openid(MINI.appid)
    return {"media_url": "https://example.com/a.png", "media_type": 2, "openid": openid, "scene": 1}


def test_checks_over_the_places_are_refused_at_once(
    app: Flask, wechat: SlowWeChat, threads: ThreadPoolExecutor
) -> None:
    """Whatever on_unavailable says: WeChat can be asked again in a moment."""
    waiting = [threads.submit(lambda n=n: caller(app).post(TEXT, {"content": f"text {n}"})) for n in range(3)]  # type: ignore[misc]
    wechat.wait_for(3)
    for refused in (
        caller(app).post(TEXT, {"content": "another"}),
        caller(app).post(BATCH, {"items": [{"content": "another"}]}),
        caller(app).post(IMAGE, data=plain("PNG", (60, 40), BLUE)),
        caller(app).post(MEDIA, media(wechat)),
    ):
        problem(refused, 503, "checks-busy")
        assert refused.headers["Retry-After"] == "2"
    assert caller(app).get("/api/jssdk/signature?url=https%3A%2F%2Fh5.example.com%2F").status_code == 200
    assert not any(one.done() for one in waiting)
    wechat.answer_all()
    assert [one.result(TIMEOUT_SECONDS).get_json()["checked"] for one in waiting] == [True] * 3
    assert wechat.most == 3
