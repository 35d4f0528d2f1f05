"""A slow WeChat: so many requests wait for it and no more, the others are told at once, and signatures go on."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app import create_app
from mock_wechat import MINI, MockWeChat
from mock_wechat.wire import Request, Response
from tests.app.moderation.images.pictures import BLUE, animated, plain, shades
from tests.app.routes.conftest import Caller, problem

TEXT, BATCH, IMAGE = "/api/moderation/text", "/api/moderation/text/batch", "/api/moderation/image"
PATIENCE = 30.0


class SlowWeChat(MockWeChat):
    """Takes checks in and answers none until it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self._changed = threading.Condition()
        self._answers = False
        self.inside = self.most = 0

    def answer(self, request: Request) -> Response:
        """WeChat's answer, in due time."""
        if not request.path.startswith("/wxa/"):
            return super().answer(request)
        with self._changed:
            self.inside += 1
            self.most = max(self.most, self.inside)
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: self._answers, PATIENCE)
            self.inside -= 1
        return super().answer(request)

    def wait_for(self, inside: int) -> None:
        """Until so many checks have come."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.inside >= inside, PATIENCE)

    def answer_all(self) -> None:
        """From now on at once."""
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
    """With 12 threads: 9 of them may wait."""
    return create_app(
        environment
        | {"WECHAT_THREADS": "12", "WECHAT_READ_TIMEOUT_SECONDS": "60", "WECHAT_TIMING__FETCH_DEADLINE_SECONDS": "60"}
        | {"WECHAT_TIMING__LEASE_SECONDS": "90", "WECHAT_TIMING__CHECK_DEADLINE_SECONDS": "60"}
    )


@contextmanager
def crowd() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(20) as threads:
        yield threads


def caller(app: Flask) -> Caller:
    return Caller(app.test_client(), "everything")


def test_three_quarters_of_the_threads_wait_and_the_rest_is_told_at_once(app: Flask, wechat: SlowWeChat) -> None:
    with crowd() as threads:

        def check(number: int) -> "Future[TestResponse]":
            return threads.submit(lambda: caller(app).post(TEXT, {"content": f"text {number}"}))

        waiting = [check(number) for number in range(9)]
        wechat.wait_for(9)
        for response in [check(number).result(PATIENCE) for number in range(9, 20)]:
            problem(response, 503, "checks-busy")
            assert response.headers["Retry-After"] == "2"
        signed = caller(app).get("/api/jssdk/signature?url=https%3A%2F%2Fh5.example.com%2F")
        assert signed.status_code == 200
        assert not any(one.done() for one in waiting)
        wechat.answer_all()
        assert [one.result(PATIENCE).status_code for one in waiting] == [200] * 9
    assert wechat.most == 9


def test_parts_of_requests_together_stay_within_the_bound(app: Flask, wechat: SlowWeChat) -> None:
    long = "".join(chr(0x4E00 + number % 20_000) for number in range(50_000))
    asked = {"content": long, "openid": wechat.openid(MINI.appid)}
    batch = {"items": [{"content": f"text {number}"} for number in range(50)]}
    with crowd() as threads:
        text = threads.submit(lambda: caller(app).post(TEXT, asked))
        wechat.wait_for(8)  # 8 for one request
        texts = threads.submit(lambda: caller(app).post(BATCH, batch))
        wechat.wait_for(9)
        problem(caller(app).post(IMAGE, data=plain("PNG", (60, 40), BLUE)), 503, "checks-busy")
        wechat.answer_all()
        assert text.result(PATIENCE).get_json()["suggest"] == "pass"
        assert len(texts.result(PATIENCE).get_json()["items"]) == 50
        image = caller(app).post(IMAGE, data=animated("GIF", shades(9)))
        assert image.get_json()["frames_checked"] == 8
    assert wechat.most == 9


def test_over_the_bound_no_setting_makes_a_verdict(environment: dict[str, str], wechat: SlowWeChat) -> None:
    """The caller is to try again: WeChat can be asked."""
    app = create_app(environment | {"WECHAT_THREADS": "1", "WECHAT_ON_UNAVAILABLE": "pass"})
    with crowd() as threads:
        waiting = threads.submit(lambda: caller(app).post(TEXT, {"content": "x"}))
        wechat.wait_for(1)
        problem(caller(app).post(TEXT, {"content": "y"}), 503, "checks-busy")
        wechat.answer_all()
        assert waiting.result(PATIENCE).get_json()["checked"]
