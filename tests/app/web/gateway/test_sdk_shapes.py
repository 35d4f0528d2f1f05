"""SDKs that no registry has for us: requests of their shape.

Read in w7corp/easywechat 6, silenceper/wechat 2, chanxuehong/wechat, binarywang/WxJava 4 (Apache client),
ArtisanCloud/PowerWeChat 3, zwczou/weixin-python and doraemonext/wechat-python-sdk. What their HTTP libraries
write (parts of forms, User-Agent) is assumed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import parse_qsl

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from mock_wechat import MINI, OFFICIAL, MockWeChat
from tests.app.web.gateway.conftest import KEYS, document

Condition = Callable[[TestResponse], bool]
IMAGE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
STABLE, TICKET, UPLOAD = "/cgi-bin/stable_token", "/cgi-bin/ticket/getticket", "/cgi-bin/media/upload"
SESSION, CODE, CHECK, QR = (
    "/sns/jscode2session",
    "/wxa/getwxacodeunlimit",
    "/wxa/msg_sec_check",
    "/cgi-bin/qrcode/create",
)
JSON = "application/json"
JSON_UTF8 = "application/json; charset=utf-8"
ASKING = '{"grant_type":"client_credential","appid":"{appid}","secret":"{key}","force_refresh":false}'
CHECKED, SCENE = '{"content":"你好 <b>&"}', '{"scene":"a=1","width":430}'
QR_ASKED = '{"action_name": "QR_SCENE", "expire_seconds": 30, "action_info": {"scene": {"scene_id": 1}}}'
CLASSIC = "GET /cgi-bin/token?grant_type=client_credential&appid={appid}&secret={key}"

GO = {"User-Agent": "Go-http-client/1.1", "Accept-Encoding": "gzip"}
PHP = {"User-Agent": "Symfony HttpClient (Curl)", "Accept": "*/*", "Accept-Encoding": "gzip"}
JAVA = {"User-Agent": "Apache-HttpClient/4.5.13 (Java/17)", "Accept-Encoding": "gzip,deflate"}
PYTHON = {"User-Agent": "python-requests/2.32", "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}


# -- what an SDK takes for success


def ok(*names: str, lasts: int = 0) -> Condition:
    """No errcode but 0, these fields, and `expires_in` above `lasts` seconds."""

    def good(answer: TestResponse) -> bool:
        found = document(answer)
        return (
            not found.get("errcode") and all(found.get(name) for name in names) and found.get("expires_in", 1) > lasts
        )

    return good


def is_jpeg(answer: TestResponse) -> bool:
    """What silenceper compares: the header as a whole."""
    return answer.headers["Content-Type"] == "image/jpeg" and answer.data.startswith(b"\xff\xd8")


# -- what an SDK sends


@dataclass(frozen=True)
class Ask:
    """One request: its first line, and what has to be true of the answer."""

    line: str
    good: Condition
    body: str | bytes = ""
    content_type: str = ""


_DISPOSITION = 'Content-Disposition: form-data; name="media"; filename="a.png"'
_OCTETS = "Content-Type: application/octet-stream"


def upload(query: str, boundary: str, *headers: str) -> Ask:
    """An upload of a temporary image."""
    head = "\r\n".join((f"--{boundary}", *headers, "", "")).encode()
    body = head + IMAGE + f"\r\n--{boundary}--\r\n".encode()
    return Ask(f"POST {UPLOAD}?{query}", ok("media_id"), body, f"multipart/form-data; boundary={boundary}")


def go_upload(query: str) -> Ask:
    """As Go's mime/multipart writes it."""
    return upload(query, "6d5a3f" * 10, _DISPOSITION, _OCTETS)


@dataclass(frozen=True)
class Shape:
    """One SDK with one account."""

    appid: str
    headers: dict[str, str]
    token: tuple[Ask, ...]
    calls: tuple[Ask, ...]
    key: str = "sdk"


def session(query: str) -> Ask:
    """A login."""
    return Ask(f"GET {SESSION}?{query}", ok("openid", "session_key"))


PASS = "access_token={token}"
TOKEN = ok("access_token")
SHAPES = {
    "easywechat, mini": Shape(
        MINI.appid,
        PHP,
        (Ask(CLASSIC, TOKEN), Ask(f"POST {STABLE}", TOKEN, ASKING, JSON)),
        (
            # its base URI may have a path; this path begins with a slash, which drops it
            session("appid={appid}&secret={key}&js_code={code}&grant_type=authorization_code"),
            Ask(f"POST {CHECK}?{PASS}", ok(), CHECKED, JSON),
            Ask(f"POST {CODE}?{PASS}", is_jpeg, SCENE, JSON),
            upload(
                f"type=image&{PASS}",
                "qW3eR5tY",
                "Content-Type: image/png",
                "Content-Transfer-Encoding: 8bit",
                _DISPOSITION,
            ),
        ),
    ),
    "easywechat, official": Shape(
        OFFICIAL.appid, PHP, (Ask(CLASSIC, TOKEN),), (Ask(f"GET {TICKET}?type=jsapi&{PASS}", ok("ticket")),)
    ),
    "silenceper, mini": Shape(
        MINI.appid,
        GO,
        (
            Ask(CLASSIC, ok("access_token", lasts=1500)),
            Ask(f"POST {STABLE}", ok("access_token", lasts=300), ASKING, "application/json;charset=utf-8"),
        ),
        (
            session("appid={appid}&secret={key}&js_code={code}&grant_type=authorization_code"),
            Ask(f"POST {CHECK}?{PASS}", ok(), CHECKED, "application/json;charset=utf-8"),
            Ask(f"POST {CODE}?{PASS}", is_jpeg, SCENE, "application/json;charset=utf-8"),
        ),
    ),
    "silenceper, official": Shape(
        OFFICIAL.appid,
        GO,
        (Ask(CLASSIC, ok("access_token", lasts=1500)),),
        (Ask(f"GET {TICKET}?{PASS}&type=jsapi", ok("ticket", lasts=1500)), go_upload(f"{PASS}&type=image")),
        key="ticketer",
    ),
    "chanxuehong": Shape(
        OFFICIAL.appid,
        GO,
        (Ask(CLASSIC, ok("access_token", lasts=60)),),
        (
            Ask(f"GET {TICKET}?type=jsapi&{PASS}", ok("ticket", lasts=60)),
            Ask(f"GET {TICKET}?type=wx_card&{PASS}", ok("ticket", lasts=60)),
            Ask(f"POST {QR}?{PASS}", ok("ticket", "url"), QR_ASKED + "\n", JSON_UTF8),
            go_upload(f"type=image&{PASS}"),
        ),
    ),
    "WxJava, mini": Shape(
        MINI.appid,
        JAVA,
        (Ask(CLASSIC, TOKEN), Ask(f"POST {STABLE}", TOKEN, ASKING, JSON_UTF8)),
        (
            # a HashMap's order, and a token beside the secret
            session(f"{PASS}&js_code={{code}}&secret={{key}}&grant_type=authorization_code&appid={{appid}}"),
            Ask(f"POST {CHECK}?{PASS}", ok(), CHECKED, JSON_UTF8),
            Ask(f"POST {CODE}?{PASS}", is_jpeg, SCENE, JSON_UTF8),
            upload(
                f"type=image&{PASS}",
                "Kx_7-Zt0pWq3LmN9bVc5XsD1fGh2Jk",
                _DISPOSITION,
                _OCTETS,
                "Content-Transfer-Encoding: binary",
            ),
        ),
    ),
    "WxJava, official": Shape(
        OFFICIAL.appid,
        JAVA,
        (Ask(CLASSIC, TOKEN),),
        tuple(Ask(f"GET {TICKET}?type={kind}&{PASS}", ok("ticket")) for kind in ("jsapi", "2", "wx_card")),
    ),
    "PowerWeChat, mini": Shape(
        MINI.appid,
        GO,
        (Ask("GET /cgi-bin/token?appid={appid}&grant_type=client_credential&secret={key}", TOKEN),),
        (
            # sorted, and with a token beside the secret
            session(f"{PASS}&appid={{appid}}&grant_type=authorization_code&js_code={{code}}&secret={{key}}"),
            Ask(f"POST {CHECK}?{PASS}", ok(), CHECKED, JSON),
            Ask(f"POST {CODE}?{PASS}", is_jpeg, SCENE, JSON),
            go_upload(f"{PASS}&type=image"),
        ),
    ),
    "PowerWeChat, official": Shape(
        OFFICIAL.appid,
        GO,
        (Ask("GET /cgi-bin/token?appid={appid}&grant_type=client_credential&secret={key}", TOKEN),),
        tuple(Ask(f"{method} {TICKET}?{PASS}&type=jsapi", ok("ticket", lasts=500)) for method in ("POST", "GET")),
        key="ticketer",
    ),
    "weixin-python": Shape(
        OFFICIAL.appid,
        PYTHON,
        (Ask(CLASSIC, ok("access_token", lasts=600)),),
        (
            Ask(f"GET {TICKET}?type=jsapi&{PASS}", ok("ticket")),
            Ask(f"POST {QR}?{PASS}", ok("ticket", "url"), QR_ASKED, JSON),
        ),
    ),
    "wechat-sdk": Shape(
        OFFICIAL.appid,
        PYTHON,
        (Ask(CLASSIC, ok("access_token", lasts=60)),),
        (
            Ask(f"GET {TICKET}?{PASS}&type=jsapi", ok("ticket", lasts=60)),
            Ask(f"POST {QR}?{PASS}", ok("ticket", "url"), QR_ASKED),  # without a Content-Type
            upload(f"{PASS}&type=image", "0123456789abcdef" * 2, _DISPOSITION, "Content-Type: image/png"),
        ),
    ),
}


class Sender:
    """Sends what an SDK sends, and expects what it expects."""

    def __init__(self, app: Flask, wechat: MockWeChat, shape: Shape) -> None:
        self._client = app.test_client()
        self._wechat = wechat
        self._shape = shape
        self._token = ""

    def log_in(self) -> Iterator[str]:
        """A pass from each token call."""
        for ask in self._shape.token:
            self._token = document(self._send(ask))["access_token"]
            yield self._token

    def call(self) -> None:
        """All calls with the last pass."""
        for ask in self._shape.calls:
            self._send(ask)

    def _send(self, ask: Ask) -> TestResponse:
        method, _, target = self._filled(ask.line).partition(" ")
        body = self._filled(ask.body).encode() if isinstance(ask.body, str) else ask.body
        answer = self._client.open(
            target, method=method, headers=self._shape.headers, data=body or None, content_type=ask.content_type or None
        )
        answer.get_data()
        assert answer.status_code == 200, ask.line
        assert ask.good(answer), (ask.line, answer.data[:300])
        path, _, query = target.partition("?")
        if path not in ("/cgi-bin/token", STABLE, TICKET):
            self._check_sent(path, query, body, ask.content_type)
        return answer

    def _check_sent(self, path: str, query: str, body: bytes, content_type: str) -> None:
        """The mock got the SDK's own request with our credentials in it, and nothing of the SDK's."""
        call = self._wechat.calls(path)[-1]
        names = [name for name, _ in parse_qsl(query)]
        assert list(call.query) == [name for name in names if (path, name) != (SESSION, "access_token")]
        assert call.body_sha256 == sha256(body).hexdigest()
        assert call.headers.get("content-type", "") == content_type
        assert call.headers["user-agent"] == "wechat-central-server"
        assert not {*KEYS.values(), self._token} & set(call.query.values())

    def _filled(self, template: str) -> str:
        known = {"appid": self._shape.appid, "key": KEYS[self._shape.key], "token": self._token}
        if "{code}" in template:
            known["code"] = self._wechat.js_code()
        for name, value in known.items():
            template = template.replace(f"{{{name}}}", value)
        return template


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_sdk_works_with_base_url_and_key(app: Flask, wechat: MockWeChat, shape: Shape) -> None:
    sender = Sender(app, wechat, shape)
    for _ in sender.log_in():
        sender.call()
    assert len(wechat.calls(STABLE)) == 1
    wechat.assert_secret_only_sent_to_token_endpoints()


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_sdk_does_not_notice_that_the_token_was_revoked(app: Flask, wechat: MockWeChat, shape: Shape) -> None:
    sender = Sender(app, wechat, shape)
    assert all(sender.log_in())
    sender.call()
    wechat.revoke(shape.appid, "stable_token")
    sender.call()
    needs_token = any(TICKET not in ask.line and SESSION not in ask.line for ask in shape.calls)
    assert len(wechat.calls(STABLE)) == (2 if needs_token else 1)
    tickets = {ask.line.partition("type=")[2].partition("&")[0] for ask in shape.calls if TICKET in ask.line}
    assert sorted(call.query["type"] for call in wechat.calls(TICKET)) == sorted(tickets)
