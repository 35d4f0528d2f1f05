"""Web login: start, callback, redeem, as browsers and sites' backends see them."""

import io
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.errors import StoreUnavailable
from app.services import Services
from mock_wechat import MockWeChat
from tests.app.web.conftest import Caller, problem
from tests.doubles import FakeClock

# RFC 7636, appendix B
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

NEXT = "https://h5.example.com/order?id=7#/pay"
EXCHANGE = "/sns/oauth2/access_token"
TICKET = re.compile(r"[A-Za-z0-9_-]{43}")
OTHER_KEY = "another-sites-backend-key0"


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return {
        **environment,
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


def allowed(response: TestResponse, wechat: MockWeChat, **details: Any) -> str:
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


def test_user_with_consent_and_snapshot_user(browser: FlaskClient, wechat: MockWeChat, caller: Caller) -> None:
    started = start(browser, scope="snsapi_userinfo")
    user = redeem(caller, ticket_in(follow(browser, allowed(started, wechat)))).get_json()
    assert {"unionid", "nickname"} <= set(user)
    assert user["is_snapshotuser"] is False
    started = start(browser, scope="snsapi_userinfo")
    virtual = redeem(caller, ticket_in(follow(browser, allowed(started, wechat, snapshot=True)))).get_json()
    assert virtual["is_snapshotuser"] is True
    assert virtual["openid"] != user["openid"]
    assert "nickname" not in virtual
    assert [call.path for call in wechat.calls()] == [EXCHANGE, "/sns/userinfo", EXCHANGE]


def test_login_without_userinfo_when_wechat_gives_none(
    browser: FlaskClient, wechat: MockWeChat, caller: Caller
) -> None:
    wechat.fail("/sns/userinfo", errcode=48001)
    back = follow(browser, allowed(start(browser, scope="snsapi_userinfo"), wechat))
    user = redeem(caller, ticket_in(back)).get_json()
    assert user["openid"] == wechat.openid("wx0000000000000001")
    assert "nickname" not in user


@pytest.mark.parametrize("seconds", [0, 30, 59])
def test_repeated_callback_leads_to_the_same_page(
    browser: FlaskClient, wechat: MockWeChat, clock: FakeClock, seconds: float
) -> None:
    callback = allowed(start(browser), wechat)
    first = follow(browser, callback)
    clock.advance(seconds)
    assert ticket_in(first)
    assert follow(browser, callback).headers["Location"] == first.headers["Location"]
    assert len(wechat.calls(EXCHANGE)) == 1


def test_callback_after_a_minute_or_with_another_code_starts_anew(
    browser: FlaskClient, wechat: MockWeChat, clock: FakeClock
) -> None:
    callback = allowed(start(browser), wechat)
    follow(browser, callback)
    assert reason(follow(browser, callback.replace("code=", "code=x"))) == "used"
    clock.advance(61)
    page = follow(browser, callback)
    assert reason(page) == "used"
    again = re.search(r'href="start\?([^"]+)"', page.get_data(as_text=True))
    assert again
    query = again[1].replace("&amp;", "&")
    restarted = browser.get(f"/api/oauth/start?{query}", base_url="https://localhost")
    assert ticket_in(follow(browser, allowed(restarted, wechat)))
    assert len(wechat.calls(EXCHANGE)) == 2


def test_two_tabs_of_one_browser_end_each_at_its_own_page(browser: FlaskClient, wechat: MockWeChat) -> None:
    first, second = start(browser, state="1"), start(browser, state="2")
    for started, own in ((second, "2"), (first, "1")):
        back = follow(browser, allowed(started, wechat))
        assert f"&state={own}#/pay" in back.headers["Location"]


def test_callback_that_cannot_be_finished_starts_anew(
    app: Flask, browser: FlaskClient, wechat: MockWeChat, clock: FakeClock
) -> None:
    callback = allowed(start(browser), wechat)
    forged = re.sub(r"state=\w+", "state=0123456789abcdef0123456789abcdef", callback)
    assert reason(follow(browser, forged)) == "unknown"
    assert reason(follow(browser, re.sub(r"state=\w+", f"state={'a' * 200}", callback))) == "unknown"
    assert reason(follow(browser, "/api/oauth/callback")) == "unknown"
    victim = app.test_client()
    start(victim)  # has a cookie, of another attempt
    assert reason(follow(victim, callback)) == "cookie"
    assert reason(follow(browser, re.sub(r"code=\w+&", "", callback))) == "code"
    clock.advance(600)
    assert reason(follow(browser, callback)) == "expired"
    clock.advance(3000)
    assert reason(follow(browser, callback)) == "unknown"
    assert wechat.calls() == []


@pytest.mark.parametrize(
    "fault",
    [
        {"errcode": -1},
        {"errcode": -1, "processed": True},
        {"errcode": 40001},
        {"errcode": 40029},
        {"errcode": 40163},
        {"errcode": 40125},
        {"status": 502},
        {"body": '{"access_token":"x"}'},
        {"delay_seconds": 600},
        {"drop": "before"},
        {"drop": "after"},
    ],
    ids=lambda fault: "-".join(map(str, fault.values())) if "body" not in fault else "no openid",
)
def test_failed_exchange_is_never_repeated(
    environment: dict[str, str],
    request: pytest.FixtureRequest,
    wechat: MockWeChat,
    log: io.StringIO,
    fault: dict[str, Any],
) -> None:
    if "delay_seconds" in fault:
        environment["WECHAT_READ_TIMEOUT_SECONDS"] = "0.2"
    browser = request.getfixturevalue("browser")
    callback = allowed(start(browser), wechat)
    code = re.findall(r"code=(\w+)", callback)[0]
    wechat.fail(EXCHANGE, **fault)
    for _ in range(2):
        page = follow(browser, callback)
        assert (page.status_code, reason(page)) == (502, "wechat")
        assert 'href="start?' in page.get_data(as_text=True)
    assert len(wechat.calls(EXCHANGE)) == 1
    line = next(line for line in log.getvalue().splitlines() if "web login failed" in line)
    if "errcode" in fault:
        assert f'"errcode":"{fault["errcode"]}"' in line
        assert re.search(r'"rid":"[0-9a-f-]{26}"', line) or fault["errcode"] == -1
    assert code not in log.getvalue()


def test_ticket_is_good_once_for_a_minute_with_its_verifier(
    browser: FlaskClient, wechat: MockWeChat, caller: Caller, clock: FakeClock
) -> None:
    ticket = ticket_in(follow(browser, allowed(start(browser), wechat)))
    problem(redeem(caller, ticket, "a" * 43), 404, "ticket-refused")
    problem(redeem(caller, "b" * 43), 404, "ticket-refused")
    clock.advance(59)
    assert redeem(caller, ticket).status_code == 200
    problem(redeem(caller, ticket), 404, "ticket-refused")
    late = ticket_in(follow(browser, allowed(start(browser), wechat)))
    clock.advance(60)
    problem(redeem(caller, late), 404, "ticket-refused")


@pytest.mark.parametrize("key", ["of_mini:oauth", "without:token"])
def test_ticket_needs_a_key_with_the_scope_for_the_account(
    environment: dict[str, str], request: pytest.FixtureRequest, wechat: MockWeChat, tmp_path: Path, key: str
) -> None:
    config = tmp_path / "wechat.toml"
    name, _, scope = key.partition(":")
    config.write_text(f'[keys.{name}]\nkey = "{OTHER_KEY}"\nscopes = ["{scope}"]\naccounts = ["mini"]\n')
    environment["WECHAT_CONFIG"] = str(config)
    browser = request.getfixturevalue("app").test_client()
    ticket = ticket_in(follow(browser, allowed(start(browser), wechat)))
    sent = {"json": {"ticket": ticket, "verifier": VERIFIER}, "headers": {"Authorization": f"Bearer {OTHER_KEY}"}}
    status, slug = (404, "ticket-refused") if scope == "oauth" else (403, "key-not-allowed")
    problem(browser.post("/api/oauth/redeem", **sent), status, slug)
    problem(browser.post("/api/oauth/redeem", json=sent["json"]), 401, "key-required")


@pytest.mark.parametrize(
    ("given", "status", "slug"),
    [
        ({"next": "https://evil.example.com/"}, 403, "login-not-allowed"),
        ({"next": "https://h5.example.com@evil.example.com/"}, 400, "url-wrong"),
        ({"next": "https://h5.example.com/\r\nSet-Cookie: a=b"}, 400, "url-wrong"),
        ({"next": "https://h5.example.com/#\r\nSet-Cookie: a=b"}, 400, "url-wrong"),
        ({"next": "https://h5.example.com/" + "a" * 2048}, 400, "parameter-wrong"),
        ({"next": ""}, 400, "parameter-wrong"),
        ({"challenge": ""}, 400, "parameter-wrong"),
        ({"challenge": "x" * 44}, 400, "parameter-wrong"),
        ({"state": "x" * 513}, 400, "parameter-wrong"),
        ({"state": "\u6c34"}, 400, "parameter-wrong"),
        ({"scope": "snsapi_login"}, 400, "account-kind-wrong"),
        ({"scope": "snsapi"}, 400, "parameter-wrong"),
        ({"account": "mini"}, 400, "account-kind-wrong"),
        ({"account": "nobody"}, 404, "account-unknown"),
        ({"callback": "x"}, 400, "parameter-wrong"),
    ],
)
def test_wrong_start_is_refused_before_anything_is_sent(
    browser: FlaskClient, given: dict[str, str], status: int, slug: str
) -> None:
    response = start(browser, **given)
    problem(response, status, slug)
    assert "Set-Cookie" not in response.headers
    assert "Location" not in response.headers


@pytest.mark.parametrize(
    ("missing", "named"),
    [("WECHAT_PUBLIC_URL", ["WECHAT_PUBLIC_URL"]), ("WECHAT_SECRET_KEY", ["WECHAT_STORE_KEY", "WECHAT_SECRET_KEY"])],
)
def test_missing_setting_is_named(
    environment: dict[str, str], request: pytest.FixtureRequest, missing: str, named: list[str]
) -> None:
    del environment[missing]
    detail = problem(start(request.getfixturevalue("app").test_client()), 404, "not-configured")["detail"]
    assert all(name in detail for name in named)


def test_cookies_are_of_this_host_and_at_most_five(browser: FlaskClient) -> None:
    set_cookie = start(browser).headers["Set-Cookie"]
    assert re.fullmatch(
        r"__Host-wxl-[0-9a-f]{16}=[\w-]{43}; Max-Age=600; Secure; HttpOnly; Path=/; SameSite=Lax",
        re.sub(r" Expires=[^;]*;", "", set_cookie),
    )
    for _ in range(9):
        start(browser)
    assert len(browser._cookies or ()) == 5  # Werkzeug's client lists them nowhere else


def test_cookie_on_plain_http_of_loopback_has_no_prefix(
    environment: dict[str, str], request: pytest.FixtureRequest, wechat: MockWeChat
) -> None:
    environment["WECHAT_PUBLIC_URL"] = "http://localhost"
    browser = request.getfixturevalue("app").test_client()
    started = browser.get(f"/api/oauth/start?next={quote(NEXT, safe='')}&challenge={CHALLENGE}")
    assert started.headers["Set-Cookie"].startswith("wxl-")
    assert "Secure" not in started.headers["Set-Cookie"]
    assert ticket_in(browser.get(allowed(started, wechat)))


def test_no_answer_is_kept_or_tells_its_address(browser: FlaskClient, wechat: MockWeChat) -> None:
    started = start(browser)
    page = follow(browser, "/api/oauth/callback?state=x")
    for response in (started, follow(browser, allowed(started, wechat)), page, start(browser, scope="x")):
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'nonce-")
    assert "unsafe" not in policy


def test_log_has_neither_code_nor_state_ticket_or_user(
    browser: FlaskClient, wechat: MockWeChat, caller: Caller, log: io.StringIO
) -> None:
    started = start(browser, scope="snsapi_userinfo", state="their-own-state")
    callback = allowed(started, wechat)
    ticket = ticket_in(follow(browser, callback))
    user = redeem(caller, ticket).get_json()
    private = [*dict(parse_qsl(urlsplit(callback).query)).values(), ticket, VERIFIER, "their-own-state", NEXT]
    written = log.getvalue()
    assert "/api/oauth/callback" in written
    assert [one for one in (*private, user["openid"], user["unionid"], user["nickname"]) if one in written] == []


def test_store_that_fails_is_a_page_that_starts_anew(
    browser: FlaskClient, services: Services, wechat: MockWeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    callback = allowed(start(browser), wechat)

    def fail(*_: object) -> str:
        raise StoreUnavailable("down")

    monkeypatch.setattr(services.store._inner, "get", fail)
    page = follow(browser, callback)
    assert (page.status_code, reason(page)) == (503, "busy")
    assert page.headers["Retry-After"]


WEB = (
    '[accounts.site]\nappid = "wx0000000000000003"\nsecret = "mock-web-secret"\nkind = "web"\n'
    'login_origins = ["https://www.example.com"]\n'
)


@pytest.fixture
def with_website(environment: dict[str, str], tmp_path: Path, wechat: MockWeChat) -> None:
    wechat.add_account("wx0000000000000003", "mock-web-secret", "web", oauth_domains=["localhost"])
    (tmp_path / "wechat.toml").write_text(WEB)
    environment["WECHAT_CONFIG"] = str(tmp_path / "wechat.toml")


@pytest.mark.usefixtures("with_website")
def test_website_logs_in_by_qr_code(request: pytest.FixtureRequest, wechat: MockWeChat) -> None:
    app = request.getfixturevalue("app")
    browser = app.test_client()
    started = start(browser, next="https://www.example.com/me")
    location = started.headers["Location"]
    assert location.startswith(f"{wechat.url}/connect/qrconnect?appid=wx0000000000000003&")
    assert "&scope=snsapi_login&" in location
    user = redeem(Caller(app.test_client(), "everything"), ticket_in(follow(browser, allowed(started, wechat))))
    assert user.get_json()["account"] == "site"
    assert {"unionid", "nickname"} <= set(user.get_json())


@pytest.mark.usefixtures("with_website")
@pytest.mark.parametrize(
    ("scope", "path"), [("snsapi_login", "/connect/qrconnect"), ("snsapi_base", "/connect/oauth2/authorize")]
)
def test_scope_picks_the_account_of_an_origin_that_two_have(
    request: pytest.FixtureRequest, environment: dict[str, str], scope: str, path: str
) -> None:
    environment["WECHAT_LOGIN_ORIGINS"] += ",https://www.example.com"
    browser = request.getfixturevalue("app").test_client()
    started = start(browser, next="https://www.example.com/me", scope=scope)
    assert urlsplit(started.headers.get("Location", "")).path == path


@pytest.mark.usefixtures("with_website")
def test_website_has_no_access_token(request: pytest.FixtureRequest, wechat: MockWeChat) -> None:
    app = request.getfixturevalue("app")
    caller = Caller(app.test_client(), "everything")
    problem(caller.get("/api/access_token?account=site"), 400, "account-kind-wrong")
    problem(caller.get("/api/jsapi_ticket?account=site"), 400, "parameter-wrong")
    problem(caller.post("/api/moderation/text", {"content": "x", "account": "site"}), 400, "account-kind-wrong")
    media = {"media_url": "https://h5.example.com/a.png", "media_type": 2, "openid": "o", "scene": 2, "account": "site"}
    problem(caller.post("/api/moderation/media", media), 400, "account-kind-wrong")
    (site,) = caller.get("/readyz?account=site").get_json()["accounts"]
    assert (site["kind"], site["credentials"]) == ("web", [])
    assert caller.get("/metrics").status_code == 200
    request.getfixturevalue("services").refresher().check()
    assert "wx0000000000000003" not in [call.appid for call in wechat.calls()]
