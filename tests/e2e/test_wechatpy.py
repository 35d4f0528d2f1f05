"""wechatpy from PyPI, unmodified, against both forms of the mock: over the wire and in process."""

import hashlib
import io
import time
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import requests
from PIL import Image
from requests.adapters import HTTPAdapter
from wechatpy import WeChatClient, WeChatClientException, WeChatOAuth  # type: ignore[import-untyped]  # it has no types
from wechatpy.crypto import WeChatCrypto  # type: ignore[import-untyped]  # it has no types
from wechatpy.exceptions import InvalidSignatureException  # type: ignore[import-untyped]  # same
from wechatpy.utils import check_signature  # type: ignore[import-untyped]  # same

from mock_wechat import MINI, OFFICIAL, Account, MockWeChat, intercept
from mock_wechat.state.accounts import DEFAULT_AES_KEY, DEFAULT_TOKEN
from tests.e2e.uplink import RISKY
from tests.mock_wechat.receiver import Receiver

API = "https://api.weixin.qq.com"
PAGE = "http://localhost:8000/page?from=timeline"
Connect = Callable[[Any], Any]


class ToMock(HTTPAdapter):
    """Sends calls to WeChat's API to the mock."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(self, request: requests.PreparedRequest, *how: Any, **more: Any) -> requests.Response:
        request.url = (request.url or "").replace(API, self._url)
        return super().send(request, *how, **more)


@pytest.fixture(params=[MockWeChat, intercept], ids=["over the wire", "in process"])
def mock(request: pytest.FixtureRequest) -> Iterator[MockWeChat]:
    with request.param() as mock:
        yield mock


@pytest.fixture
def connect(mock: MockWeChat) -> Connect:
    """Points a wechatpy object at the mock; in process it is there already."""

    def connect(client: Any) -> Any:
        if mock.url != API:
            client._http.mount(API, ToMock(mock.url))
        return client

    return connect


def client_of(account: Account, connect: Connect) -> Any:
    return connect(WeChatClient(account.appid, account.secret, timeout=10))


@pytest.fixture
def official(connect: Connect) -> Any:
    return client_of(OFFICIAL, connect)


@pytest.fixture
def mini(connect: Connect) -> Any:
    return client_of(MINI, connect)


def image(colour: tuple[int, int, int]) -> tuple[str, bytes]:
    file = io.BytesIO()
    Image.new("RGB", (40, 40), colour).save(file, "PNG")
    return "a.png", file.getvalue()


def test_token_is_fetched_once_and_kept(mock: MockWeChat, official: Any) -> None:
    assert official.access_token == official.access_token
    assert len(mock.calls("/cgi-bin/token")) == 1
    assert official.expires_at == pytest.approx(time.time() + 7200, abs=60)


def test_wrong_secret_is_an_exception(connect: Connect) -> None:
    client = client_of(Account(OFFICIAL.appid, "mock-wrong", "official"), connect)
    with pytest.raises(WeChatClientException, match="invalid appsecret rid: ") as caught:
        client.fetch_access_token()
    assert caught.value.errcode == 40125


def test_dead_token_is_replaced_by_its_auto_retry(mock: MockWeChat, official: Any) -> None:
    ticket = official.jsapi.get_ticket()["ticket"]
    mock.clock.advance(7200 + 1)
    official.jsapi.get_ticket()
    assert [call.errcode for call in mock.calls("/cgi-bin/ticket/getticket")] == [0, 42001, 0]
    assert len(ticket) == 86


def test_jsapi_signature_is_one_that_a_phone_accepts(mock: MockWeChat, official: Any) -> None:
    ticket = official.jsapi.get_jsapi_ticket()
    signature = official.jsapi.get_jsapi_signature("nonce", ticket, 1414587457, PAGE)
    config = {"appId": OFFICIAL.appid, "timestamp": 1414587457, "nonceStr": "nonce", "signature": signature}
    assert mock.verify(config, PAGE) == {"valid": True}
    assert mock.verify(config, PAGE + "&x=1") != {"valid": True}


def test_text_check_version_1(mini: Any) -> None:
    assert mini.wxa.check_text_security("你好")["errcode"] == 0
    with pytest.raises(WeChatClientException, match="risky content rid: ") as caught:
        mini.wxa.check_text_security(RISKY)
    assert caught.value.errcode == 87014


def test_text_check_version_2(mock: MockWeChat, mini: Any) -> None:
    mock.set_words({"word": "赌场", "suggest": "review", "label": 20006})
    asked = {"content": "去赌场", "version": 2, "scene": 1, "openid": mock.openid(MINI.appid)}
    answer = mini.post(f"{API}/wxa/msg_sec_check", data=asked)
    assert answer["result"] == {"suggest": "review", "label": 20006}
    with pytest.raises(WeChatClientException, match="openid does not match"):
        mini.post(f"{API}/wxa/msg_sec_check", data=asked | {"openid": mock.openid(OFFICIAL.appid)})


def test_mini_program_login(mock: MockWeChat, mini: Any) -> None:
    code = mock.js_code()
    session = mini.wxa.code_to_session(code)
    assert session["openid"] == mock.openid(MINI.appid)
    assert len(session["session_key"]) == 24
    with pytest.raises(WeChatClientException) as caught:
        mini.wxa.code_to_session(code)
    assert caught.value.errcode == 40163


@pytest.fixture
def oauth(connect: Connect) -> Any:
    redirect = "http://localhost:8000/login"
    return connect(WeChatOAuth(OFFICIAL.appid, OFFICIAL.secret, redirect, "snsapi_userinfo", "state"))


def test_web_login(mock: MockWeChat, oauth: Any) -> None:
    answer = oauth.fetch_access_token(mock.oauth_code(scope="snsapi_userinfo"))
    assert answer["openid"] == mock.openid(OFFICIAL.appid)
    assert oauth.get_user_info()["nickname"] == "张三"
    assert oauth.check_access_token()
    assert oauth.refresh_access_token(oauth.refresh_token)["openid"] == answer["openid"]


def test_pushed_verdict_is_decrypted_by_its_crypto(mock: MockWeChat, mini: Any) -> None:
    with Receiver() as receiver:
        trace_id = mini.wxa.check_media_async(receiver.serve("/a.png", image((255, 0, 0))[1]), 2)["trace_id"]
        mock.push.deliver(trace_id, url=receiver.url, mode="secure", format="xml")
        push = receiver.pushes[0]
    query = {name: push.query[name] for name in ("timestamp", "nonce")}
    check_signature(DEFAULT_TOKEN, push.query["signature"], **query)
    crypto = WeChatCrypto(DEFAULT_TOKEN, DEFAULT_AES_KEY, MINI.appid)
    message = ET.fromstring(crypto.decrypt_message(push.body, push.query["msg_signature"], **query))  # noqa: S314 -- ours
    assert (message.findtext("trace_id"), message.findtext("isrisky")) == (trace_id, "1")
    with pytest.raises(InvalidSignatureException):
        crypto.decrypt_message(push.body, hashlib.sha1(b"").hexdigest(), **query)
