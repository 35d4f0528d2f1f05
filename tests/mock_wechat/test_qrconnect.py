"""/connect/qrconnect by WECHAT.md 9.2, and what the code of a website (网站应用) is exchanged for."""

import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from mock_wechat import MockWeChat

from .client import MINI, OFFICIAL, WEB, Client
from .test_authorize import Form

PATH = "/connect/qrconnect"
ASKED = {
    "appid": WEB[0],
    "redirect_uri": "http://localhost:8000/login",
    "response_type": "code",
    "scope": "snsapi_login",
    "state": "b0e5d62f-0e25-331c-999d-7b122d44fe6d",
}


def visit(client: Client, asked: dict[str, str], answer: dict[str, str] | None = None) -> requests.Response:
    method = "GET" if answer is None else "POST"
    return client.raw(method, f"{PATH}?{urlencode(asked)}", data=answer, allow_redirects=False)


def exchange(client: Client, code: str) -> Any:
    asked = {"appid": WEB[0], "secret": WEB[1], "code": code, "grant_type": "authorization_code"}
    return client.get("/sns/oauth2/access_token", **asked)


def test_page_shows_a_code_and_lets_you_choose_who_scans_it(client: Client) -> None:
    page = visit(client, ASKED)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert Form(page.text).values == {"user": ["zhangsan", "lisi", "alice"], "answer": ["allow", "refuse"]}
    assert 'src="data:image/jpeg;base64,' in page.text
    assert "<script" not in page.text


def test_code_gives_a_login_token_and_userinfo(mock: MockWeChat, client: Client) -> None:
    back = visit(client, ASKED, {"user": "lisi", "answer": "allow"})
    location = urlsplit(back.headers["Location"])
    assert (back.status_code, location.netloc, location.path) == (302, "localhost:8000", "/login")
    query = parse_qs(location.query)
    assert query["state"] == [ASKED["state"]]
    granted = exchange(client, query["code"][0])
    assert granted["openid"] == mock.openid(WEB[0], "lisi")
    assert (granted["scope"], "is_snapshotuser" in granted) == ("snsapi_login", False)
    person = client.get("/sns/userinfo", access_token=granted["access_token"], openid=granted["openid"])
    official = client.get(
        "/sns/oauth2/access_token",
        appid=OFFICIAL[0],
        secret=OFFICIAL[1],
        code=mock.oauth_code(openid=mock.openid(OFFICIAL[0], "lisi"), scope="snsapi_userinfo"),
        grant_type="authorization_code",
    )
    assert person["unionid"] == granted["unionid"] == official["unionid"]
    assert exchange(client, query["code"][0])["errcode"] == 40163


def test_refusal_stays_on_the_page(client: Client) -> None:
    page = visit(client, ASKED, {"user": "zhangsan", "answer": "refuse"})
    assert (page.status_code, "Location" in page.headers) == (200, False)


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({"appid": "wx1"}, "AppID 参数错误"),
        ({"appid": OFFICIAL[0]}, "Scope 参数错误或没有 Scope 权限"),
        ({"appid": MINI[0]}, "Scope 参数错误或没有 Scope 权限"),
        ({"scope": "snsapi_userinfo"}, "Scope 参数错误或没有 Scope 权限"),
        ({"redirect_uri": "http://evil.example/"}, "redirect_uri 参数错误"),
        ({"redirect_uri": "javascript://localhost/%0aalert(1)"}, "redirect_uri 参数错误"),
        ({"redirect_uri": ""}, "redirect_uri 参数错误"),
        ({"response_type": "token"}, "response_type must be code"),
    ],
)
def test_errors_are_words_without_an_errcode(client: Client, change: dict[str, str], shown: str) -> None:
    answer = visit(client, ASKED | change, {"user": "zhangsan", "answer": "allow"})
    assert (answer.status_code, "Location" in answer.headers) == (200, False)
    assert shown in answer.text


def test_state_is_optional_and_order_is_free(client: Client) -> None:
    asked = {name: value for name, value in reversed(ASKED.items()) if name != "state"}
    back = visit(client, asked, {"user": "zhangsan", "answer": "allow"})
    assert re.fullmatch(r"http://localhost:8000/login\?code=\w{32}", back.headers["Location"])


def test_parameters_of_the_login_script_are_accepted(client: Client) -> None:
    script = {"style": "black", "href": "https://a.example/a.css", "fast_login": "0"}
    assert 'target="_top"' in visit(client, ASKED | script).text
    assert 'target="_self"' in visit(client, ASKED | script | {"self_redirect": "true"}).text.partition("<button")[0]


def test_official_accounts_page_is_not_for_a_website(client: Client) -> None:
    asked = ASKED | {"scope": "snsapi_userinfo", "state": "a"}
    assert "错误码: 10005<" in client.raw("GET", "/connect/oauth2/authorize", params=asked).text


def test_token_of_a_website_is_for_no_other_accounts_endpoints(client: Client) -> None:
    """WeChat gives websites an access_token (document 获取普通 AccessToken of 网站应用)."""
    token = client.token(WEB)["access_token"]
    assert client.get("/cgi-bin/ticket/getticket", access_token=token, type="jsapi")["errcode"] == 48001


def test_page_calls_are_recorded_and_may_fail(mock: MockWeChat, client: Client) -> None:
    mock.fail(PATH, status=502)
    assert visit(client, ASKED).status_code == 502
    mock.fail(PATH, 10004)
    assert "错误码: 10004<" in visit(client, ASKED).text
    assert [call.appid for call in mock.calls(PATH)] == [WEB[0], WEB[0]]


def test_code_by_control_call_has_the_scope_of_the_kind(mock: MockWeChat, client: Client) -> None:
    assert exchange(client, mock.oauth_code(WEB[0]))["scope"] == "snsapi_login"
    with pytest.raises(ValueError, match="scope"):
        mock.oauth_code(WEB[0], scope="snsapi_base")
