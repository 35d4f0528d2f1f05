"""What all pages of the server have in common, in a real browser: one row of PAGES for each."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.app.jssdk.mistakes import CASES
from tests.e2e import test_debugger as debugger
from tests.e2e import test_moderation_page as moderation
from tests.e2e.conftest import DEMO_KEY, Demo

LONG = "x" * 900
Visit = Callable[[Page, Demo], None]


def visit_home(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.home}?long={LONG}")
    expect(page.locator("#verdict")).to_have_attribute("data-state", "ok")
    expect(page.locator("#wechat")).to_have_attribute("data-state", "ok")


def visit_app(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.home}spa.html?long={LONG}")
    expect(page.locator("#visits .step[data-state=ok]")).to_have_count(1)


def visit_debugger(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.home}debugger.html")
    debugger.fill(page, replace(CASES[1], url=f"https://h5.example.com/{LONG}#/home"))
    debugger.state_is(page, "local", "failed")


def visit_moderation(page: Page, demo: Demo) -> None:
    moderation.open_page(page, f"{demo.home}moderation.html")
    page.route(
        moderation.IMAGE_ENDPOINT,
        lambda route: route.fulfill(json={**moderation.VERDICT, "detail": [{"keyword": LONG}]}),
    )
    moderation.choose(page, moderation.image("blue"), f"{'long' * 40}.png")
    page.locator("#send").click()
    moderation.state_is(page, "review")


def visit_login(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.home}login.html")
    page.locator("#key").fill(DEMO_KEY)
    page.locator("#send").click()
    expect(page.locator("#redeem")).to_have_attribute("data-state", "ok")


def visit_api(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.home}api.html")
    page.locator("#post_api_moderation_text summary").click()
    expect(page.locator("#post_api_moderation_text textarea")).to_be_visible()


PAGES: dict[str, Visit] = {
    "index": visit_home,
    "spa": visit_app,
    "debugger": visit_debugger,
    "moderation": visit_moderation,
    "login": visit_login,
    "api": visit_api,
}


@pytest.mark.parametrize("visit", PAGES.values(), ids=PAGES)
def test_page_fits_keeps_its_policy_and_speaks_the_browsers_language(
    context_with: Callable[..., BrowserContext], demo: Demo, visit: Visit
) -> None:
    narrow = 320
    page = context_with(viewport={"width": narrow, "height": 844}, locale="zh-CN").new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    visit(page, demo)
    fits(page, narrow)
    assert page.locator("nav.pages a").evaluate_all("links => new Set(links.map(link => link.offsetTop)).size") == 1
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    title = page.title()
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page).not_to_have_title(title)
    fits(page, narrow)
    page.set_viewport_size({"width": 1280, "height": 844})
    visit(page, demo)  # in the language that was chosen
    fits(page, 1280)
    expect(page.get_by_role("button", name="English")).to_have_attribute("aria-pressed", "true")
    assert [url for url in asked if not url.startswith((demo.home, f"{demo.mock}/", "data:"))] == []
    assert said == []  # a violation of the Content-Security-Policy would be said here
    policy = page.request.get(page.url).headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def fits(page: Page, width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_forbidden_storage_does_not_stop_a_page(page: Page, demo: Demo) -> None:
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('forbidden') } })")
    visit_home(page, demo)
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_pages_lead_to_each_other(tab: Page, demo: Demo) -> None:
    tab.goto(demo.home)
    tab.get_by_role("link", name="Content check", exact=True).click()
    expect(tab.locator("#check")).to_be_visible()
    tab.get_by_role("link", name="Mock console", exact=True).click()
    tab.get_by_role("link", name="Your server", exact=True).click()
    tab.get_by_role("link", name="API", exact=True).click()
    expect(tab.locator(".operation").first).to_be_visible()
    tab.get_by_role("link", name="Signature", exact=True).click()
    expect(tab.locator("#verdict")).to_have_attribute("data-state", "ok")


def test_unknown_address_is_a_page_that_leads_back(tab: Page, demo: Demo) -> None:
    answer = tab.goto(f"{demo.home}nothing/here")
    assert answer
    assert answer.status == 404
    tab.get_by_role("link", name="To the first page").click()
    expect(tab.locator("#verdict")).to_have_attribute("data-state", "ok")
