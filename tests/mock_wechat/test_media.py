"""/wxa/media_check_async as WECHAT.md 5 has it: what is answered at once."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from mock_wechat import MINI, MockWeChat

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


def test_version_may_be_a_text(client: Client, mini_token: str, v2: dict[str, object]) -> None:
    assert "-" in ask(client, mini_token, v2 | {"version": "2"})["trace_id"]


@pytest.mark.parametrize("name", ["media_url", "media_type", "openid", "scene"])
def test_missing_fields_are_47001(client: Client, mini_token: str, v2: dict[str, object], name: str) -> None:
    assert ask(client, mini_token, {key: value for key, value in v2.items() if key != name})["errcode"] == 47001


def test_version_1_asks_for_no_user(client: Client, mini_token: str) -> None:
    assert ask(client, mini_token, V1 | {"openid": "nobody", "scene": 9})["errcode"] == 0


@pytest.mark.parametrize(
    ("how", "errcode"),
    [({"data": b""}, 44002), ({"data": b"media_url=x"}, 47001), ({"files": {"media": ("a.png", b"x")}}, 47001)],
    ids=["empty", "form", "multipart"],
)
def test_body_that_is_no_json(client: Client, mini_token: str, how: dict[str, Any], errcode: int) -> None:
    assert client.raw("POST", PATH, params={"access_token": mini_token}, **how).json()["errcode"] == errcode


@pytest.mark.parametrize("version", [1, 2])
def test_seed_repeats_trace_ids(shell: Callable[..., MockWeChat], version: int) -> None:
    def trace_id() -> object:
        with shell(seed=7, clock=lambda: NOW) as mock, Client(mock.url) as client:
            asked = {**V1, "version": version, "scene": 1, "openid": mock.openid(MINI.appid)}
            return ask(client, client.token((MINI.appid, MINI.secret))["access_token"], asked)["trace_id"]

    assert trace_id() == trace_id()
