"""/cgi-bin/material/* by WeChat's documents 上传永久素材, 获取永久素材, 删除永久素材 ..."""

import re
from typing import Any

import pytest

from .client import NOW, Client, FakeClock
from .files import AMR, BMP, GIF, JPG, KB, MB, MP3_FRAME, MP4, PNG, WAV, WMA, add_material, upload

DESCRIPTION = '{"title":"猫","introduction":"Two cats"}'


@pytest.fixture
def token(client: Client) -> str:
    value: str = client.token()["access_token"]
    return value


def post(client: Client, token: str, name: str, **asked: object) -> Any:
    return client.raw("POST", f"/cgi-bin/material/{name}", params={"access_token": token}, json=asked)


def test_image_has_a_url_with_escaped_slashes(client: Client, token: str) -> None:
    query, files = {"access_token": token, "type": "image"}, {"media": ("a.gif", GIF)}
    answer = client.raw("POST", "/cgi-bin/material/add_material", params=query, files=files)
    url = rb"http:\\/\\/mmbiz\.qpic\.cn\\/mmbiz_gif\\/[\w-]{64}\\/0\?wx_fmt=gif"
    assert re.fullmatch(rb'\{"media_id":"[\w-]{64}","url":"' + url + rb'","item":\[\]\}', answer.content)


@pytest.mark.parametrize(
    ("kind", "content"), [("image", BMP), ("voice", AMR), ("voice", WAV), ("voice", WMA), ("thumb", JPG)]
)
def test_material_outlives_the_three_days(
    client: Client, clock: FakeClock, token: str, kind: str, content: bytes
) -> None:
    media_id = add_material(client, token, kind, content)["media_id"]
    clock.advance(30 * 86400)
    answer = post(client, client.token()["access_token"], "get_material", media_id=media_id)
    assert answer.content == content
    assert answer.headers["Content-disposition"].startswith("attachment; filename=")


def test_video_has_texts_and_an_address(client: Client, token: str) -> None:
    media_id = add_material(client, token, "video", MP4, description=DESCRIPTION)["media_id"]
    answer = post(client, token, "get_material", media_id=media_id).json()
    assert (answer["title"], answer["description"]) == ("猫", "Two cats")
    assert client.raw("GET", answer["down_url"][answer["down_url"].index("/cgi-bin/") :]).content == MP4


@pytest.mark.parametrize(
    ("kind", "content", "form", "errcode"),
    [
        ("video", MP4, {}, 41005),
        ("video", MP4, {"description": "[]"}, 41005),
        ("video", PNG, {"description": DESCRIPTION}, 40005),
        ("news", PNG, {}, 40004),
        ("thumb", JPG.ljust(64 * KB + 1), {}, 40006),
        ("voice", MP3_FRAME.ljust(2 * MB + 1), {}, 40006),
    ],
    ids=["no description", "list", "no video", "type", "thumb size", "voice size"],
)
def test_wrong_material_is_named(
    client: Client, token: str, kind: str, content: bytes, form: dict[str, str], errcode: int
) -> None:
    assert add_material(client, token, kind, content, **form)["errcode"] == errcode


def test_temporary_and_permanent_ids_differ(client: Client, token: str) -> None:
    temporary = upload(client, token, "image", PNG)["media_id"]
    permanent = add_material(client, token)["media_id"]
    for name in ("get_material", "del_material"):
        assert post(client, token, name, media_id=temporary).json()["errcode"] == 40007
    assert client.get("/cgi-bin/media/get", access_token=token, media_id=permanent)["errcode"] == 40007


def test_deleted_material_is_gone(client: Client, token: str) -> None:
    media_id = add_material(client, token)["media_id"]
    assert post(client, token, "del_material", media_id=media_id).json() == {"errcode": 0, "errmsg": "ok"}
    for name in ("get_material", "del_material"):
        assert post(client, token, name, media_id=media_id).json()["errcode"] == 40007


def test_material_is_counted_and_listed_newest_first(client: Client, token: str) -> None:
    ids = [add_material(client, token, "image", content)["media_id"] for content in (PNG, JPG, GIF)]
    add_material(client, token, "video", MP4, description=DESCRIPTION)
    upload(client, token, "voice", AMR)
    counts = client.get("/cgi-bin/material/get_materialcount", access_token=token)
    assert counts == {"voice_count": 0, "video_count": 1, "image_count": 3, "news_count": 0}
    page = post(client, token, "batchget_material", type="image", offset=1, count=20).json()
    assert (page["total_count"], page["item_count"]) == (3, 2)
    assert [item["media_id"] for item in page["item"]] == [ids[1], ids[0]]
    assert {name: page["item"][0][name] for name in ("name", "update_time")} == {"name": "a.bin", "update_time": NOW}
    assert page["item"][0]["url"].startswith("http://mmbiz.qpic.cn/mmbiz_jpg/")
    videos = post(client, token, "batchget_material", type="video", offset=0, count=1).json()["item"]
    assert [list(item) for item in videos] == [["media_id", "name", "update_time", "tags"]]


@pytest.mark.parametrize(
    ("asked", "errcode"),
    [
        ({"type": "file", "offset": 0, "count": 1}, 40004),
        ({"type": "image", "offset": 0, "count": 0}, 40097),
        ({"type": "image", "offset": 0, "count": 21}, 40097),
        ({"type": "image", "offset": -1, "count": 1}, 40097),
        ({"type": "image", "offset": 10**400, "count": 1}, 40097),
        ({"type": ["image"]}, 40004),
    ],
)
def test_wrong_list_is_named(client: Client, token: str, asked: dict[str, object], errcode: int) -> None:
    assert post(client, token, "batchget_material", **asked).json()["errcode"] == errcode


def test_mini_programs_only_get_material(client: Client, mini_token: str) -> None:
    assert add_material(client, mini_token)["errcode"] == 48001
    assert post(client, mini_token, "get_material", media_id="x").json()["errcode"] == 40007
    assert (
        client.raw("POST", "/cgi-bin/material/get_material", params={"access_token": mini_token}).json()["errcode"]
        == 44002
    )
