"""Files of each format that WeChat knows, and forms that carry them."""

from typing import Any

from mock_wechat import MockWeChat
from mock_wechat.state.media import Media

from .client import Client

PNG, JPG, GIF, BMP = b"\x89PNG\r\n\x1a\n" + bytes(9), b"\xff\xd8\xff" + bytes(9), b"GIF89a" + bytes(9), b"BM" + bytes(9)
AMR, MP3, MP3_FRAME = b"#!AMR\n" + bytes(9), b"ID3" + bytes(9), b"\xff\xfb\x90\x00"
WAV, WMA = b"RIFF\x00\x00\x00\x00WAVE", bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
MP4 = b"\x00\x00\x00\x18ftypmp42"

KB, MB = 1024, 1024 * 1024


def upload(
    client: Client, token: str, kind: str, content: bytes, path: str = "/cgi-bin/media/upload", **form: str
) -> Any:
    """Upload a file as `curl -F media=@a.bin` does; `form` are further fields."""
    query = {"access_token": token, "type": kind}
    return client.raw("POST", path, params=query, files={"media": ("a.bin", content)}, data=form).json()


def add_material(client: Client, token: str, kind: str = "image", content: bytes = PNG, **form: str) -> Any:
    return upload(client, token, kind, content, "/cgi-bin/material/add_material", **form)


def store(mock: MockWeChat, appid: str, media_id: str) -> None:
    """A permanent image whose media_id the test chooses."""
    image = Media(1, mock.clock(), appid, media_id, "image", "a.png", "image/png", PNG, permanent=True)
    mock._state.media.add(image)
