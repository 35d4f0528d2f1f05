"""Links that open a mini program, by WeChat's documents 获取加密scheme码, 获取加密URLLink, 获取ShortLink."""

import re
from typing import Any

import pytest

from mock_wechat import MockWeChat
from mock_wechat.api import links

from .client import MINI, NOW, Client

SCHEME, URL_LINK, SHORT = "/wxa/generatescheme", "/wxa/generate_urllink", "/wxa/genwxashortlink"
DAY = 86400


def ask(client: Client, token: str, path: str, target: dict[str, object], **more: object) -> Any:
    """The target stands in `jump_wxa` of a scheme, and in the body of other links."""
    asked = {"jump_wxa": target, **more} if path == SCHEME else {**target, **more}
    return client.post(path, asked, access_token=token)


@pytest.mark.parametrize(
    ("path", "name", "form"),
    [
        (SCHEME, "openlink", r"weixin://dl/business/\?t=[0-9A-Za-z]{11}"),
        (URL_LINK, "url_link", "https://wxaurl.cn/[0-9A-Za-z]{11}"),
    ],
)
@pytest.mark.parametrize(
    "end",
    [
        {},
        {"is_expire": True, "expire_type": 1, "expire_interval": 30},
        {"is_expire": True, "expire_time": NOW + 60},
        {"is_expire": True, "expire_type": 0, "expire_time": NOW + 30 * DAY},
        {"is_expire": False, "expire_time": 1},
    ],
)
def test_link_is_made(client: Client, mini_token: str, path: str, name: str, form: str, end: dict[str, object]) -> None:
    answer = ask(client, mini_token, path, {"path": "/pages/index", "query": "a=1&b=%20"}, **end)
    assert list(answer) == ["errcode", "errmsg", name]
    assert re.fullmatch(form, answer[name])
    assert ask(client, mini_token, path, {})[name] != answer[name]


@pytest.mark.parametrize("path", [SCHEME, URL_LINK])
@pytest.mark.parametrize(
    ("target", "more", "errcode"),
    [
        ({"path": "pages/other"}, {}, 40165),
        ({"path": "pages/index?a=1"}, {}, 40165),
        ({"query": "a=中"}, {}, 40212),
        ({"query": "x" * 1025}, {}, 40212),
        ({"env_version": "beta"}, {}, 85402),
        ({}, {"is_expire": True, "expire_time": NOW + 59}, 85401),
        ({}, {"is_expire": True, "expire_time": NOW + 30 * DAY + 1}, 85401),
        ({}, {"is_expire": True, "expire_time": 10**400}, 85401),
        ({}, {"is_expire": True, "expire_type": 1, "expire_interval": 31}, 85401),
        ({}, {"is_expire": True, "expire_type": 1}, 85401),
    ],
)
def test_wrong_link_is_named(
    client: Client,
    mock: MockWeChat,
    mini_token: str,
    path: str,
    target: dict[str, object],
    more: dict[str, object],
    errcode: int,
) -> None:
    mock.add_account(*MINI, "mini", pages=["pages/index"])
    assert "errcode" in ask(client, mini_token, path, {"path": "/pages/index"})
    assert ask(client, mini_token, path, target, **more)["errcode"] == errcode


def test_schemes_and_url_links_count_together(client: Client, mini_token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "LINKS_A_DAY", 2)
    assert [ask(client, mini_token, path, {})["errcode"] for path in (SCHEME, URL_LINK, SCHEME)] == [0, 0, 44993]


@pytest.mark.parametrize(("title", "shown"), [("Homework", "Homework/"), ("", ""), ("标题" * 11, "标题" * 10 + ".../")])
def test_short_link_has_its_title(client: Client, mini_token: str, title: str, shown: str) -> None:
    answer = ask(client, mini_token, SHORT, {"page_url": "pages/index?a=1", "page_title": title})
    assert re.fullmatch(f"#小程序://小程序/{re.escape(shown)}[0-9A-Za-z]{{15}}", answer["link"])


def test_wrong_short_link_is_named(client: Client, mock: MockWeChat, mini_token: str) -> None:
    mock.add_account(*MINI, "mini", pages=["pages/index"])
    for page in ("pages/other", "", "pages/index?" + "x" * 1013):
        assert ask(client, mini_token, SHORT, {"page_url": page})["errcode"] == 40066
    assert ask(client, mini_token, SHORT, {"page_url": "pages/index", "page_title": 1})["errcode"] == 40225


def test_permanent_short_links_are_limited(client: Client, mini_token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "PERMANENT_LINKS", 1)
    asked: dict[str, object] = {"page_url": "p", "is_permanent": True}
    assert [ask(client, mini_token, SHORT, asked)["errcode"] for _ in range(2)] == [0, 85400]
    assert ask(client, mini_token, SHORT, {"page_url": "p"})["errcode"] == 0
