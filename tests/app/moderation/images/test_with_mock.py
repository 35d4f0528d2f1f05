"""Fitted images at the mock: the colour that it judges by survives, and it takes every part."""

from collections.abc import Callable, Iterator

import pytest
import requests
from PIL import Image

import mock_wechat
from app.moderation.images import Part, fit
from tests.app.moderation.images.pictures import BLUE, RED, WHITE, Colour, animated, plain, saved, shades

API = "https://api.weixin.qq.com"
CHECK = f"{API}/wxa/img_sec_check"


@pytest.fixture
def token() -> Iterator[str]:
    with mock_wechat.intercept():
        secret = {"appid": "wx0000000000000002", "secret": "mock-mini-secret"}
        answer = requests.post(
            f"{API}/cgi-bin/stable_token", json={"grant_type": "client_credential", **secret}, timeout=5
        )
        yield answer.json()["access_token"]


def errcode(token: str, part: Part) -> int:
    files = {"media": (part.filename, part.content, part.content_type)}
    return int(requests.post(CHECK, params={"access_token": token}, files=files, timeout=5).json()["errcode"])


def strip(colour: Colour, top: int) -> bytes:
    image = Image.new("RGB", (1080, 11_000), WHITE)
    image.paste(colour, (0, top, 1080, top + 1920))
    return saved(image, "PNG")


Painter = Callable[[tuple[int, int, int]], bytes]
OTHERS = shades(40)

IMAGES: dict[str, Painter] = {
    "4000 x 3000 png": lambda colour: plain("PNG", (4000, 3000), colour),
    "jpeg": lambda colour: plain("JPEG", (3000, 2000), colour),
    "cmyk jpeg": lambda colour: plain("JPEG", (800, 600), (*(255 - level for level in colour), 0), "CMYK"),
    "webp": lambda colour: plain("WEBP", (800, 600), colour),
    "avif": lambda colour: plain("AVIF", (800, 600), colour, speed=10),
    "heic": lambda colour: plain("HEIF", (400, 300), colour),
    "small webp": lambda colour: plain("WEBP", (40, 30), colour),
    "alpha": lambda colour: plain("PNG", (800, 600), (*colour, 250), "RGBA"),
    "bmp": lambda colour: plain("BMP", (800, 600), colour),
    "last frame of a gif": lambda colour: animated("GIF", [*OTHERS, colour]),
    "last frame of a webp": lambda colour: animated("WEBP", [*OTHERS, colour]),
    "last frame of an apng": lambda colour: animated("PNG", [*OTHERS, colour]),
    "first frame of a gif": lambda colour: animated("GIF", [colour, *OTHERS]),
    "strip": lambda colour: strip(colour, 4321),
}


@pytest.mark.parametrize("kind", IMAGES)
def test_red_image_is_risky_in_every_format(token: str, kind: str) -> None:
    answers = [errcode(token, part) for part in fit(IMAGES[kind](RED)).parts]
    assert 87014 in answers
    assert set(answers) <= {0, 87014}


@pytest.mark.parametrize("kind", IMAGES)
def test_blue_image_passes_and_wechat_takes_every_part(token: str, kind: str) -> None:
    assert {errcode(token, part) for part in fit(IMAGES[kind](BLUE)).parts} == {0}
