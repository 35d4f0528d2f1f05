"""/wxa/media_check_async by WECHAT.md 5: the immediate answer."""

import re
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


@pytest.mark.parametrize("name", ["media_url", "media_type", "openid", "scene"])
def test_missing_fields_are_47001(client: Client, mini_token: str, v2: dict[str, object], name: str) -> None:
    assert ask(client, mini_token, {key: value for key, value in v2.items() if key != name})["errcode"] == 47001


def test_version_1_asks_for_no_user(client: Client, mini_token: str) -> None:
    assert ask(client, mini_token, V1 | {"openid": "unknown", "scene": 9})["errcode"] == 0
