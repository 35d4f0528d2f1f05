"""SDKs that no registry has for us: requests of their shape.

Recorded on 2026-12-01, when these SDKs ran against the gateway with the lines of docs/gateway.md: WxJava 4.7.0
on Java 17 (Apache HttpClient 4.5.14, Jodd 6.3, OkHttp 3.13.1 in place of WxJava's 4.5), EasyWeChat 6.19.1 on PHP 8.2
(Symfony HttpClient 5.4), silenceper/wechat 2.1.6 and 1797041 with Go 1.19. Headers, queries and the parts of forms
are theirs, and the form of JSON; contents, files and boundaries are the test's. Read, not recorded: EasyWeChat's
stable token, whose URL is built in.

Assumed, as read in the sources of chanxuehong/wechat, ArtisanCloud/PowerWeChat 3, zwczou/weixin-python and
doraemonext/wechat-python-sdk: the rest, and what their HTTP libraries write.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from urllib.parse import parse_qsl

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from mock_wechat import MINI, OFFICIAL, MockWeChat
from tests.app.web.gateway.conftest import KEYS, document

Condition = Callable[[TestResponse], bool]
IMAGE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
STABLE, TICKET = "/cgi-bin/stable_token", "/cgi-bin/ticket/getticket"
UPLOAD, MEDIA = "/cgi-bin/media/upload", "/cgi-bin/media/get"
SESSION, OAUTH, CODE, CHECK, QR = (
    "/sns/jscode2session",
    "/sns/oauth2/access_token",
    "/wxa/getwxacodeunlimit",
    "/wxa/msg_sec_check",
    "/cgi-bin/qrcode/create",
)
JSON = "application/json"
JSON_UTF8 = "application/json; charset=utf-8"
JSON_UTF8_UPPER = "application/json; charset=UTF-8"
JSON_UTF8_CLOSE = "application/json;charset=utf-8"
LATIN = "text/plain; charset=ISO-8859-1"
ASKING = '{"grant_type":"client_credential","appid":"{appid}","secret":"{key}","force_refresh":false}'
ASKING_SORTED = '{"appid":"{appid}","force_refresh":false,"grant_type":"client_credential","secret":"{key}"}\n'
CHECKED, SCENE = '{"content":"你好 <b>&"}', '{"scene":"a=1","width":430}'
QR_ASKED = '{"action_name": "QR_SCENE", "expire_seconds": 30, "action_info": {"scene": {"scene_id": 1}}}'
CLASSIC = "GET /cgi-bin/token?grant_type=client_credential&appid={appid}&secret={key}"

GO = {"User-Agent": "Go-http-client/1.1", "Accept-Encoding": "gzip"}
PHP = {"User-Agent": "OS/Linux/6.1 curl/7.88.1", "Accept": "*/*", "Accept-Encoding": "gzip"}
GUZZLE = {"User-Agent": "GuzzleHttp/7", "Accept": "application/json"}
APACHE = {"User-Agent": "Apache-HttpClient/4.5.14 (Java/17.0.15)", "Accept-Encoding": "gzip,deflate"}
OKHTTP = {"User-Agent": "okhttp/3.13.1", "Accept-Encoding": "gzip"}
JODD = {"User-Agent": "Jodd HTTP", "Connection": "Close"}
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


def is_image(answer: TestResponse) -> bool:
    """The file that was uploaded."""
    return bool(answer.data == IMAGE)


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
    headers: dict[str, str] | None = None  # in place of the shape's


_DISPOSITION = 'Content-Disposition: form-data; name="media"; filename="a.png"'
_OCTETS = "Content-Type: application/octet-stream"
_BINARY = "Content-Transfer-Encoding: binary"


def upload(query: str, boundary: str, *headers: str) -> Ask:
    """An upload of a temporary image."""
    head = "\r\n".join((f"--{boundary}", *headers, "", "")).encode()
    body = head + IMAGE + f"\r\n--{boundary}--\r\n".encode()
    return Ask(f"POST {UPLOAD}?{query}", ok("media_id"), body, f"multipart/form-data; boundary={boundary}")


def go_upload(query: str, filename: str = "a.png") -> Ask:
    """As Go's mime/multipart writes it."""
    return upload(query, "6d5a3f" * 10, _DISPOSITION.replace("a.png", filename), _OCTETS)


def download(query: str, content_type: str = "") -> Ask:
    """The file of the last upload."""
    return Ask(f"GET {MEDIA}?{query}", is_image, content_type=content_type)


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


def oauth(headers: dict[str, str] | None = None) -> Ask:
    """A login in a page. All recorded SDKs send this query."""
    query = "appid={appid}&secret={key}&code={oauth_code}&grant_type=authorization_code"
    return Ask(f"GET {OAUTH}?{query}", ok("openid", "access_token"), headers=headers)


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
                "Rzq4-5R3",
                "Content-Type: image/png",
                "Content-Transfer-Encoding: 8bit",
                _DISPOSITION,
            ),
            # the client keeps the Content-Type of its last upload, and sends it without a body
            download(f"media_id={{media}}&{PASS}", "multipart/form-data; boundary=Rzq4-5R3"),
        ),
    ),
    "easywechat, official": Shape(
        OFFICIAL.appid,
        PHP,
        (Ask(CLASSIC, TOKEN),),
        (Ask(f"GET {TICKET}?type=jsapi&{PASS}", ok("ticket")), oauth(GUZZLE)),
    ),
    "silenceper, mini": Shape(
        MINI.appid,
        GO,
        (
            Ask(CLASSIC, ok("access_token", lasts=1500)),
            Ask(f"POST {STABLE}", ok("access_token", lasts=300), ASKING_SORTED, JSON_UTF8_CLOSE),
        ),
        (
            session("appid={appid}&secret={key}&js_code={code}&grant_type=authorization_code"),
            Ask(f"POST {CHECK}?{PASS}", ok(), CHECKED + "\n", JSON_UTF8_CLOSE),
            Ask(f"POST {CODE}?{PASS}", is_jpeg, SCENE + "\n", JSON_UTF8_CLOSE),
        ),
    ),
    "silenceper, official": Shape(
        OFFICIAL.appid,
        GO,
        (Ask(CLASSIC, ok("access_token", lasts=1500)),),
        (
            Ask(f"GET {TICKET}?{PASS}&type=jsapi", ok("ticket", lasts=1500)),
            go_upload(f"{PASS}&type=image", "photos/a.png"),  # the path as the application gives it
            download(f"{PASS}&media_id={{media}}"),
        ),
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
        APACHE,
        (Ask(CLASSIC, TOKEN), Ask(f"POST {STABLE}", TOKEN, ASKING, JSON_UTF8_UPPER)),
        (
            # a HashMap's order, and a token beside the secret
            session(f"{PASS}&js_code={{code}}&secret={{key}}&grant_type=authorization_code&appid={{appid}}"),
            Ask(f"POST {CHECK}?{PASS}", ok(), CHECKED, JSON_UTF8),
            Ask(f"POST {CODE}?{PASS}", is_jpeg, SCENE, JSON_UTF8_UPPER),  # createWxaCodeUnlimit
            Ask(f"POST {CODE}?{PASS}", is_jpeg, SCENE, LATIN),  # createWxaCodeUnlimitBytes
            upload(f"type=image&{PASS}", "-eqbsLickAKXmSIt5BQNqLEWdVPvjjWCay0ilxR", _DISPOSITION, _OCTETS, _BINARY),
            download(f"{PASS}&media_id={{media}}"),
        ),
    ),
    "WxJava with OkHttp, mini": Shape(
        MINI.appid,
        OKHTTP,
        (Ask(f"POST {STABLE}", TOKEN, ASKING, JSON_UTF8),),
        (
            Ask(f"POST {CODE}?{PASS}", is_jpeg, SCENE, JSON_UTF8),
            upload(
                f"type=image&{PASS}",
                "9b21396f-3b25-480a-9740-97f96163280c",
                _DISPOSITION,
                _OCTETS,
                f"Content-Length: {len(IMAGE)}",
            ),
        ),
    ),
    "WxJava with Jodd, official": Shape(
        OFFICIAL.appid,
        JODD,
        (Ask(CLASSIC, TOKEN),),
        (
            Ask(f"POST {QR}?{PASS}", ok("ticket", "url"), QR_ASKED, JSON_UTF8_CLOSE),
            upload(f"type=image&{PASS}", "----------EUPa9Ol1el", _DISPOSITION, "Content-Type: image/png", _BINARY),
        ),
    ),
    "WxJava, official": Shape(
        OFFICIAL.appid,
        APACHE,
        (Ask(CLASSIC, TOKEN),),
        (*(Ask(f"GET {TICKET}?type={kind}&{PASS}", ok("ticket")) for kind in ("jsapi", "2", "wx_card")), oauth()),
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
        self._media = ""

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
        headers = ask.headers or self._shape.headers
        answer = self._client.open(
            target,
            method=method,
            headers=headers,
            input_stream=BytesIO(body),  # as `data`, no body would become an empty form
            content_type=ask.content_type or None,
        )
        answer.get_data()
        assert answer.status_code == 200, ask.line
        assert ask.good(answer), (ask.line, answer.data[:300])
        path, _, query = target.partition("?")
        if path == UPLOAD:
            self._media = document(answer)["media_id"]
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
        known = {"appid": self._shape.appid, "key": KEYS[self._shape.key], "token": self._token, "media": self._media}
        if "{code}" in template:
            known["code"] = self._wechat.js_code()
        if "{oauth_code}" in template:
            known["oauth_code"] = self._wechat.oauth_code()
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
    needs_token = any(all(path not in ask.line for path in (TICKET, SESSION, OAUTH)) for ask in shape.calls)
    assert len(wechat.calls(STABLE)) == (2 if needs_token else 1)
    tickets = {ask.line.partition("type=")[2].partition("&")[0] for ask in shape.calls if TICKET in ask.line}
    assert sorted(call.query["type"] for call in wechat.calls(TICKET)) == sorted(tickets)
