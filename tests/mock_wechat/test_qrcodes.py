"""QR codes with a scene, and those of mini programs (documents 生成带参数的二维码, 获取小程序码 ...)."""

import io
import sys
from base64 import b64decode
from typing import Any

import pytest
import requests
import segno
from PIL import Image

from mock_wechat import MockWeChat, intercept
from mock_wechat.api import qrcodes, wxacodes

from .client import MINI, NOW, Client, FakeClock

DAY = 86400


@pytest.fixture
def token(client: Client) -> str:
    value: str = client.token()["access_token"]
    return value


def create(client: Client, token: str, action: str, scene: object, **more: object) -> Any:
    asked = {"action_name": action, "action_info": {"scene": scene}, **more}
    return client.post("/cgi-bin/qrcode/create", asked, access_token=token)


def show(client: Client, ticket: object) -> requests.Response:
    return client.raw("GET", "/cgi-bin/showqrcode", params={"ticket": ticket})


def draw(client: Client, token: str, path: str, /, **asked: object) -> requests.Response:
    return client.raw("POST", path, params={"access_token": token}, json=asked)


def modules(image: Image.Image, count: int) -> list[bytes]:
    """The modules of a centred QR code, 1 for dark, as its middle pixels show them."""
    scale = image.width // (count + 8)
    start = (image.width - count * scale) // 2 + scale // 2
    spots = [start + scale * index for index in range(count)]
    return [bytes(image.getpixel((x, y)) < 128 for x in spots) for y in spots]  # type: ignore[operator]  # a grey image


def assert_shows(content: bytes, text: str, width: int) -> None:
    image = Image.open(io.BytesIO(content))
    assert (image.format, image.size) == ("JPEG", (width, width))
    expected = segno.make_qr(text.encode(), error="l", mask=2).matrix
    assert modules(image, len(expected)) == [bytes(row) for row in expected]


def test_temporary_code(client: Client, token: str) -> None:
    answer = create(client, token, "QR_SCENE", {"scene_id": 123}, expire_seconds=1800)
    assert list(answer) == ["ticket", "expire_seconds", "url"]
    assert answer["expire_seconds"] == 1800
    assert answer["url"].startswith("http://weixin.qq.com/q/02")
    ticket = b64decode(answer["ticket"], validate=True)
    assert ticket[:2] == b"\x81\x01"
    assert ticket[14:] == answer["url"].encode() + b"\0\2\4" + NOW.to_bytes(4, "little") + b"\3\4\x08\x07\0\0"


def test_slashes_of_the_url_are_escaped(client: Client, token: str) -> None:
    asked = {"action_name": "QR_LIMIT_SCENE", "action_info": {"scene": {"scene_id": 1}}}
    answer = client.raw("POST", "/cgi-bin/qrcode/create", params={"access_token": token}, json=asked)
    assert b'"url":"http:\\/\\/weixin.qq.com\\/q\\/02' in answer.content


def test_image_shows_the_url_until_the_end(client: Client, token: str, clock: FakeClock) -> None:
    answer = create(client, token, "QR_STR_SCENE", {"scene_str": "test"}, expire_seconds=100)
    image = show(client, answer["ticket"])
    assert (image.headers["Content-Type"], image.headers["Cache-control"]) == ("image/jpg", "max-age=604800")
    assert_shows(image.content, answer["url"], 430)
    clock.advance(99)
    assert show(client, answer["ticket"]).status_code == 200
    clock.advance(1)
    assert show(client, answer["ticket"]).status_code == 404


def test_unknown_ticket_gets_http_404(client: Client) -> None:
    assert show(client, "gQx").status_code == 404
    assert client.raw("GET", "/cgi-bin/showqrcode").status_code == 404


def test_in_process_mp_weixin_answers_as_well(clock: FakeClock) -> None:
    with intercept(clock=clock, others="refuse") as mock, Client(mock.url) as client:
        ticket = create(client, client.token()["access_token"], "QR_SCENE", {"scene_id": 1})["ticket"]
        answer = requests.get("https://mp.weixin.qq.com/cgi-bin/showqrcode", params={"ticket": ticket}, timeout=5)
        assert answer.headers["Content-Type"] == "image/jpg"
        with pytest.raises(requests.ConnectionError):
            requests.get("https://mp.weixin.qq.com/s/x", timeout=5)


def test_permanent_code_stays_the_same(client: Client, token: str, clock: FakeClock) -> None:
    answer = create(client, token, "QR_LIMIT_STR_SCENE", {"scene_str": "shop 1"})
    assert list(answer) == ["ticket", "url"]
    clock.advance(400 * DAY)
    token = client.token()["access_token"]
    assert create(client, token, "QR_LIMIT_STR_SCENE", {"scene_str": "shop 1"}) == answer
    assert create(client, token, "QR_LIMIT_STR_SCENE", {"scene_str": "shop 2"}) != answer
    assert show(client, answer["ticket"]).status_code == 200


@pytest.mark.parametrize(
    ("given", "seconds"), [(None, 60), (1, 60), (61, 61), ("120", 120), (31 * DAY, 30 * DAY), (10**400, 30 * DAY)]
)
def test_life_of_a_temporary_code(client: Client, token: str, given: object, seconds: int) -> None:
    more = {} if given is None else {"expire_seconds": given}
    assert create(client, token, "QR_SCENE", {"scene_id": 1}, **more)["expire_seconds"] == seconds


@pytest.mark.parametrize(
    ("action", "scene", "errcode"),
    [
        ("QR_CARD", {"scene_id": 1}, 40052),
        (None, {"scene_id": 1}, 40052),
        ("QR_SCENE", {"scene_id": 0}, 40053),
        ("QR_SCENE", {"scene_id": 2**32}, 40053),
        ("QR_SCENE", {"scene_str": "a"}, 40053),
        ("QR_SCENE", {"scene_id": True}, 40053),
        ("QR_SCENE", "a", 40053),
        ("QR_STR_SCENE", {"scene_str": ""}, 40053),
        ("QR_LIMIT_SCENE", {"scene_id": 100_001}, 40053),
        ("QR_LIMIT_STR_SCENE", {"scene_str": "x" * 65}, 40053),
    ],
)
def test_wrong_scene_is_named(client: Client, token: str, action: Any, scene: object, errcode: int) -> None:
    assert create(client, token, action, scene)["errcode"] == errcode


@pytest.mark.parametrize(
    ("action", "scene"),
    [
        ("QR_SCENE", {"scene_id": 2**32 - 1}),
        ("QR_SCENE", {"scene_id": "7"}),
        ("QR_STR_SCENE", {"scene_str": "x" * 65}),
        ("QR_STR_SCENE", {"scene_str": "\udc80"}),
        ("QR_LIMIT_SCENE", {"scene_id": 100_000}),
        ("QR_LIMIT_STR_SCENE", {"scene_str": "中" * 64}),
    ],
)
def test_scene_is_kept_for_the_scan(
    client: Client, token: str, mock: MockWeChat, action: str, scene: dict[str, object]
) -> None:
    ticket = create(client, token, action, scene)["ticket"]
    code = mock._state.qrcodes.find(ticket, mock.clock())
    assert code
    assert str(code.scene) == str(next(iter(scene.values())))


def test_permanent_codes_are_limited(client: Client, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qrcodes, "MAX_PERMANENT", 1)
    create(client, token, "QR_LIMIT_SCENE", {"scene_id": 1})
    assert "ticket" in create(client, token, "QR_LIMIT_SCENE", {"scene_id": 1})
    assert create(client, token, "QR_LIMIT_SCENE", {"scene_id": 2})["errcode"] == 45029


UNLIMIT, CODE, QRCODE = "/wxa/getwxacodeunlimit", "/wxa/getwxacode", "/cgi-bin/wxaapp/createwxaqrcode"


def test_mini_program_codes_show_appid_and_page(client: Client, mini_token: str) -> None:
    unlimited = draw(client, mini_token, UNLIMIT, page="pages/index", scene="a=1", width=100)
    assert unlimited.headers["Content-Type"] == "image/jpeg"
    assert_shows(unlimited.content, f"{MINI[0]} pages/index?scene=a%3D1", 280)
    assert_shows(draw(client, mini_token, CODE, path="p?a=1", width=2000).content, f"{MINI[0]} p?a=1", 1280)
    assert_shows(draw(client, mini_token, QRCODE, path="p").content, f"{MINI[0]} p", 430)


@pytest.mark.parametrize(
    ("path", "asked", "errcode"),
    [
        (UNLIMIT, {"page": "p"}, 40169),
        (UNLIMIT, {"scene": "x" * 33}, 40169),
        (UNLIMIT, {"scene": "100%"}, 40129),
        (UNLIMIT, {"scene": "a", "page": "/p"}, 41030),
        (UNLIMIT, {"scene": "a", "page": "p?a=1"}, 41030),
        (UNLIMIT, {"scene": "scancode_time=1"}, 85096),
        (UNLIMIT, {"scene": "a", "env_version": "release_error"}, 40097),
        (CODE, {"path": ""}, 40159),
        (CODE, {"path": "x" * 1025}, 40159),
        (CODE, {"path": "p?scancode_time=1"}, 85096),
        (CODE, {"path": "p", "env_version": 1}, 40097),
        (QRCODE, {"path": "页" * 43}, 40159),
    ],
)
def test_wrong_code_is_json(client: Client, mini_token: str, path: str, asked: dict[str, object], errcode: int) -> None:
    answer = draw(client, mini_token, path, **asked)
    assert answer.headers["Content-Type"] == "application/json; encoding=utf-8"
    assert answer.json()["errcode"] == errcode


@pytest.mark.parametrize("path", ["\udc80", "页" * 1024], ids=["surrogate", "long"])
def test_any_path_is_drawn(client: Client, mini_token: str, path: str) -> None:
    assert draw(client, mini_token, CODE, path=path).headers["Content-Type"] == "image/jpeg"


def test_page_must_be_in_the_release(client: Client, mock: MockWeChat, mini_token: str) -> None:
    mock.add_account(*MINI, "mini", pages=["pages/index"])
    asked = {"scene": "a", "page": "pages/other"}
    assert draw(client, mini_token, UNLIMIT, **asked).json()["errcode"] == 41030
    for right in (asked | {"check_path": False}, asked | {"page": "pages/index"}, {"scene": "a"}):
        assert draw(client, mini_token, UNLIMIT, **right).headers["Content-Type"] == "image/jpeg"


def test_codes_without_scene_are_limited_together(
    client: Client, mini_token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wxacodes, "MAX_CODES", 2)
    assert draw(client, mini_token, CODE, path="p").headers["Num-Used"] == "1"
    assert draw(client, mini_token, QRCODE, path="p").headers["Num-Used"] == "2"
    assert draw(client, mini_token, CODE, path="p").json()["errcode"] == 45029


def test_without_segno_the_answer_names_the_extra(
    client: Client, mini_token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "segno", None)
    answer = draw(client, mini_token, UNLIMIT, scene="never-drawn-before")
    assert answer.status_code == 501
    assert "mock-wechat[images]" in answer.json()["error"]
