"""/cgi-bin/media/* by WeChat's documents 新增临时素材, 获取临时素材, 获取高清语音素材, 上传图文消息图片."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from mock_wechat import MockWeChat
from mock_wechat.state import media

from .client import MINI, NOW, OFFICIAL, Client, FakeClock
from .files import AMR, GIF, JPG, KB, MB, MP3, MP3_FRAME, MP4, PNG, WAV, upload

UPLOADIMG = "/cgi-bin/media/uploadimg"


@pytest.fixture
def token(client: Client) -> str:
    value: str = client.token()["access_token"]
    return value


def get(client: Client, token: str, media_id: object, path: str = "/cgi-bin/media/get") -> Any:
    return client.raw("GET", path, params={"access_token": token, "media_id": media_id})


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("image", PNG),
        ("image", JPG),
        ("image", GIF),
        ("voice", AMR),
        ("voice", MP3),
        ("voice", MP3_FRAME),
        ("video", MP4),
    ],
)
@pytest.mark.parametrize("account", [OFFICIAL, MINI])
def test_upload_gives_a_media_id(client: Client, account: tuple[str, str], kind: str, content: bytes) -> None:
    answer = upload(client, client.token(account)["access_token"], kind, content)
    assert list(answer) == ["type", "media_id", "created_at", "item"]
    assert (answer["type"], answer["created_at"], answer["item"]) == (kind, NOW, [])
    assert re.fullmatch(r"[\w-]{64}", answer["media_id"])


def test_thumb_has_an_id_of_its_own_name(client: Client, token: str) -> None:
    answer = upload(client, token, "thumb", JPG)
    assert list(answer) == ["type", "thumb_media_id", "created_at", "item"]
    assert get(client, token, answer["thumb_media_id"]).content == JPG


@pytest.mark.parametrize(
    ("kind", "content", "content_type", "extension"),
    [("image", JPG, "image/jpeg", "jpg"), ("image", PNG, "image/png", "png"), ("voice", AMR, "audio/amr", "amr")],
)
def test_file_comes_back(
    client: Client, token: str, kind: str, content: bytes, content_type: str, extension: str
) -> None:
    media_id = upload(client, token, kind, content)["media_id"]
    answer = get(client, token, media_id)
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["Content-Type"] == content_type
    assert answer.headers["Content-disposition"] == f'attachment; filename="{media_id}.{extension}"'


def test_video_answers_where_it_is(client: Client, token: str) -> None:
    media_id = upload(client, token, "video", MP4)["media_id"]
    answer = get(client, token, media_id).json()
    assert list(answer) == ["video_url"]
    base, _, path = answer["video_url"].partition("/cgi-bin/")
    assert base == client.raw("GET", "/").url.rstrip("/")
    video = client.raw("GET", f"/cgi-bin/{path}")
    assert (video.content, video.headers["Content-Type"]) == (MP4, "video/mp4")
    assert client.raw("GET", "/cgi-bin/snsvideodownload?filekey=x").status_code == 404


def test_media_lives_three_days(client: Client, mock: MockWeChat, clock: FakeClock, token: str) -> None:
    media_id = upload(client, token, "image", PNG)["media_id"]
    clock.advance(3 * 86400 - 1)
    assert get(client, client.token()["access_token"], media_id).content == PNG
    clock.advance(1)
    assert get(client, client.token()["access_token"], media_id).json()["errcode"] == 40007
    assert mock.media()[0].content == PNG


def test_media_of_another_account_is_40007(client: Client, token: str, mini_token: str) -> None:
    media_id = upload(client, token, "image", PNG)["media_id"]
    assert get(client, mini_token, media_id).json()["errcode"] == 40007


@pytest.mark.parametrize(
    ("kind", "content", "errcode"),
    [
        ("file", PNG, 40004),
        ("", PNG, 40004),
        ("image", b"", 41005),
        ("image", b"hello", 40005),
        ("image", MP4, 40005),
        ("voice", WAV, 40005),
        ("video", AMR, 40005),
        ("thumb", PNG, 40005),
        ("image", PNG.ljust(10 * MB + 1), 40006),
        ("voice", MP3_FRAME.ljust(2 * MB + 1), 40006),
        ("thumb", JPG.ljust(64 * KB + 1), 40006),
    ],
    ids=lambda value: value[:8] if isinstance(value, bytes) else None,
)
def test_wrong_upload_is_named(client: Client, token: str, kind: str, content: bytes, errcode: int) -> None:
    assert upload(client, token, kind, content)["errcode"] == errcode


def test_upload_may_have_the_greatest_size(client: Client, token: str) -> None:
    assert "media_id" in upload(client, token, "voice", MP3_FRAME.ljust(2 * MB))


def test_type_may_be_a_field_of_the_form(client: Client, token: str) -> None:
    assert upload(client, token, "", PNG, type="image")["type"] == "image"


@pytest.mark.parametrize("body", [b"", b'{"media":"x"}', b"media=x"])
def test_without_a_form_it_is_41005(client: Client, token: str, body: bytes) -> None:
    query = {"access_token": token, "type": "image"}
    for path in ("/cgi-bin/media/upload", UPLOADIMG, "/cgi-bin/material/add_material"):
        assert client.raw("POST", path, params=query, data=body).json()["errcode"] == 41005


def test_streamed_upload_gets_http_412(client: Client, token: str) -> None:
    def chunks() -> Iterator[bytes]:
        yield PNG

    for path in ("/cgi-bin/media/upload", UPLOADIMG, "/cgi-bin/material/add_material"):
        assert client.raw("POST", path, params={"access_token": token}, data=chunks()).status_code == 412


def test_jssdk_gives_voices_only(client: Client, token: str, mini_token: str) -> None:
    voice, image = (upload(client, token, kind, file)["media_id"] for kind, file in (("voice", AMR), ("image", PNG)))
    path = "/cgi-bin/media/get/jssdk"
    assert get(client, token, voice, path).content == AMR
    assert get(client, token, image, path).json()["errcode"] == 40007
    assert get(client, mini_token, voice, path).json()["errcode"] == 48001


def test_media_id_is_needed(client: Client, token: str) -> None:
    assert client.get("/cgi-bin/media/get", access_token=token)["errcode"] == 41006


def test_image_of_an_article_has_a_url_with_escaped_slashes(client: Client, token: str) -> None:
    query, files = {"access_token": token}, {"media": ("a.png", PNG)}
    answer = client.raw("POST", UPLOADIMG, params=query, files=files)
    assert re.fullmatch(rb'\{"url":"http:\\/\\/mmbiz\.qpic\.cn\\/mmbiz_png\\/[\w-]{64}\\/0"\}', answer.content)
    url = answer.json()["url"]
    assert get(client, token, url).json()["errcode"] == 40007
    assert client.raw("GET", "/_mock/media", params={"media_id": url}).content == PNG


@pytest.mark.parametrize(("content", "errcode"), [(GIF, 40005), (PNG.ljust(MB + 1), 40009)], ids=["gif", "size"])
def test_wrong_image_of_an_article_is_named(client: Client, token: str, content: bytes, errcode: int) -> None:
    assert upload(client, token, "", content, UPLOADIMG)["errcode"] == errcode


def test_uploads_can_be_asked_for(client: Client, token: str) -> None:
    media_id = upload(client, token, "image", PNG)["media_id"]
    upload(client, token, "thumb", JPG, "/cgi-bin/material/add_material")
    first, second = client.get("/_mock/media")["media"]
    about = {"id": 1, "at": NOW, "appid": OFFICIAL[0], "media_id": media_id}
    assert first == about | {"type": "image", "filename": "a.bin", "bytes": len(PNG), "permanent": False}
    assert (second["id"], second["type"], second["permanent"]) == (2, "thumb", True)
    assert client.get("/_mock/media", newest=1)["media"] == [second]
    file = client.raw("GET", "/_mock/media", params={"media_id": media_id})
    assert (file.content, file.headers["Content-Type"]) == (PNG, "image/png")
    assert client.raw("GET", "/_mock/media?media_id=x").json()["field"] == "media_id"


def test_oldest_files_are_dropped(
    client: Client, token: str, mock: MockWeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "MAX_BYTES", 2 * len(PNG))
    ids = [upload(client, token, "image", PNG)["media_id"] for _ in range(3)]
    assert [kept.media_id for kept in mock.media()] == ids[1:]
    assert get(client, token, ids[0]).json()["errcode"] == 40007
