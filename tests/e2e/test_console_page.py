"""The console for operators, in a real browser: what it shows, what it repairs, and what it keeps to itself."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from app import create_app
from app.services import Services, build_services
from app.settings import load_settings
from mock_wechat import MockWeChat
from tests.app.web.conftest import KEYS
from tests.app.web.live import live
from tests.doubles import FakeClock

STABLE = "/cgi-bin/stable_token"
STATUS = "**/api/ops/status"
HTML = "<img src=x onerror=alert(1)>"


class Site:
    """A server in this process, with a mock WeChat in the same fake time."""

    def __init__(self, wechat: MockWeChat, services: Services, url: str, clock: FakeClock) -> None:
        self.wechat = wechat
        self.services = services
        self.page = f"{url}/console.html"
        self.clock = clock

    def token(self, account: str = "default") -> str:
        """The account's current access_token."""
        return self.services.for_account(self.services.accounts.find(account)).access_token.get().value


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    clock = FakeClock()
    with MockWeChat(clock=clock) as wechat:
        environment = {
            **wechat.environment,
            "WECHAT_STORE_URL": "memory://",
            "WECHAT_API_KEYS": f"alice:ops={KEYS['everything']},reader:token={KEYS['reader']}",
        }
        settings = load_settings(environment)
        services = build_services(settings, clock=clock, sleep=clock.sleep, spawn=lambda work: work())
        with live(create_app(services=services)) as url:
            yield Site(wechat, services, url, clock)


@pytest.fixture
def console(tab: Page, site: Site) -> Page:
    """The open console of a server without cooldowns."""
    return opened(tab, site)


def opened(page: Page, site: Site) -> Page:
    site.wechat.reset()
    for account in site.services.accounts:
        site.services.store.forget(f"cooldown:{account.appid}:")
        site.services.for_account(account).access_token.renew()
    page.goto(site.page)
    enter(page, KEYS["everything"])
    expect(page.locator(".account")).to_have_count(2)
    return page


def enter(page: Page, key: str) -> None:
    page.locator("html:not([data-loading]) #key").fill(key)
    page.locator("#key").press("Enter")


def poll(page: Page) -> None:
    """What the page does when it becomes visible."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def account(page: Page, name: str) -> Locator:
    return page.locator(".account").filter(has=page.get_by_role("heading", name=name, exact=True))


def button(place: Page | Locator, name: str) -> Locator:
    return place.get_by_role("button", name=name, exact=True)


def fail_fetch(site: Site, name: str) -> None:
    """Let the account's next token call fail after its token has ended."""
    site.clock.advance(7300)
    site.wechat.fail(STABLE, 40164)
    of_account = site.services.for_account(site.services.accounts.find(name))
    with pytest.raises(Exception, match="40164"):
        of_account.access_token.get()


def test_credentials_are_bars_over_time(console: Page, site: Site) -> None:
    expect(console.locator("#summary")).to_have_text("All is well.")
    token, ticket, _ = account(console, "default").locator(".bars > [data-state], .bars > .axis").all()
    assert (token.get_attribute("data-state"), ticket.get_attribute("data-state")) == ("ok", "waiting")
    read = "spans => spans.map(one => [one.style.getPropertyValue('--from'), one.style.getPropertyValue('--width')])"
    fresh, stale = token.locator(".span").evaluate_all(read)
    assert fresh[0] == "50%"  # obtained now; two hours on each side
    ahead = 50 * 295 / 7200  # of the window; a successor is fetched so early
    assert float(stale[1].rstrip("%")) == pytest.approx(ahead, abs=0.1)
    site.clock.advance(3600)
    poll(console)
    expect(token.locator(".message")).to_contain_text("(in 1 h 0 min)")
    assert token.locator(".span").first.evaluate("one => one.style.getPropertyValue('--from')") == "25%"


def test_cooldown_says_what_to_do_and_retry_ends_it(console: Page, site: Site) -> None:
    fail_fetch(site, "mini")
    poll(console)
    mini = account(console, "mini")
    cooldown = mini.locator(".cooldown")
    expect(cooldown).to_contain_text("WeChat answered errcode 40164")
    expect(cooldown).to_contain_text("IP whitelist of wx0000000000000002")
    expect(cooldown.locator(".countdown")).to_have_text(re.compile(r"^Asked again in (60|5\d) s\.$"))
    expect(console.locator("#summary")).to_have_text(re.compile("^Callers get errors: .*mini"))
    button(console, "中文").click()
    expect(cooldown).to_contain_text("IP白名单")
    button(console, "English").click()
    calls = len(site.wechat.calls(STABLE))
    button(mini, "Retry now").click()
    expect(cooldown).to_have_count(0)
    expect(mini.locator(".event").first).to_contain_text("Cooldowns ended by alice")
    expect(mini.get_by_role("status")).to_contain_text("All cooldowns are over")
    assert len(site.wechat.calls(STABLE)) == calls


def test_refresh_fetches_and_its_button_keeps_the_focus(console: Page) -> None:
    default = account(console, "default")
    button(default, "Refresh jsapi_ticket").press("Enter")
    expect(default.get_by_role("status")).to_contain_text("jsapi_ticket fetched: no.")
    expect(default.locator(".event").first).to_contain_text("jsapi_ticket fetched")
    expect(button(default, "Refresh jsapi_ticket")).to_be_focused()


def test_refresh_that_wechat_refuses_says_why(console: Page, site: Site) -> None:
    site.wechat.fail(STABLE, 40125)
    default = account(console, "default")
    button(default, "Refresh access_token").click()
    expect(default.get_by_role("status")).to_contain_text("Not done: WeChat answered errcode 40125")
    expect(console.locator("#summary")).to_have_text("Callers are served, but something failed: default")


def test_force_revokes_only_after_it_was_confirmed(console: Page, site: Site) -> None:
    before = site.token()
    default, dialog = account(console, "default"), console.get_by_role("dialog")
    button(default, "Force …").click()
    expect(dialog).to_contain_text("Revoke the access_token of default?")
    expect(button(dialog, "Cancel")).to_be_focused()
    console.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    button(default, "Force …").click()
    console.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert site.token() == before
    button(default, "Force …").click()
    button(dialog, "Revoke and fetch").click()
    expect(default.get_by_role("status")).to_contain_text("access_token fetched")
    expect(default.locator(".event").nth(1)).to_contain_text("revoked on behalf of alice")
    assert site.token() != before


def test_doctor_lists_its_findings(console: Page, site: Site) -> None:
    site.clock.advance(11)
    button(console, "Doctor").click()
    expect(console.locator("#doctor-word")).to_have_text("No check failed.")
    findings = console.locator("#findings .event")
    expect(findings.filter(has_text="server · store")).to_contain_text("ok")
    expect(findings.filter(has_text="default · jsapi_ticket")).to_contain_text("s left")
    button(console, "Close").click()
    expect(console.locator("#doctor")).to_be_hidden()
    expect(button(console, "Doctor")).to_be_focused()


def test_calls_stand_by_key_and_errcode_and_places_are_counted(console: Page, site: Site) -> None:
    for endpoint in ("/cgi-bin/user/get", "/cgi-bin/user/info"):
        site.services.meters.gateway_call("shop", endpoint, 40003)
    release = site.services.pool.take("shop")
    poll(console)
    cells = ["shop/cgi-bin/user/get, /cgi-bin/user/info", "40003", "2", "+2"]
    expect(console.locator("#gateway tbody td")).to_have_text(cells)
    expect(console.locator("#places")).to_contain_text("1 of 36 taken · 0 waiting")
    release()


REFUSALS: dict[str, tuple[str, Any, str]] = {
    "unknown key": ("an-unknown-key-of-this-server", None, "The server does not know this key."),
    "no scope": (KEYS["reader"], None, "lacks the scope ops"),
    "no key": (" ", None, "Type an API key first."),
    "not ASCII": ("密钥" * 12, None, "ASCII symbols only"),
    "public listener": (
        KEYS["everything"],
        {"status": 404, "json": {"type": "/problems/not-found"}},
        "internal listener",
    ),
    "another program": (KEYS["everything"], {"status": 502, "body": "Bad Gateway"}, "HTTP 502"),
    "no server": (KEYS["everything"], {}, "No answer."),
}


@pytest.mark.parametrize(("key", "answer", "text"), REFUSALS.values(), ids=REFUSALS)
def test_page_says_why_it_has_nothing_to_show(tab: Page, site: Site, key: str, answer: Any, text: str) -> None:
    if answer is not None:
        tab.route(STATUS, lambda route: route.fulfill(**answer) if answer else route.abort())
    tab.goto(site.page)
    enter(tab, key)
    expect(tab.get_by_role("alert")).to_contain_text(text)
    expect(tab.locator("#console")).to_be_hidden()
    expect(tab.locator("#key")).to_be_focused()


def test_lost_server_is_told_while_the_last_state_stays(console: Page) -> None:
    console.route(STATUS, lambda route: route.abort())
    poll(console)
    expect(console.locator("#summary")).to_have_text("No answer from the server.")
    expect(console).to_have_title(re.compile(r"^\(1\)"))
    expect(account(console, "mini")).to_be_visible()
    console.unroute_all()
    poll(console)
    expect(console.locator("#summary")).to_have_text("All is well.")


def test_key_is_in_memory_alone_and_can_be_forgotten(console: Page) -> None:
    assert console.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    assert KEYS["everything"] not in console.content() + console.url + console.locator("#key").input_value()
    button(console, "Forget the key").click()
    expect(console.locator("#console")).to_be_hidden()
    expect(console.locator("#key")).to_have_value("")
    expect(console.locator(".account")).to_have_count(0)


def full_of(text: str) -> Callable[[Route], None]:
    """Answers with a status whose texts are all this one."""
    event = {**dict.fromkeys(("credential", "detail", "rid", "host"), text), "what": "failed", "pid": 1}
    cooldown = {**dict.fromkeys(("credential", "detail", "rid"), text), "hint": {"en": text, "zh": text}}

    def fulfill(route: Route) -> None:
        document = route.fetch().json()
        account = document["accounts"][0]
        account["events"] = [{**event, "at": 0, "times": 2, "since": 0}]
        account["cooldowns"] = [{**cooldown, "endpoint": None, "attempt": 1, "until": 0}]
        document["gateway_calls"] = [{"key": text, "endpoint": text, "errcode": "1", "calls": 1}]
        document |= {"host": text, "store": text, "mock": text}
        route.fulfill(json=document)

    return fulfill


def test_data_is_text_and_never_markup(console: Page) -> None:
    console.route(STATUS, full_of(HTML))
    poll(console)
    for place in ("#polled", "#more", "#gateway", ".cooldown", ".event"):
        expect(console.locator(place).first).to_contain_text(HTML)
    expect(console.locator("#console img")).to_have_count(0)


def test_it_asks_every_five_seconds_while_it_is_visible(chromium: Browser, site: Site) -> None:
    with chromium.new_context(locale="en-US") as context:
        page = context.new_page()
        page.clock.install()
        opened(page, site)
        for _ in range(2):
            shown = page.locator("#polled").inner_text()
            site.clock.advance(1)
            page.clock.run_for(5000)
            expect(page.locator("#polled")).not_to_have_text(shown)
        page.evaluate("Object.defineProperty(document, 'hidden', { configurable: true, value: true })")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.clock.run_for(60_000)
        assert asked == []
        with page.expect_response(STATUS):
            page.evaluate("delete document.hidden")
            poll(page)
