"""/wxa/checksession, /wxa/resetusersessionkey, /wxa/getuserriskrank by WeChat's documents."""

import hmac
from typing import Any

import pytest

from mock_wechat import MockWeChat
from mock_wechat.state.logins import session_signature

from .client import MINI, OFFICIAL, Client, FakeClock

CHECK, RESET, RISK = "/wxa/checksession", "/wxa/resetusersessionkey", "/wxa/getuserriskrank"
OK = {"errcode": 0, "errmsg": "ok"}


def log_in(client: Client, mock: MockWeChat) -> dict[str, str]:
    asked = {"appid": MINI[0], "secret": MINI[1], "grant_type": "authorization_code", "js_code": mock.js_code()}
    session: dict[str, str] = client.get("/sns/jscode2session", **asked)
    return session


def signed(session: dict[str, str], **change: str) -> dict[str, str]:
    signature = hmac.new(session["session_key"].encode(), b"", "sha256").hexdigest()
    return {"openid": session["openid"], "signature": signature, "sig_method": "hmac_sha256", **change}


def test_signature_is_that_of_wechats_example() -> None:
    signature = session_signature("o0q0otL8aEzpcZL/FT9WsQ==", b'{"foo":"bar"}')
    assert signature == "654571f79995b2ce1e149e53c0a33dc39c0a74090db514261454e8dbe432aa0b"


def test_last_login_is_the_session(client: Client, mock: MockWeChat, mini_token: str) -> None:
    first, second = log_in(client, mock), log_in(client, mock)
    assert client.get(CHECK, access_token=mini_token, **signed(second)) == OK
    assert client.get(CHECK, access_token=mini_token, **signed(first))["errcode"] == 87009


def test_reset_gives_another_session_key(client: Client, mock: MockWeChat, mini_token: str) -> None:
    session = log_in(client, mock)
    answer = client.get(RESET, access_token=mini_token, **signed(session))
    assert answer == OK | {"openid": session["openid"], "session_key": answer["session_key"]}
    assert client.get(CHECK, access_token=mini_token, **signed(session))["errcode"] == 87009
    assert client.get(CHECK, access_token=mini_token, **signed(answer)) == OK


@pytest.mark.parametrize(
    ("path", "change", "errcode"),
    [
        (CHECK, {"openid": ""}, 40097),
        (CHECK, {"sig_method": "md5"}, 87008),
        (CHECK, {"signature": "é"}, 87009),
        (CHECK, {"openid": "o1"}, 87009),
        (RESET, {"openid": "o1"}, 87007),
        (RESET, {"signature": "0" * 64}, 87009),
    ],
)
def test_wrong_signature_is_named(
    client: Client, mock: MockWeChat, mini_token: str, path: str, change: dict[str, str], errcode: int
) -> None:
    assert client.get(path, access_token=mini_token, **signed(log_in(client, mock), **change))["errcode"] == errcode


@pytest.fixture
def risk(mock: MockWeChat) -> dict[str, object]:
    return {"appid": MINI[0], "openid": mock.openid(MINI[0]), "scene": 0, "client_ip": "192.0.2.1"}


def test_rank_of_a_user(client: Client, mini_token: str, risk: dict[str, object]) -> None:
    answer = client.post(RISK, risk, access_token=mini_token)
    assert list(answer) == ["errcode", "errmsg", "risk_rank", "unoin_id"]
    assert (answer["errmsg"], answer["risk_rank"]) == ("getuserriskrank succ", 0)


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"scene": 3}, 40129),
        ({"scene": []}, 40129),
        ({"openid": "o1"}, 40003),
        ({"appid": "wx1"}, 43104),
        ({"client_ip": None}, 47001),
    ],
)
def test_wrong_question_is_named(
    client: Client, mini_token: str, risk: dict[str, object], change: Any, errcode: int
) -> None:
    assert client.post(RISK, risk | change, access_token=mini_token)["errcode"] == errcode


def test_user_must_belong_to_the_account_and_have_logged_in(
    client: Client, mock: MockWeChat, clock: FakeClock, risk: dict[str, object]
) -> None:
    log_in(client, mock)
    clock.advance(7200)
    token = client.token(MINI)["access_token"]
    assert client.post(RISK, risk, access_token=token)["errcode"] == 61010
    foreign = risk | {"openid": mock.openid(OFFICIAL[0])}
    assert client.post(RISK, foreign, access_token=token)["errcode"] == 43104
