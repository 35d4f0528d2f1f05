"""Web login: start, callback, redeem, as browsers and sites' backends see them."""

import re
from urllib.parse import parse_qs, parse_qsl, quote, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from mock_wechat import MockWeChat
from tests.app.web.conftest import Caller

# RFC 7636, appendix B
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

NEXT = "https://h5.example.com/order?id=7#/pay"
EXCHANGE = "/sns/oauth2/access_token"
TICKET = re.compile(r"[A-Za-z0-9_-]{43}")
OTHER_KEY = "another-sites-backend-key0"


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    keys = environment["WECHAT_API_KEYS"].replace("everything:token", "everything:oauth+token")
    return {
        **environment,
        "WECHAT_API_KEYS": keys,
        "WECHAT_LOGIN_ORIGINS": "https://h5.example.com,http://localhost:8000",
        "WECHAT_PUBLIC_URL": "https://localhost/wx",
        "WECHAT_SECRET_KEY": "0123456789abcdef0123456789abcdef",
    }


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()


def start(browser: FlaskClient, **given: str) -> TestResponse:
    given = {"next": NEXT, "challenge": CHALLENGE} | given
    query = "&".join(f"{name}={quote(text, safe='')}" for name, text in given.items() if text)
    return browser.get(f"/api/oauth/start?{query}", base_url="https://localhost")


def allowed(response: TestResponse, wechat: MockWeChat, **details: object) -> str:
    """The callback that WeChat sends the browser back with once the user allowed it."""
    asked = dict(parse_qsl(urlsplit(response.headers["Location"]).query))
    code = wechat.oauth_code(asked["appid"], scope=asked["scope"], **details)
    return f"/api/oauth/callback?code={code}&state={asked['state']}"


def follow(browser: FlaskClient, callback: str) -> TestResponse:
    return browser.get(callback, base_url="https://localhost")


def ticket_in(response: TestResponse) -> str:
    assert response.status_code == 302, response.get_data(as_text=True)
    return parse_qs(urlsplit(response.headers["Location"]).query)["ticket"][0]


def reason(response: TestResponse) -> str:
    """Why the page says that the login failed; it offers to start again."""
    page = response.get_data(as_text=True)
    assert response.content_type.startswith("text/html"), page
    found = re.search(r'data-reason="(\w+)"', page)
    assert found, page
    return found[1]


def redeem(caller: Caller, ticket: str, verifier: str = VERIFIER) -> TestResponse:
    return caller.post("/api/oauth/redeem", {"ticket": ticket, "verifier": verifier})


def test_silent_login_from_start_to_user(browser: FlaskClient, wechat: MockWeChat, caller: Caller) -> None:
    started = start(browser, state="their own & state/?")
    location = started.headers["Location"]
    asked = parse_qsl(urlsplit(location).query)
    assert started.status_code == 302
    assert location.startswith(f"{wechat.url}/connect/oauth2/authorize?appid=")
    assert [name for name, _ in asked] == ["appid", "redirect_uri", "response_type", "scope", "state"]
    assert dict(asked)["redirect_uri"] == "https://localhost/wx/api/oauth/callback"
    assert dict(asked)["scope"] == "snsapi_base"
    assert re.fullmatch("[A-Za-z0-9]{1,128}", dict(asked)["state"])
    assert location.endswith("#wechat_redirect")
    back = follow(browser, allowed(started, wechat))
    page, _, query = back.headers["Location"].partition("&ticket=")
    assert page == "https://h5.example.com/order?id=7"
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}&state=their\+own\+%26\+state%2F%3F#/pay", query)
    user = redeem(caller, ticket_in(back)).get_json()
    assert user == {
        "account": "default",
        "appid": "wx0000000000000001",
        "origin": "https://h5.example.com",
        "scope": "snsapi_base",
        "openid": wechat.openid("wx0000000000000001"),
        "is_snapshotuser": False,
    }
    assert [call.path for call in wechat.calls()] == [EXCHANGE]
