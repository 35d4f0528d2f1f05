"""/wxa/media_check_async as WECHAT.md 5 has it: what is answered at once."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from mock_wechat import MINI, OFFICIAL, MockWeChat

from .client import NOW, Client

PATH = "/wxa/media_check_async"
V1 = {"media_url": "http://localhost/a.png", "media_type": 2}


@pytest.fixture
def v2(mock: MockWeChat) -> dict[str, object]:
    return {**V1, "version": 2, "scene": 1, "openid": mock.openid(MINI.appid)}


def ask(client: Client, token: str, asked: object) -> Any:
    return client.post(PATH, asked, access_token=token)


def test_version_2_gets_a_trace_id_like_a_rid(client: Client, mini_token: str, v2: dict[str, object]) -> None:
    answer = ask(client, mini_token, v2)
    assert list(answer) == ["errcode", "errmsg", "trace_id"]
    assert (answer["errcode"], answer["errmsg"]) == (0, "ok")
    assert re.fullmatch(f"{NOW:08x}-[0-9a-f]{{8}}-[0-9a-f]{{8}}", answer["trace_id"])


def test_version_1_gets_32_hex_digits(client: Client, mini_token: str) -> None:
    assert re.fullmatch(r"[0-9a-f]{32}", ask(client, mini_token, V1)["trace_id"])


def test_each_check_has_its_own_trace_id(client: Client, mini_token: str, v2: dict[str, object]) -> None:
    assert len({ask(client, mini_token, v2)["trace_id"] for _ in range(3)}) == 3


def test_version_may_be_a_text(client: Client, mini_token: str, v2: dict[str, object]) -> None:
    assert "-" in ask(client, mini_token, v2 | {"version": "2"})["trace_id"]


@pytest.mark.parametrize(
    ("change", "errcode", "errmsg"),
    [
        ({"media_url": None}, 47001, "data format error"),
        ({"openid": None}, 47001, "data format error"),
        ({"media_type": 3}, 40004, "invalid media type"),
        ({"media_type": "2"}, 40004, "invalid media type"),
        ({"media_type": True}, 40004, "invalid media type"),
        ({"scene": 5}, 40129, "invalid scene"),
        ({"openid": "nobody"}, 40003, "invalid openid"),
    ],
)
def test_wrong_fields_are_told(
    client: Client, mini_token: str, v2: dict[str, object], change: dict[str, object], errcode: int, errmsg: str
) -> None:
    answer = ask(client, mini_token, v2 | change)
    assert answer["errcode"] == errcode
    assert re.fullmatch(rf"{errmsg} rid: [0-9a-f-]{{26}}", answer["errmsg"])


@pytest.mark.parametrize("name", ["media_url", "media_type", "openid", "scene"])
def test_missing_fields_are_47001(client: Client, mini_token: str, v2: dict[str, object], name: str) -> None:
    assert ask(client, mini_token, {key: value for key, value in v2.items() if key != name})["errcode"] == 47001


def test_foreign_openid_is_43104(client: Client, mini_token: str, mock: MockWeChat, v2: dict[str, object]) -> None:
    assert ask(client, mini_token, v2 | {"openid": mock.openid(OFFICIAL.appid)})["errcode"] == 43104


def test_inactive_openid_is_61010(client: Client, mini_token: str, mock: MockWeChat, v2: dict[str, object]) -> None:
    mock.set_openid(MINI.appid, str(v2["openid"]), "inactive")
    assert ask(client, mini_token, v2)["errcode"] == 61010


def test_version_1_asks_for_no_user(client: Client, mini_token: str) -> None:
    assert ask(client, mini_token, V1 | {"openid": "nobody", "scene": 9})["errcode"] == 0


@pytest.mark.parametrize(
    ("how", "errcode"),
    [({"data": b""}, 44002), ({"data": b"media_url=x"}, 47001), ({"files": {"media": ("a.png", b"x")}}, 47001)],
    ids=["empty", "form", "multipart"],
)
def test_body_that_is_no_json(client: Client, mini_token: str, how: dict[str, Any], errcode: int) -> None:
    assert client.raw("POST", PATH, params={"access_token": mini_token}, **how).json()["errcode"] == errcode


def test_verb_token_and_account_are_checked(client: Client, mini_token: str) -> None:
    assert client.get(PATH, access_token=mini_token)["errcode"] == 43002
    assert client.post(PATH, V1)["errcode"] == 41001
    assert ask(client, "wrong", V1)["errcode"] == 40001
    assert ask(client, client.token()["access_token"], V1)["errcode"] == 48001


@pytest.mark.parametrize(("limit", "errcode"), [("minute", 44991), ("day", 45009)])
def test_too_many_checks(client: Client, mini_token: str, mock: MockWeChat, limit: str, errcode: int) -> None:
    mock.add_account(MINI.appid, MINI.secret, "mini", limits={PATH: {limit: 1}})
    assert [ask(client, mini_token, V1)["errcode"] for _ in range(2)] == [0, errcode]


def test_repeated_requests_are_refused_on_request(client: Client, mini_token: str, mock: MockWeChat) -> None:
    mock.fail(PATH, 87020)
    answer = ask(client, mini_token, V1)
    assert answer["errmsg"].startswith("repeat request limit exceeded rid: ")
    assert mock.push.waiting() == []


@pytest.mark.parametrize("version", [1, 2])
def test_seed_repeats_trace_ids(shell: Callable[..., MockWeChat], version: int) -> None:
    def trace_id() -> object:
        with shell(seed=7, clock=lambda: NOW) as mock, Client(mock.url) as client:
            asked = {**V1, "version": version, "scene": 1, "openid": mock.openid(MINI.appid)}
            return ask(client, client.token((MINI.appid, MINI.secret))["access_token"], asked)["trace_id"]

    assert trace_id() == trace_id()
