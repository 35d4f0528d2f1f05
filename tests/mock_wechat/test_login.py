"""/sns/jscode2session and /wxa/business/getuserphonenumber."""

import base64
import re
from typing import Any

import pytest

from mock_wechat import MockWeChat

from .client import MINI, NOW, OFFICIAL, Client, FakeClock

PHONE = "/wxa/business/getuserphonenumber"


def log_in(client: Client, js_code: str, /, **change: str) -> Any:
    asked = {"appid": MINI[0], "secret": MINI[1], "js_code": js_code, "grant_type": "authorization_code"}
    return client.get("/sns/jscode2session", **asked | change)


def test_session_is_the_phone_holders(mock: MockWeChat, client: Client) -> None:
    answer = log_in(client, mock.js_code())
    assert list(answer) == ["session_key", "openid", "unionid"]  # no errcode in a success (WECHAT.md 9.2)
    assert len(base64.b64decode(answer["session_key"], validate=True)) == 16
    assert answer["openid"] == mock.openid(MINI[0])
    assert len(answer["openid"]) == 28
    assert log_in(client, mock.js_code())["session_key"] != answer["session_key"]


def test_session_of_another_user(mock: MockWeChat, client: Client) -> None:
    lisi = mock.openid(MINI[0], "lisi")
    assert log_in(client, mock.js_code(openid=lisi))["openid"] == lisi
    mock.set_user("lisi", holds_phone=True)
    assert log_in(client, mock.js_code())["openid"] == lisi


def test_unionid_is_shared_on_an_open_platform(mock: MockWeChat, client: Client) -> None:
    asked = {"appid": OFFICIAL[0], "secret": OFFICIAL[1], "grant_type": "authorization_code"}
    web = client.get("/sns/oauth2/access_token", **asked, code=mock.oauth_code(scope="snsapi_userinfo"))
    mini = log_in(client, mock.js_code())
    assert web["unionid"] == mini["unionid"]
    assert web["openid"] != mini["openid"]
    mock.add_account(*MINI, "mini", open_platform=False)
    assert list(log_in(client, mock.js_code())) == ["session_key", "openid"]


def test_code_is_valid_once_for_five_minutes(mock: MockWeChat, client: Client, clock: FakeClock) -> None:
    used, late = mock.js_code(), mock.js_code()
    log_in(client, used)
    assert log_in(client, used)["errcode"] == 40163
    clock.advance(300)
    assert log_in(client, late)["errcode"] == 40029


def test_post_reads_the_query_only(mock: MockWeChat, client: Client) -> None:
    asked = {"appid": MINI[0], "secret": MINI[1], "grant_type": "authorization_code"}
    in_query = {**asked, "js_code": mock.js_code()}
    assert "openid" in client.raw("POST", "/sns/jscode2session", params=in_query).json()
    in_body = {**asked, "js_code": mock.js_code()}
    assert client.raw("POST", "/sns/jscode2session", data=in_body).json()["errcode"] == 41002


def test_phone_number_comes_once(mock: MockWeChat, client: Client, mini_token: str, clock: FakeClock) -> None:
    code = mock.phone_code()
    assert re.fullmatch("[0-9a-f]{64}", code)
    clock.advance(10)
    answer = client.post(PHONE, {"code": code}, access_token=mini_token)
    assert answer == {
        "errcode": 0,
        "errmsg": "ok",
        "phone_info": {
            "phoneNumber": "13800000001",
            "purePhoneNumber": "13800000001",
            "countryCode": "86",
            "watermark": {"timestamp": NOW, "appid": MINI[0]},
        },
    }
    assert client.post(PHONE, {"code": code}, access_token=mini_token)["errcode"] == 40029


def test_phone_code_of_another_account_or_too_old(
    mock: MockWeChat, client: Client, mini_token: str, clock: FakeClock
) -> None:
    mock.add_account("wx1", "s1", "mini")
    assert client.post(PHONE, {"code": mock.phone_code("wx1")}, access_token=mini_token)["errcode"] == 40013
    late = mock.phone_code()
    clock.advance(300)
    assert client.post(PHONE, {"code": late}, access_token=mini_token)["errcode"] == 40029


@pytest.mark.parametrize(
    ("body", "errcode"), [(b"", 44002), (b"code=x", 47001), (b"{}", 47001), (b'{"code":1}', 40029)]
)
def test_wrong_phone_call_is_named(client: Client, mini_token: str, body: bytes, errcode: int) -> None:
    answer = client.raw("POST", PHONE, params={"access_token": mini_token}, data=body).json()
    assert answer["errcode"] == errcode
