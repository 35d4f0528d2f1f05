"""/connect/oauth2/authorize by WECHAT.md 9.1: a page, its errors, and the redirect back."""

import json
import re
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from mock_wechat import MockWeChat

from .client import MINI, OFFICIAL, Client

PATH = "/connect/oauth2/authorize"
ASKED = {
    "appid": OFFICIAL[0],
    "redirect_uri": "http://localhost:8000/login",
    "response_type": "code",
    "scope": "snsapi_userinfo",
    "state": "abc123",
}


class Form(HTMLParser):
    """The names and values that a page's form can send, and what is chosen beforehand."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self.chosen: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = dict(attrs)
        if tag in ("input", "button") and of.get("name"):
            self.values.setdefault(str(of["name"]), []).append(str(of["value"]))
            if "checked" in of:
                self.chosen.append(str(of["value"]))


def visit(client: Client, asked: dict[str, str], answer: dict[str, str] | None = None) -> requests.Response:
    path = f"{PATH}?{urlencode(asked)}"
    if answer is None:
        return client.raw("GET", path, allow_redirects=False)
    return client.raw("POST", path, data=answer, allow_redirects=False)


def code_in(response: requests.Response) -> str:
    assert response.status_code == 302
    return parse_qs(urlsplit(response.headers["Location"]).query)["code"][0]


def exchange(client: Client, code: str) -> dict[str, object]:
    asked = {"appid": OFFICIAL[0], "secret": OFFICIAL[1], "code": code, "grant_type": "authorization_code"}
    granted: dict[str, object] = client.get("/sns/oauth2/access_token", **asked)
    return granted


def test_page_lets_you_choose_a_user(client: Client) -> None:
    page = visit(client, ASKED)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    form = Form(page.text)
    assert form.values == {
        "user": ["zhangsan", "lisi", "alice"], "snapshot": ["1"], "answer": ["allow", "refuse"],
    }  # fmt: skip
    assert form.chosen == ["zhangsan"]
    assert "张三" in page.text
    assert "<script" not in page.text


def test_consent_goes_back_with_code_and_state(mock: MockWeChat, client: Client) -> None:
    back = visit(client, ASKED, {"user": "lisi", "answer": "allow"})
    assert re.fullmatch(
        r"http://localhost:8000/login\?code=0\d\d[A-Za-z0-9]{29}&state=abc123", back.headers["Location"]
    )
    granted = exchange(client, code_in(back))
    assert granted["openid"] == mock.openid(OFFICIAL[0], "lisi")
    assert granted["scope"] == "snsapi_userinfo"


def test_chosen_user_becomes_the_phone_holder(mock: MockWeChat, client: Client) -> None:
    visit(client, ASKED, {"user": "alice", "answer": "allow"})
    assert Form(visit(client, ASKED).text).chosen == ["alice"]
    base = exchange(client, code_in(visit(client, ASKED | {"scope": "snsapi_base"})))
    assert base["openid"] == mock.openid(OFFICIAL[0], "alice")


def test_refusal_does_not_redirect(client: Client) -> None:
    page = visit(client, ASKED, {"user": "zhangsan", "answer": "refuse"})
    assert (page.status_code, "Location" in page.headers) == (200, False)
    assert "You refused" in page.text


@pytest.mark.parametrize(
    ("redirect_uri", "begin"),
    [
        ("http://localhost/a?b=c", "http://localhost/a?b=c&code="),
        ("http://127.0.0.1:5000/#/route", "http://127.0.0.1:5000/?code="),
        ("http://localhost/登录 页", "http://localhost/%E7%99%BB%E5%BD%95%20%E9%A1%B5?code="),
        ("http://localhost/%E7%99%BB\r\nX: y", "http://localhost/%E7%99%BB%0D%0AX:%20y?code="),
    ],
)
def test_code_is_added_to_any_address(client: Client, redirect_uri: str, begin: str) -> None:
    location = visit(client, ASKED | {"scope": "snsapi_base", "redirect_uri": redirect_uri}).headers["Location"]
    assert location.startswith(begin)
    assert location.endswith("#/route") == redirect_uri.endswith("#/route")


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"appid": ""}, 10012),
        ({"redirect_uri": ""}, 10011),
        ({"scope": ""}, 10010),
        ({"state": ""}, 10013),
        ({"appid": "wx1"}, 40013),
        ({"appid": MINI[0]}, 10005),
        ({"scope": "snsapi_login"}, 10005),
        ({"redirect_uri": "http://evil.example/"}, 10003),
        ({"redirect_uri": "http://sub.localhost/"}, 10003),
        ({"redirect_uri": "localhost:8000/login"}, 10003),
        ({"redirect_uri": "javascript://localhost/%0aalert(1)"}, 10003),
    ],
)
def test_page_shows_its_own_errcodes(client: Client, change: dict[str, str], errcode: int) -> None:
    page = visit(client, ASKED | change)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert f"错误码: {errcode}<" in page.text


def test_domain_is_the_accounts(mock: MockWeChat, client: Client) -> None:
    mock.add_account(*OFFICIAL, oauth_domains=["shop.example"])
    assert "10003" in visit(client, ASKED).text
    page = visit(client, ASKED | {"redirect_uri": "https://shop.example/"})
    assert "asks who you are" in page.text
    assert "10003" in visit(client, ASKED | {"redirect_uri": "https://www.shop.example/"}).text


def test_parameters_have_an_order(client: Client) -> None:
    mixed = dict(reversed(ASKED.items()))
    page = visit(client, mixed)
    assert "参数错误" in page.text
    assert "appid, redirect_uri, response_type, scope, state" in page.text
    extra = {"connect_redirect": "1", "forcePopup": "true", "forceSnapShot": "true"}
    assert "asks who you are" in visit(client, ASKED | extra).text


def test_forced_snapshot_gives_a_virtual_user(mock: MockWeChat, client: Client) -> None:
    real = exchange(client, code_in(visit(client, ASKED, {"user": "lisi", "answer": "allow"})))
    forced = ASKED | {"forceSnapShot": "true"}
    virtual = exchange(client, code_in(visit(client, forced, {"user": "lisi", "answer": "allow"})))
    assert virtual["is_snapshotuser"] == 1
    assert {virtual["openid"], virtual["unionid"]}.isdisjoint({real["openid"], real["unionid"]})
    assert virtual["openid"] != mock.openid(OFFICIAL[0], "lisi")


def test_callback_twice_is_a_page_that_requests_it_twice(mock: MockWeChat, client: Client) -> None:
    mock.set_user("zhangsan", calls_back_twice=True)
    asked = ASKED | {"scope": "snsapi_base", "redirect_uri": "http://localhost/</script>?a=1"}
    page = visit(client, asked)
    assert page.status_code == 200
    match = re.search(r'const back = (".*");', page.text)
    assert match
    back = json.loads(match[1])
    assert re.fullmatch(r"http://localhost/</script>\?a=1&code=\w{32}&state=abc123", back)
    assert page.text.count("</script>") == 1
    assert page.text.count("location.replace(back)") == 2


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"response_type": "token"}, "response_type must be code"),
        ({"state": "a-b"}, "letters and digits"),
        ({"state": "a" * 129}, "up to 128"),
        ({"state": "abc#wechat_redirect"}, "not percent-encoded"),
    ],
)
def test_errors_without_an_errcode_are_explained(client: Client, change: dict[str, str], why: str) -> None:
    page = visit(client, ASKED | change)
    assert "参数错误" in page.text
    assert why in page.text


def test_values_of_callers_are_escaped(client: Client, mock: MockWeChat) -> None:
    mock.set_user("<b>", nickname='"><script>alert(1)</script>')
    assert "<script" not in visit(client, ASKED).text
    assert "<b>" not in visit(client, ASKED).text


def test_page_calls_are_recorded_and_may_fail(mock: MockWeChat, client: Client) -> None:
    mock.fail(PATH, 10004)
    assert "错误码: 10004<" in visit(client, ASKED).text
    mock.fail("*", status=502)
    assert visit(client, ASKED).status_code == 502
    assert [(call.appid, call.errcode) for call in mock.calls(PATH)] == [(OFFICIAL[0], 10004), (OFFICIAL[0], None)]
