"""Pushes of verdicts: when, how often, the verdict, and the push log."""

import hashlib
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image

from mock_wechat import MINI, MockWeChat
from mock_wechat.push.attempts import ATTEMPTS, PUSH_SECONDS
from mock_wechat.state.accounts import DEFAULT_TOKEN
from mock_wechat.wire import Delivery, Response

from .client import NOW, Client, FakeClock
from .receiver import Receiver

RED, YELLOW, BLUE = (255, 0, 0), (255, 255, 0), (0, 0, 255)
Ask = Callable[..., str]


def image_file(colour: tuple[int, int, int], encoding: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(file, encoding)
    return file.getvalue()


@pytest.fixture
def mock(
    shell: Callable[..., MockWeChat], clock: FakeClock, receiver: Receiver, push_seconds: float
) -> Iterator[MockWeChat]:
    """Its mini program's push URL is the receiver's. The clock stands, so nothing is pushed unasked."""
    with shell(clock=clock, seed=1, push_seconds=push_seconds) as mock:
        set_up(mock, push_url=f"{receiver.url}/push?mine=1")
        yield mock


@pytest.fixture
def ask(client: Client, mini_token: str, mock: MockWeChat, receiver: Receiver) -> Ask:
    """Start a check of a blue image, or another URL; returns the trace_id."""
    blue = receiver.serve("/blue.png", image_file(BLUE))

    def ask(media_url: str = blue, version: int = 2, **more: object) -> str:
        asked = {"media_url": media_url, "media_type": 2, "openid": mock.openid(MINI.appid), "scene": 1}
        answer = client.post("/wxa/media_check_async", asked | {"version": version} | more, access_token=mini_token)
        return str(answer["trace_id"])

    return ask


def set_up(mock: MockWeChat, **switches: object) -> None:
    mock.add_account(MINI.appid, MINI.secret, "mini", **switches)


def outcomes(mock: MockWeChat, **how: object) -> list[tuple[str, int | None]]:
    return [(push.outcome, push.status) for push in mock.push.deliver(**how)]  # type: ignore[arg-type]  # a url, a mode


def test_verdict_arrives_signed_with_the_trace_id(mock: MockWeChat, ask: Ask, receiver: Receiver) -> None:
    trace_id = ask()
    assert outcomes(mock) == [("accepted", 200)]
    push = receiver.pushes[0]
    parts = sorted([DEFAULT_TOKEN, push.query["timestamp"], push.query["nonce"]])
    assert push.query["signature"] == hashlib.sha1("".join(parts).encode()).hexdigest()
    assert (push.path, push.query["mine"], push.headers["content-type"]) == ("/push", "1", "application/json")
    message = json.loads(push.body)
    assert (message["trace_id"], message["appid"], message["Event"]) == (trace_id, MINI.appid, "wxa_media_check")
    assert message["FromUserName"] == push.query["openid"] == mock.openid(MINI.appid)


@pytest.mark.parametrize("encoding", ["PNG", "JPEG", "GIF", "BMP"])
@pytest.mark.parametrize(("colour", "suggest"), [(RED, "risky"), (YELLOW, "review"), (BLUE, "pass")])
def test_image_colour_decides_the_verdict(
    mock: MockWeChat, ask: Ask, receiver: Receiver, colour: tuple[int, int, int], suggest: str, encoding: str
) -> None:
    ask(receiver.serve("/a", image_file(colour, encoding)))
    mock.push.deliver()
    assert receiver.message()["result"]["suggest"] == suggest


def test_audio_passes(mock: MockWeChat, ask: Ask, receiver: Receiver) -> None:
    ask(receiver.serve("/a.mp3", b"ID3"), media_type=1)
    mock.push.deliver()
    assert receiver.message()["result"] == {"suggest": "pass", "label": 100}


@pytest.mark.parametrize(
    "media_url",
    ["cloud://env/a.png", "wxfile://tmp_a.png", "http://127.0.0.1:1/a.png", "http://[::1", "", "http://203.0.113.7/a"],
)
def test_media_that_cannot_be_fetched_is_minus_1008(
    mock: MockWeChat, ask: Ask, receiver: Receiver, media_url: str
) -> None:
    ask(media_url)
    mock.push.deliver()
    assert receiver.message()["errcode"] == -1008


def test_more_than_ten_megabytes_are_minus_1008(mock: MockWeChat, ask: Ask, receiver: Receiver) -> None:
    room = bytes(10 * 1024 * 1024)
    ask(receiver.serve("/a.mp3", room), media_type=1)
    ask(receiver.serve("/b.mp3", room + b"x"), media_type=1)
    mock.push.deliver()
    assert [json.loads(push.body)["errcode"] for push in receiver.pushes] == [0, -1008]


def test_file_that_is_not_an_image_is_minus_1009(mock: MockWeChat, ask: Ask, receiver: Receiver) -> None:
    ask(receiver.serve("/a.png", b"<svg/>"))
    mock.push.deliver()
    assert receiver.message()["errcode"] == -1009


def test_verdict_is_pushed_when_due(mock: MockWeChat, ask: Ask, receiver: Receiver) -> None:
    ask()
    mock.clock.advance(1)
    receiver.wait_for(1)
    assert mock.push.waiting() == []


def test_delay_of_account_and_fault(mock: MockWeChat, ask: Ask, receiver: Receiver) -> None:
    set_up(mock, push_delay_seconds=10)
    mock.push.fail(delay_seconds=1800)
    late, early = ask(), ask()
    mock.clock.advance(10)
    receiver.wait_for(1)
    assert (receiver.message()["trace_id"], mock.push.waiting()) == (early, [late])
    mock.clock.advance(1800)
    receiver.wait_for(2)
    assert receiver.message()["trace_id"] == late


def test_one_of_several_may_be_delivered(mock: MockWeChat, ask: Ask) -> None:
    first, second = ask(), ask()
    assert [push.trace_id for push in mock.push.deliver(second)] == [second]
    assert mock.push.waiting() == [first]
    with pytest.raises(ValueError, match=f"no verdict waits for trace_id {second}"):
        mock.push.deliver(second)


def test_stamp_is_the_receivers_time_not_the_moved_clocks(mock: MockWeChat, ask: Ask, receiver: Receiver) -> None:
    mock.clock.advance(3600)
    ask()
    push = mock.push.deliver()[0]
    assert (receiver.pushes[0].query["timestamp"], receiver.message()["CreateTime"]) == (str(NOW), NOW)
    assert push.at == NOW + 3600


@pytest.mark.parametrize("answer", [Response(b"success", "text/plain"), Response(b"", "text/plain")])
def test_success_and_nothing_are_accepted(mock: MockWeChat, ask: Ask, receiver: Receiver, answer: Response) -> None:
    receiver.answers.append(answer)
    ask()
    assert outcomes(mock) == [("accepted", 200)]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Response(b"success", "text/plain", 500), ("refused", 500)),
        (Response(b"", "text/plain", 302, {"Location": "/elsewhere"}), ("refused", 302)),
        (Response(b'{"errcode":0}', "application/json"), ("refused", 200)),
        (Response(b"success\n", "text/plain"), ("refused", 200)),
        (Response(bytes(100_000), "text/plain"), ("unreachable", None)),
        (Response(b"", "text/plain", delivery=Delivery(drop=True)), ("unreachable", None)),
        (Response(b"success", "text/plain", delivery=Delivery(truncate=True)), ("unreachable", None)),
    ],
    ids=["500", "redirect", "json", "newline", "long", "dropped", "cut"],
)
def test_anything_else_is_tried_three_times(
    mock: MockWeChat, ask: Ask, receiver: Receiver, answer: Response, outcome: tuple[str, int | None]
) -> None:
    receiver.answers.extend([answer] * 4)
    ask()
    assert outcomes(mock) == [outcome] * 3
    assert [push.attempt for push in mock.push.log()] == [1, 2, 3]
    assert len({push.body for push in receiver.pushes}) == 1


@pytest.mark.parametrize("push_seconds", [0.1])
@pytest.mark.parametrize("slow", [Delivery(delay_seconds=600), Delivery(drip_seconds=0.02)], ids=["silent", "dripping"])
def test_receiver_has_its_time_for_the_whole_answer(
    mock: MockWeChat, ask: Ask, receiver: Receiver, slow: Delivery
) -> None:
    receiver.answers.extend([Response(bytes(60_000), "text/plain", delivery=slow)] * 4)
    ask()
    assert [(push.outcome, push.detail) for push in mock.push.deliver()] == [
        ("timeout", "no whole answer within 0.1 s")
    ] * 3


def test_receiver_has_five_seconds_and_three_attempts() -> None:
    assert (PUSH_SECONDS, ATTEMPTS) == (5.0, 3)  # WECHAT.md 6


def test_second_attempt_is_accepted(mock: MockWeChat, ask: Ask, receiver: Receiver) -> None:
    receiver.answers.append(Response(b"", "text/plain", 502))
    ask()
    assert outcomes(mock) == [("refused", 502), ("accepted", 200)]
    assert receiver.pushes[0].query["nonce"] != receiver.pushes[1].query["nonce"]


def test_pushes_to_other_machines_are_forbidden(mock: MockWeChat, ask: Ask) -> None:
    ask()
    [push] = mock.push.deliver(url="http://203.0.113.7/")
    assert push.outcome == "forbidden"
    assert push.detail == "203.0.113.7 is at 203.0.113.7: neither loopback nor allowed"


def test_lost_verdict_is_not_sent(mock: MockWeChat, ask: Ask, receiver: Receiver) -> None:
    mock.push.fail(lose=True)
    ask()
    assert outcomes(mock) == [("lost", None)]
    assert (receiver.pushes, receiver.gets, mock.push.waiting()) == ([], [], [])


def test_doubled_verdict_is_sent_twice(mock: MockWeChat, ask: Ask, receiver: Receiver) -> None:
    mock.push.fail(copies=2)
    ask()
    assert [(push.copy, push.attempt, push.outcome) for push in mock.push.deliver()] == [
        (1, 1, "accepted"),
        (2, 1, "accepted"),
    ]
    assert receiver.pushes[0].body == receiver.pushes[1].body


@pytest.mark.parametrize("version", [1, 2])
def test_fault_fails_the_download(mock: MockWeChat, ask: Ask, receiver: Receiver, version: int) -> None:
    mock.push.fail(errcode=-1008)
    ask(version=version)
    mock.push.deliver()
    message = receiver.message()
    assert message.get("errcode", message.get("status_code")) == {1: 4294966288, 2: -1008}[version]
    assert receiver.gets == []


def test_fault_sets_wrong_timestamp_and_signature(mock: MockWeChat, ask: Ask, receiver: Receiver) -> None:
    mock.push.fail(stamp_seconds=-3600, wrong_signature=True)
    ask()
    mock.push.deliver()
    query = receiver.pushes[0].query
    assert query["timestamp"] == str(NOW - 3600)
    parts = sorted([DEFAULT_TOKEN, query["timestamp"], query["nonce"]])
    assert query["signature"] != hashlib.sha1("".join(parts).encode()).hexdigest()
    assert len(query["signature"]) == 40


def test_push_faults_are_counted_per_account(mock: MockWeChat, ask: Ask, client: Client) -> None:
    mock.push.fail(times=None, appid="wx0000000000000001", lose=True)
    mock.push.fail(times=2, copies=3)
    assert client.get("/_mock/push/faults") == {
        "faults": [{"appid": "wx0000000000000001", "lose": True, "times": None}, {"copies": 3, "times": 2}]
    }
    for _ in range(3):
        ask()
    assert len(mock.push.deliver()) == 3 + 3 + 1
    assert len(client.get("/_mock/push/faults")["faults"]) == 1
    client.raw("DELETE", "/_mock/push/faults")
    assert client.get("/_mock/push/faults") == {"faults": []}


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({}, "lose"),
        ({"times": 2}, "lose"),
        ({"lose": 1}, "lose"),
        ({"copies": 0}, "copies"),
        ({"delay_seconds": -1}, "delay_seconds"),
        ({"errcode": "-1008"}, "errcode"),
        ({"delay": 3}, "delay"),
    ],
)
def test_wrong_fault_is_refused_by_name(client: Client, fault: dict[str, object], field: str) -> None:
    answer = client.raw("POST", "/_mock/push/faults", json=fault)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_control_call_delivers_and_returns_pushes(ask: Ask, client: Client, receiver: Receiver) -> None:
    trace_id = ask()
    waiting = client.get("/_mock/pushes")["waiting"]
    assert waiting == [{"trace_id": trace_id, "appid": MINI.appid, "due_at": NOW + 1}]
    [push] = client.post("/_mock/push", {"trace_id": trace_id, "mode": "compat", "format": "xml"})["pushes"]
    assert (push["trace_id"], push["outcome"], push["status"], push["answer"]) == (trace_id, "accepted", 200, "success")
    assert (push["mode"], push["format"], push["body"]) == ("compat", "xml", receiver.pushes[0].body.decode())
    assert client.get("/_mock/pushes", trace_id=trace_id) == {"pushes": [push], "waiting": []}
    assert client.get("/_mock/pushes", trace_id="another") == {"pushes": [], "waiting": []}


def test_account_without_a_push_url_keeps_its_verdicts(mock: MockWeChat, ask: Ask, client: Client) -> None:
    set_up(mock, push_url=None)
    trace_id = ask()
    answer = client.raw("POST", "/_mock/push", json={})
    assert (answer.status_code, answer.json()["field"]) == (400, "url")
    assert "give url here, or push_url at /_mock/accounts" in answer.json()["error"]
    assert mock.push.waiting() == [trace_id]


@pytest.mark.parametrize("push_seconds", [5.0])
def test_mock_answers_during_a_push(mock: MockWeChat, ask: Ask, client: Client) -> None:
    """A receiver that calls WeChat before it answers must not block itself."""
    asked: list[Any] = []

    class Asking(Receiver):
        def _answer(self, request: Any) -> Response:
            with Client(mock.url) as own:
                asked.append(own.get("/_mock/state"))
            return super()._answer(request)

    with Asking() as asking:
        ask()
        assert outcomes(mock, url=asking.url) == [("accepted", 200)]
        ask()
        assert client.post("/_mock/push", {"url": asking.url})["pushes"][0]["outcome"] == "accepted"
    assert len(asked) == 2


def test_url_check_sends_echostr_and_wants_it_back(mock: MockWeChat, client: Client) -> None:
    class Echo(Receiver):
        def _answer(self, request: Any) -> Response:
            super()._answer(request)
            return Response(request.query["echostr"].encode(), "text/plain")

    with Echo() as echo:
        assert mock.push.check_url(MINI.appid, echo.url)
        answer = client.post("/_mock/push/check", {"appid": MINI.appid, "url": echo.url})
        query = echo.gets[0].query
    assert (answer["valid"], answer["status"]) == (True, 200)
    parts = sorted([DEFAULT_TOKEN, query["timestamp"], query["nonce"]])
    assert query["signature"] == hashlib.sha1("".join(parts).encode()).hexdigest()


def test_url_that_answers_something_else_is_not_valid(mock: MockWeChat, client: Client) -> None:
    assert not mock.push.check_url(MINI.appid)
    answer = client.post("/_mock/push/check", {"appid": MINI.appid})
    assert (answer["valid"], answer["outcome"], answer["status"]) == (False, "refused", 404)


def test_missing_cryptography_is_reported(mock: MockWeChat, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "cryptography.hazmat.primitives.ciphers", None)
    ask()
    [push] = mock.push.deliver(mode="secure")
    assert (push.outcome, push.body) == ("unsent", "")
    assert str(push.detail).startswith("encryption of pushes needs the extra 'push' (")


def test_reset_forgets_pushes_and_faults(mock: MockWeChat, ask: Ask) -> None:
    ask()
    mock.push.deliver()
    mock.push.fail(lose=True, times=None)
    ask()
    mock.reset()
    assert (mock.push.waiting(), mock.push.log()) == ([], [])
    with pytest.raises(ValueError, match="no effect"):
        mock.push.fail()


def test_stop_cuts_a_running_push(mock: MockWeChat, ask: Ask, receiver: Receiver) -> None:
    set_up(mock, push_url="http://127.0.0.1:1/")
    receiver.answers.append(Response(b"", "text/plain", delivery=Delivery(delay_seconds=600)))
    ask()
    set_up(mock, push_url=receiver.url)
    mock.clock.advance(1)
    receiver.wait_for(1)
    mock.stop()
    assert len(receiver.pushes) == 1
