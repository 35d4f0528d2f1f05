"""/wxa/img_sec_check by WECHAT.md 4: the image must be a real file part."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from mock_wechat import MockWeChat

from .client import Client

RED, BLUE = (255, 0, 0), (0, 0, 255)
OK = {"errcode": 0, "errmsg": "ok"}


def image_file(
    colour: tuple[int, int, int] = BLUE, size: tuple[int, int] = (40, 30), encoding: str = "PNG", mode: str = "RGB"
) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).convert(mode).save(file, encoding)
    return file.getvalue()


def check(client: Client, token: str, **how: Any) -> Any:
    return client.raw("POST", "/wxa/img_sec_check", params={"access_token": token}, **how).json()


def multipart(disposition: str, content: bytes, shown: str = "xx") -> dict[str, Any]:
    """A hand-made body, with a Content-Type that may show another boundary than the body has."""
    head = f"--xx\r\nContent-Disposition: {disposition}\r\nContent-Type: image/png\r\n\r\n"
    body = head.encode() + content + b"\r\n--xx--\r\n"
    return {"data": body, "headers": {"Content-Type": f"multipart/form-data; boundary={shown}"}}


@pytest.mark.parametrize("encoding", ["PNG", "JPEG", "GIF"])
def test_harmless_image_passes(client: Client, mini_token: str, mock: MockWeChat, encoding: str) -> None:
    assert check(client, mini_token, files={"media": ("a", image_file(encoding=encoding))}) == OK
    assert mock.calls("/wxa/img_sec_check")[-1].notes == ()


@pytest.mark.parametrize(
    "image",
    [
        image_file(RED),
        image_file(RED, encoding="JPEG"),
        image_file((254, 2, 1), size=(750, 1334), encoding="JPEG"),
        image_file(RED, size=(1, 1)),
        image_file(RED, encoding="GIF", mode="P"),
        image_file(RED, mode="RGBA"),
    ],
    ids=["png", "jpeg", "rescaled", "dot", "palette", "alpha"],
)
def test_pure_red_is_risky_in_any_size_and_encoding(client: Client, mini_token: str, image: bytes) -> None:
    answer = check(client, mini_token, files={"media": ("a.png", image)})
    assert answer["errcode"] == 87014
    assert answer["errmsg"].startswith("risky content rid: ")


def test_file_part_may_have_any_name_and_position(client: Client, mini_token: str) -> None:
    files = {"note": (None, "hello"), "buffer": ("a.png", image_file(RED))}
    assert check(client, mini_token, files=files)["errcode"] == 87014


@pytest.mark.parametrize(
    "how",
    [
        {"files": {"media": (None, image_file())}},
        {"files": {"media": ("a.png", b"")}},
        {"data": {"media": "text"}},
        {"data": b""},
        multipart('form-data; name="media"', image_file()),
        multipart('form-data; name="media"; filename=""', image_file()),
        multipart('form-data; name="media"; filename="a.png"', image_file(), shown='"xx"'),
        multipart('form-data; name="media"; filename="a.png"', image_file(), shown="yy"),
        {"data": b"--xx--\r\n", "headers": {"Content-Type": "multipart/form-data; boundary=xx"}},
        {"data": image_file(), "headers": {"Content-Type": "multipart/form-data"}},
    ],
    ids=[
        "string", "empty file", "urlencoded", "nothing", "no filename", "empty filename", "quoted boundary",
        "other boundary", "no part", "no boundary",
    ],
)  # fmt: skip
def test_without_a_file_it_is_41005(client: Client, mini_token: str, how: dict[str, Any]) -> None:
    answer = check(client, mini_token, **how)
    assert answer["errcode"] == 41005
    assert answer["errmsg"].startswith("media data missing rid: ")


def test_opaque_body_is_accepted_but_not_checked(client: Client, mini_token: str, mock: MockWeChat) -> None:
    how = {"data": image_file(RED), "headers": {"Content-Type": "application/octet-stream"}}
    assert check(client, mini_token, **how) == OK
    assert mock.calls("/wxa/img_sec_check")[-1].notes == ("unchecked",)


def test_more_than_a_megabyte_is_40006(client: Client, mini_token: str) -> None:
    room = 1024 * 1024 - len(image_file())
    assert check(client, mini_token, files={"media": ("a.png", image_file() + bytes(room))}) == OK
    assert check(client, mini_token, files={"media": ("a.png", image_file() + bytes(room + 1))})["errcode"] == 40006


@pytest.mark.parametrize("size", [(751, 10), (10, 1335), (20_000, 20_000)])
def test_too_many_pixels_are_40006(client: Client, mini_token: str, size: tuple[int, int]) -> None:
    gif_header = b"GIF89a" + size[0].to_bytes(2, "little") + size[1].to_bytes(2, "little") + b"\x80\0\0"
    image = gif_header + b"\0\0\0\xff\xff\xff" + b",\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"
    answer = check(client, mini_token, files={"media": ("a.gif", image)})
    assert answer["errcode"] == 40006
    assert answer["errmsg"].startswith("invalid media size rid: ")


@pytest.mark.parametrize(
    "file", [b"hello", image_file(encoding="BMP"), image_file()[:-30], b"GIF89a", b"\xff\xd8\xff"], ids=repr
)
def test_non_image_is_40004(client: Client, mini_token: str, file: bytes) -> None:
    answer = check(client, mini_token, files={"media": ("a.png", file)})
    assert answer["errcode"] == 40004
    assert answer["errmsg"].startswith("invalid media type rid: ")


def test_streamed_body_gets_http_412(client: Client, mini_token: str) -> None:
    def chunks() -> Iterator[bytes]:
        yield image_file()

    answer = client.raw("POST", "/wxa/img_sec_check", params={"access_token": mini_token}, data=chunks())
    assert answer.status_code == 412
