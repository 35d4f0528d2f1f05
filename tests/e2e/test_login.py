"""Web logins in real processes: Chromium, a site, a server and the mock. Each code is exchanged once."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from mock_wechat import OFFICIAL, WEB
from tests.e2e.logins import EXCHANGE, Login, Phone, redeem, running_login, ticket_of
from tests.e2e.servers import KEY


@pytest.fixture(scope="module")
def login(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Login]:
    with running_login(tmp_path_factory.mktemp("login")) as login:
        yield login


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
