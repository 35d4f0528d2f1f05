"""Web logins in real processes: Chromium, a site, a server and the mock. Each code is exchanged once."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from mock_wechat import OFFICIAL, WEB, MockWeChat
from tests.e2e.conftest import assert_no_secret_in
from tests.e2e.logins import EXCHANGE, VERIFIER, Phone, login_site, origin, ticket_of
from tests.e2e.nodes import events
from tests.e2e.servers import KEY, Server, free_port, serving


@dataclass(frozen=True)
class Login:
    """A server with its mock, a site whose users log in, and the server's clock."""

    server: Server
    wechat: MockWeChat
    site: str
    offset: Path

    def exchanges(self) -> int:
        """The number of codes that were sent to WeChat."""
        return len(self.wechat.calls(EXCHANGE))

    def callback(self, phone: Phone) -> str:
        """Where WeChat sends a browser that came from the site."""
        return phone.callback(self.server.url, next=f"{self.site}/logged-in", state="of-the-site")


@pytest.fixture(scope="module")
def login(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Login]:
    folder, port = tmp_path_factory.mktemp("login"), free_port()
    url, (site, site_port) = f"http://127.0.0.1:{port}", origin()
    offset = folder / "offset"
    offset.write_text("0")
    with MockWeChat() as wechat:
        environment = {
            **wechat.environment,
            "CLOCK_OFFSET_FILE": str(offset),
            "WECHAT_API_KEYS": f"e2e:oauth+ops={KEY}",
            "WECHAT_LOGIN_ORIGINS": f"{site},{url}",
            "WECHAT_PUBLIC_URL": url,
            "WECHAT_READ_TIMEOUT_SECONDS": "0.5",
            "WECHAT_WEB_APPID": WEB.appid,
            "WECHAT_WEB_SECRET": WEB.secret,
            "WECHAT_WEB_LOGIN_ORIGINS": url,
            "WECHAT_SECRET_KEY": "a-secret-key-of-the-login-tests!!",
        }
        with (
            serving(folder, environment, port=port, app="tests.e2e.wsgi_clock:app") as server,
            login_site(server, site_port) as site,
        ):
            yield Login(server, wechat, site, offset)
        codes = [call.query["code"] for call in wechat.calls(EXCHANGE)]
        assert len(codes) == len(set(codes)) > 0
        assert_no_secret_in([log := server.log.read_text()], [wechat])
        assert not re.search("(ticket|state|verifier)=", log)


def user_is(page: Page, name: str) -> None:
    expect(page.locator("#user")).to_have_text(name)


def consent(page: Page, name: str, *, snapshot: bool = False) -> None:
    """Allow the login as this user on WeChat's page."""
    page.get_by_label(re.compile(name)).check()
    if snapshot:
        page.get_by_label(re.compile("快照页")).check()
    page.get_by_role("button", name="Allow").click()


def open_logged_out(page: Page, site: str) -> None:
    page.context.clear_cookies()
    page.goto(site)


def test_site_knows_its_user_without_a_question(tab: Page, login: Login) -> None:
    open_logged_out(tab, login.site)
    before = login.exchanges()
    tab.get_by_role("link", name="Log in with WeChat").click()
    user_is(tab, login.wechat.openid(OFFICIAL.appid))
    assert tab.url == f"{login.site}/#wechat_redirect"  # no code and no ticket; browsers keep WeChat's fragment
    assert login.exchanges() == before + 1


def test_back_button_leads_to_a_page_and_never_to_a_second_exchange(tab: Page, login: Login) -> None:
    open_logged_out(tab, login.site)
    tab.get_by_role("link", name="with nickname").click()
    consent(tab, "Alice")
    user_is(tab, "Alice")
    tab.go_back()  # WeChat's page, whose state is spent
    before = login.exchanges()
    consent(tab, "张三")
    expect(tab.locator("#reason")).to_be_visible()
    assert login.exchanges() == before
    tab.get_by_role("link", name="Log in again").click()
    consent(tab, "李四")
    user_is(tab, "Alice")  # the site takes no login that it did not start
    assert login.exchanges() == before + 1


def test_snapshot_user_gets_no_account(tab: Page, login: Login) -> None:
    open_logged_out(tab, login.site)
    tab.get_by_role("link", name="with nickname").click()
    consent(tab, "Alice", snapshot=True)
    expect(tab.get_by_text("Open the full page in WeChat")).to_be_visible()


def test_two_tabs_log_in_at_the_same_time(tab: Page, login: Login) -> None:
    open_logged_out(tab, login.site)
    other = tab.context.new_page()
    other.goto(login.site)
    for page in (tab, other):
        page.get_by_role("link", name="with nickname").click()
    consent(tab, "Alice")
    user_is(tab, "Alice")
    consent(other, "李四")
    user_is(other, "李四")
    other.close()


def test_page_loaded_twice_by_android_logs_in_once(tab: Page, login: Login) -> None:
    login.wechat.set_user("zhangsan", holds_phone=True, calls_back_twice=True)
    login.wechat.fail(EXCHANGE, delay_seconds=0.4)
    open_logged_out(tab, login.site)
    before = login.exchanges()
    tab.get_by_role("link", name="Log in with WeChat").click()
    user_is(tab, login.wechat.openid(OFFICIAL.appid))
    assert login.exchanges() == before + 1
    login.wechat.set_user("zhangsan", calls_back_twice=False)


@pytest.mark.parametrize("way", ["With consent", "QR code"])
def test_demo_page_shows_what_each_side_saw(tab: Page, login: Login, way: str) -> None:
    tab.goto(f"{login.server.url}/login.html")
    tab.get_by_label("API key").fill(KEY)
    tab.get_by_label(way).check()
    tab.get_by_role("button", name="Log in").click()
    consent(tab, "Alice")
    expect(tab.locator("#redeem")).to_have_attribute("data-state", "ok")
    openid = login.wechat.openid(WEB.appid if way == "QR code" else OFFICIAL.appid, "alice")
    expect(tab.locator("#redeem .facts")).to_contain_text(openid)
    expect(tab.locator("#summary")).to_have_text("Logged in: Alice")
    assert tab.url == f"{login.server.url}/login.html"
    assert tab.evaluate("sessionStorage.length") == 0  # the key was there while the browser was away


def test_demo_page_redeems_no_ticket_of_a_login_that_it_did_not_start(tab: Page, login: Login) -> None:
    phone, page = Phone(), f"{login.server.url}/login.html"
    answer = phone.get(phone.callback(login.server.url, next=page, state="of-another-browser"))
    tab.goto(answer.headers["Location"])
    expect(tab.locator("#back")).to_have_attribute("data-state", "failed")
    expect(tab.locator("#redeem")).to_have_attribute("data-state", "skipped")
    assert redeem(login.server, ticket_of(answer)).ok


def redeem(server: Server, ticket: str) -> requests.Response:
    """The answer to the site's backend."""
    return server.post("/api/oauth/redeem", json={"ticket": ticket, "verifier": VERIFIER})


@contextmanager
def later(login: Login, seconds: int) -> Iterator[None]:
    """The server's clock is ahead."""
    login.offset.write_text(str(seconds))
    yield
    login.offset.write_text("0")


def test_callback_twice_at_once_and_30_seconds_later_is_the_same_redirect(login: Login) -> None:
    phone = Phone()
    callback, before = login.callback(phone), login.exchanges()
    login.wechat.fail(EXCHANGE, delay_seconds=0.2)
    with ThreadPoolExecutor(3) as threads:
        answers = list(threads.map(phone.get, [callback] * 3))
    with later(login, 30):
        answers.append(phone.get(callback))
    assert len({answer.headers.get("Location") for answer in answers}) == 1
    assert login.exchanges() == before + 1
    tickets = [redeem(login.server, ticket_of(answer)) for answer in answers]
    assert sorted(answer.ok for answer in tickets) == [False, False, False, True]


def forged(callback: str) -> str:
    return re.sub(r"state=\w", "state=0" if "state=0" not in callback else "state=1", callback)


Callback = Callable[[Login], requests.Response]
BROKEN: dict[str, tuple[str, Callback]] = {}


def broken(reason: str) -> Callable[[Callback], Callback]:
    """A callback that ends at a page with this reason."""

    def decorate(callback: Callback) -> Callback:
        BROKEN[callback.__name__] = reason, callback
        return callback

    return decorate


@broken("expired")
def expired(login: Login) -> requests.Response:
    phone = Phone()
    callback = login.callback(phone)
    with later(login, 601):
        return phone.get(callback)


@broken("unknown")
def forged_state(login: Login) -> requests.Response:
    phone = Phone()
    return phone.get(forged(login.callback(phone)))


@broken("cookie")
def foreign_state(login: Login) -> requests.Response:
    phone, other = Phone(), Phone()
    login.callback(phone)
    return phone.get(login.callback(other))


@broken("cookie")
def missing_cookie(login: Login) -> requests.Response:
    return Phone().get(login.callback(Phone()))


@broken("code")
def missing_code(login: Login) -> requests.Response:
    phone = Phone()
    return phone.get(re.sub(r"code=[^&]*&", "", login.callback(phone)))


@broken("used")
def another_code(login: Login) -> requests.Response:
    phone = Phone()
    callback = login.callback(phone)
    assert phone.get(callback).status_code == 302
    return phone.get(re.sub(r"code=[^&]*", f"code={login.wechat.oauth_code()}", callback))


@broken("used")
def spent_and_late(login: Login) -> requests.Response:
    phone = Phone()
    callback = login.callback(phone)
    assert phone.get(callback).status_code == 302
    with later(login, 61):
        return phone.get(callback)


@pytest.mark.parametrize("case", BROKEN)
def test_broken_login_ends_at_a_page_that_starts_anew(login: Login, case: str) -> None:
    before, (reason, callback) = login.exchanges(), BROKEN[case]
    answer = callback(login)
    assert_starts_anew(answer, reason)
    assert login.exchanges() == before + (case in ("another_code", "spent_and_late"))
    assert_no_secret_in([answer.text], [login.wechat])


def assert_starts_anew(answer: requests.Response, reason: str) -> None:
    """It is a page with this reason, and with a link that starts the same login again, if that is known."""
    assert answer.status_code >= 400
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.headers["Cache-Control"] == "no-store"
    assert f'data-reason="{reason}"' in answer.text
    assert ('href="start?' in answer.text) == (reason != "unknown")


FAULTS: dict[str, dict[str, Any]] = {
    "system error": {"errcode": -1},
    "system error, code used": {"errcode": -1, "processed": True},
    "refused": {"errcode": 40001},
    "timeout": {"delay_seconds": 1.5},
    "connection cut before": {"drop": "before"},
    "connection cut after": {"drop": "after"},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_failed_exchange_is_not_repeated(login: Login, fault: str) -> None:
    phone = Phone()
    callback, before = login.callback(phone), login.exchanges()
    login.wechat.fail(EXCHANGE, **FAULTS[fault])
    answer, again = phone.get(callback), phone.get(callback)
    assert_starts_anew(answer, "wechat")
    assert_starts_anew(again, "wechat")
    calls = login.wechat.calls(EXCHANGE)[before:]
    assert len(calls) == 1
    rid = re.search(r"rid: ([\w-]+)", calls[0].answer or "")
    assert rid or fault != "refused"
    assert not rid or events(login.server, rid[1])
    assert_no_secret_in([answer.text], [login.wechat])
