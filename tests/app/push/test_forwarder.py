"""Forwarding: pushes unchanged, in time, and in bounded number."""

import threading
import time
from collections.abc import Iterator

import pytest

from app.push import SUCCESS, Forwarder, PushNotForwarded, Reply
from app.wechat import NoAnswer
from mock_wechat.wire import Delivery, Response
from tests.mock_wechat.receiver import Receiver

QUERY = "signature=f464&timestamp=1714036504&nonce=15&openid=o1"
BODY = "<xml>中</xml>".encode()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def forward(receiver: Receiver, *, path: str = "/wechat", seconds: float = 30.0) -> Reply:
    return Forwarder(4, seconds, time.time).forward(receiver.url + path, QUERY, BODY, "text/xml")


def test_push_arrives_as_it_came_and_the_answer_comes_back(receiver: Receiver) -> None:
    receiver.answers.append(Response("<xml>好</xml>".encode(), "text/xml; charset=utf-8"))
    assert forward(receiver) == Reply("<xml>好</xml>".encode(), "text/xml; charset=utf-8")
    (push,) = receiver.pushes
    assert (push.method, push.path, push.body) == ("POST", "/wechat", BODY)
    assert push.query == {"signature": "f464", "timestamp": "1714036504", "nonce": "15", "openid": "o1"}
    assert push.headers["content-type"] == "text/xml"


def test_query_of_the_operators_url_is_kept(receiver: Receiver) -> None:
    forward(receiver, path="/wechat?tenant=7")
    assert receiver.pushes[0].query["tenant"] == "7"
    assert receiver.pushes[0].query["openid"] == "o1"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Response(b"", "text/plain", 500), "answered 500"),
        (Response(b"", "text/plain", 503), "answered 503"),
        (Response(b"", "text/plain", 302, {"Location": "http://127.0.0.1:1/"}), "answered 302"),
        (Response(b"x" * 65537, "text/plain"), "more than 64 KB"),
        (Response(b"success", "text/plain", 200, {}, Delivery(drop=True)), "broke off its answer"),
        (Response(b"success", "text/plain", 200, {}, Delivery(truncate=True)), "broke off its answer"),
    ],
)
def test_anything_but_a_whole_200_is_a_failure(receiver: Receiver, answer: Response, reason: str) -> None:
    receiver.answers.append(answer)
    with pytest.raises(PushNotForwarded, match=reason):
        forward(receiver)
    assert len(receiver.pushes) == 1


def test_refusal_by_the_server_ends_in_success(receiver: Receiver) -> None:
    receiver.answers.append(Response(b"bad", "text/plain", 400))
    assert forward(receiver) == SUCCESS


@pytest.mark.parametrize("slow", [Delivery(delay_seconds=20), Delivery(drip_seconds=0.2)])
def test_server_that_takes_too_long_is_given_up(receiver: Receiver, slow: Delivery) -> None:
    receiver.answers.append(Response(b"success" * 20, "text/plain", 200, {}, slow))
    with pytest.raises(PushNotForwarded, match="in time"):
        forward(receiver, seconds=0.5)


def test_unreachable_server_is_a_failure_without_its_url() -> None:
    with pytest.raises(PushNotForwarded, match="could not be reached") as caught:
        Forwarder(1, 5.0, time.time).forward("http://127.0.0.1:1/secret-path", QUERY, BODY, "text/xml")
    reason = caught.value.__context__
    assert isinstance(reason, NoAnswer)
    assert reason.__context__ is None
    assert "secret-path" not in f"{caught.value!r} {reason!r}"


def test_over_the_bound_a_push_is_refused_at_once_and_places_come_back(receiver: Receiver) -> None:
    forwarder = Forwarder(1, 30.0, time.time)
    entered, leave = threading.Event(), threading.Event()

    def occupy() -> None:
        with forwarder._places:
            entered.set()
            leave.wait(30)

    thread = threading.Thread(target=occupy)
    thread.start()
    assert entered.wait(30)
    with pytest.raises(PushNotForwarded, match="Too many"):
        forwarder.forward(receiver.url, QUERY, BODY, "text/xml")
    leave.set()
    thread.join()
    for _ in range(2):
        assert forwarder.forward(receiver.url, QUERY, BODY, "text/xml").content == b"success"
