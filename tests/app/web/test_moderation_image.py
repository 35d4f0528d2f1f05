"""The endpoint for images: WeChat gets what it checks, whatever the format of the upload."""

import io
from typing import Any

import pytest
from PIL import Image

from app.services import Services
from mock_wechat import MINI, MockWeChat
from tests.app.moderation.images.pictures import BLUE, RED, WHITE, Colour, animated, gif, plain, saved, shades
from tests.app.web.conftest import Caller, problem

IMAGE, CHECK = "/api/moderation/image", "/wxa/img_sec_check"


@pytest.fixture(autouse=True)
def warm(services: Services) -> None:
    """There is a token: threads that wait for one would turn the fake clock."""
    services.for_account(services.accounts.first("mini")).access_token.get()


def part(content: bytes, name: str = "image.png") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def strip(colour: Colour) -> bytes:
    """A long screenshot with one screenful of that colour."""
    image = Image.new("RGB", (1080, 11_000), WHITE)
    image.paste(colour, (0, 5_000, 1080, 5_000 + 1920))
    return saved(image, "PNG")


def noise(size: tuple[int, int]) -> bytes:
    """An image that is hard to compress."""
    return saved(Image.effect_noise(size, 80).convert("RGB"), "PNG")


PICTURES = {
    "small png": lambda colour: plain("PNG", (60, 40), colour),
    "gif with only the last frame": lambda colour: animated("GIF", [*shades(20), colour]),
    "1080 x 11000 strip": strip,
}


@pytest.mark.parametrize("kind", PICTURES)
def test_red_is_risky_and_blue_passes_in_every_format(caller: Caller, wechat: MockWeChat, kind: str) -> None:
    for colour, suggest in ((RED, "risky"), (BLUE, "pass")):
        by_body = caller.post(IMAGE, data=PICTURES[kind](colour)).get_json()
        assert (by_body["suggest"], by_body["api"], by_body["checked"]) == (suggest, "img_sec_check/1", True)
        assert by_body["label"] is None
    assert {call.errcode for call in wechat.calls(CHECK)} == {0, 87014}
    assert not any(call.notes for call in wechat.calls(CHECK))


def test_part_and_body_are_the_same_whatever_they_are_called(caller: Caller, wechat: MockWeChat) -> None:
    image = plain("PNG", (60, 40), RED)
    verdicts = [
        caller.post(IMAGE, data={"anything": part(image, "屏幕.txt")}),
        caller.post(IMAGE, data=image),
        caller.post(IMAGE, data=image, content_type="application/json"),
        caller.post(IMAGE, data=image, content_type="application/x-www-form-urlencoded"),
        caller.post(IMAGE, data=image, content_type="image/webp"),
        caller.post(IMAGE, data=image, content_type="application/octet-stream"),
    ]
    assert [verdict.get_json()["suggest"] for verdict in verdicts] == ["risky"] * 6
    assert [verdict.get_json()["cached"] for verdict in verdicts] == [False] + [True] * 5
    assert len(wechat.calls(CHECK)) == 1


def test_image_is_sent_as_a_file_part_with_a_length(caller: Caller, wechat: MockWeChat) -> None:
    caller.post(IMAGE, data={"x": part(plain("PNG", (60, 40), BLUE), "屏幕.exe")})
    (call,) = wechat.calls(CHECK)
    assert call.headers["content-length"] == str(call.body_length)
    assert "transfer-encoding" not in call.headers
    assert call.headers["content-type"].startswith("multipart/form-data; boundary=")


def test_verdict_lists_the_sent_images(caller: Caller) -> None:
    verdict = caller.post(IMAGE, data=plain("PNG", (3000, 2000), BLUE)).get_json()
    (sent,) = verdict["sent"]
    assert (sent["width"], sent["height"], sent["content_type"]) == (750, 500, "image/jpeg")
    assert 0 < sent["bytes"] <= 1_000_000
    assert "frames" not in verdict


def test_verdict_on_an_animation_says_how_many_frames_were_seen(caller: Caller, wechat: MockWeChat) -> None:
    verdict = caller.post(IMAGE, data=animated("GIF", shades(21))).get_json()
    assert (verdict["frames"], verdict["frames_checked"]) == (21, 8)
    assert len(verdict["sent"]) == len(wechat.calls(CHECK)) == 8


def test_endless_strip_is_for_a_person_to_look_at(caller: Caller, wechat: MockWeChat) -> None:
    verdict = caller.post(IMAGE, data=plain("PNG", (100, 30_000), BLUE)).get_json()
    assert (verdict["suggest"], verdict["checked"]) == ("review", False)
    assert wechat.calls(CHECK) == []


NO_PICTURES: dict[str, tuple[bytes, int, str]] = {
    "empty": (b"", 400, "parameter-wrong"),
    "truncated": (noise((300, 300))[:20_000], 400, "image-unreadable"),
    "text": (b"GET / HTTP/1.1", 400, "image-unreadable"),
    "decompression bomb": (plain("PNG", (20_000, 20_000), 0, "1"), 413, "image-too-large"),
    "too many frames": (gif((10, 10), 301), 413, "image-too-large"),
    "too many bytes": (bytes(10 * 1024 * 1024 + 1), 413, "body-too-large"),
}


@pytest.mark.parametrize("kind", NO_PICTURES)
def test_unusable_image_is_refused_and_not_sent(caller: Caller, wechat: MockWeChat, kind: str) -> None:
    content, status, slug = NO_PICTURES[kind]
    problem(caller.post(IMAGE, data=content), status, slug)
    if len(content) < 500_000:  # larger ones make the test client leave a file open
        problem(caller.post(IMAGE, data={"media": part(content)}), status, slug)
    assert wechat.calls(CHECK) == []


def test_refused_token_costs_one_refetch_and_the_image_arrives_whole_both_times(
    caller: Caller, wechat: MockWeChat
) -> None:
    image = noise((580, 600))
    caller.post("/api/moderation/text", {"content": "x"})
    wechat.revoke(MINI.appid, "stable_token")
    verdict = caller.post(IMAGE, data=image).get_json()
    assert verdict["suggest"] == "pass"
    refused, accepted = wechat.calls(CHECK)
    assert (refused.errcode, accepted.errcode) == (40001, 0)
    assert refused.body_length == accepted.body_length > verdict["sent"][0]["bytes"] > 100_000
    assert len(wechat.calls("/cgi-bin/stable_token")) == 2


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
def test_multipart_needs_exactly_one_image(caller: Caller, parts: dict[str, Any], said: str) -> None:
    response = caller.post(IMAGE, data=parts, content_type="multipart/form-data")
    assert said in problem(response, 400, "parameter-wrong")["detail"]


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=x"]
)
def test_broken_multipart_is_no_image(caller: Caller, content_type: str) -> None:
    problem(caller.post(IMAGE, data=b"no parts at all", content_type=content_type), 400, "parameter-wrong")
