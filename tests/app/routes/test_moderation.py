"""The doors for content checks."""

import io
from typing import Any

import pytest
from PIL import Image

from mock_wechat import MockWeChat
from tests.app.routes.conftest import Caller, problem

OFFICIAL_TEST_STRING = "完2347全dfji试3726测asad感3847知qwez到"
TEXT, IMAGE = "/api/moderation/text", "/api/moderation/image"


def picture(colour: str, size: int = 40) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (size, size), colour).save(content, "PNG")
    return content.getvalue()


def part(content: bytes, name: str = "picture.png") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def verdict(suggest: str, api: str) -> dict[str, Any]:
    return {"suggest": suggest, "label": None, "label_name": None, "api": api, "checked": True, "cached": False}


def test_text_gets_a_verdict(caller: Caller) -> None:
    good, bad = caller.post(TEXT, {"content": "你好"}), caller.post(TEXT, {"content": OFFICIAL_TEST_STRING})
    assert (good.status_code, good.get_json()) == (200, verdict("pass", "msg_sec_check/1"))
    assert (bad.status_code, bad.get_json()) == (200, verdict("risky", "msg_sec_check/1"))


def test_image_gets_a_verdict_as_a_part_or_as_the_body(caller: Caller) -> None:
    for colour, suggest in (("red", "risky"), ("blue", "pass")):
        by_part = caller.post(IMAGE, data={"anything": part(picture(colour))})
        by_body = caller.post(IMAGE, data=picture(colour))
        assert by_part.get_json() == by_body.get_json() == verdict(suggest, "img_sec_check/1")


def test_mini_program_is_asked_for_unless_another_account_is_named(caller: Caller, wechat: MockWeChat) -> None:
    caller.post(TEXT, {"content": "x"})
    problem(caller.post(TEXT, {"content": "x", "account": "default"}), 502, "wechat-refused")
    assert [call.appid for call in wechat.calls("/wxa/msg_sec_check")] == ["wx0000000000000002", "wx0000000000000001"]


def test_refused_token_costs_one_refetch_and_the_image_arrives_whole_both_times(
    caller: Caller, wechat: MockWeChat
) -> None:
    image = picture("blue") + bytes(500_000)
    caller.post(TEXT, {"content": "x"})
    wechat.revoke("wx0000000000000002", "stable_token")
    assert caller.post(IMAGE, data=image).get_json()["suggest"] == "pass"
    refused, accepted = wechat.calls("/wxa/img_sec_check")
    assert (refused.errcode, accepted.errcode) == (40001, 0)
    assert refused.body_length == accepted.body_length > 500_000
    assert len(wechat.calls("/cgi-bin/stable_token")) == 2


def test_content_that_wechat_would_pass_unread_is_refused(caller: Caller, wechat: MockWeChat) -> None:
    problem(caller.post(TEXT, {"content": "中" * 170_000}), 400, "parameter-wrong")
    assert wechat.calls("/wxa/msg_sec_check") == []


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({}, "0 file parts"),
        ({"media": part(b"")}, "empty"),
        ({"media": "no file"}, "no file, 'media'"),
        ({"a": part(b"x"), "b": "text"}, "no file, 'b'"),
        ({"a": part(b"x"), "b": part(b"y")}, "2 file parts"),
        ({"a": [part(b"x"), part(b"y")]}, "2 file parts"),
    ],
)
def test_multipart_without_exactly_one_image_is_told_so(caller: Caller, parts: dict[str, Any], said: str) -> None:
    response = caller.post(IMAGE, data=parts, content_type="multipart/form-data")
    assert said in problem(response, 400, "parameter-wrong")["detail"]


def test_empty_body_is_no_image(caller: Caller) -> None:
    assert "empty" in problem(caller.post(IMAGE), 400, "parameter-wrong")["detail"]


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=x"]
)
def test_broken_multipart_is_no_image(caller: Caller, content_type: str) -> None:
    problem(caller.post(IMAGE, data=b"no parts at all", content_type=content_type), 400, "parameter-wrong")
