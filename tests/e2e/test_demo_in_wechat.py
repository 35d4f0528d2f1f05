"""The pages that enter the mock's WeChat: the demo page's buttons, and the single-page app on each phone."""

import os
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from mock_wechat.bridge import sdk
from tests.e2e.conftest import Demo
from tests.e2e.servers import ROOT

OFFICIAL = "wx0000000000000001"


@pytest.fixture(autouse=True)
def _sdk() -> None:
    if not (ROOT / sdk.FILE).is_file():
        reason = "WeChat's JS-SDK is missing: npm ci --ignore-scripts brings it"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)


def in_wechat(page: Page, url: str, state: str = "ok") -> Locator:
    """The demo page's part that is in WeChat, once it is in that state."""
    page.goto(url)
    part = page.locator("#wechat")
    expect(part).to_have_attribute("data-state", state)
    return part


def press(part: Locator, name: str) -> str:
    """What WeChat says to that button's call."""
    part.get_by_role("button", name=name).click()
    answered = part.locator("#answered")
    expect(answered).to_contain_text("errMsg")
    return answered.inner_text()


def test_scan_and_location_are_answered_by_the_bridge(page: Page, demo: Demo) -> None:
    part = in_wechat(page, f"{demo.home}?from=singlemessage&isappinstalled=0#part")
    assert '"resultStr":"mock-wechat-scan"' in press(part, "Scan")
    part.get_by_role("button", name="Location").click()
    expect(part.locator("#answered")).to_contain_text('"latitude":23.12908')


def test_share_sets_the_card_that_the_overlay_shows(page: Page, demo: Demo) -> None:
    part = in_wechat(page, demo.home)
    assert press(part, "Share") == '{"errMsg":"updateAppMessageShareData:ok"}'
    expect(part.locator("#note")).to_contain_text("Mock WeChat")
    overlay = page.locator("mock-wechat")
    overlay.locator(".toggle").click()
    overlay.get_by_role("button", name="Chat", exact=True).click()
    expect(overlay.locator("dialog h2")).to_have_text("WeChat central control server")


def test_the_buttons_work_with_the_keyboard_and_in_chinese(page: Page, demo: Demo) -> None:
    part = in_wechat(page, demo.home)
    page.get_by_role("button", name="中文").click()
    part.get_by_role("button", name="扫一扫").focus()
    page.keyboard.press("Enter")
    expect(part.locator("#answered")).to_contain_text("scanQRCode:ok")
    expect(part.locator(".message").first).to_contain_text("已就绪")


def test_a_ticket_that_ended_early_is_mended_while_the_page_is_open(page: Page, fresh_demo: Demo) -> None:
    in_wechat(page, fresh_demo.home)
    fresh_demo.steer("revoke", appid=OFFICIAL, credential="jsapi_ticket")
    with page.expect_response("**/api/jssdk/refused?"):
        page.get_by_role("button", name="Run again").click()
    part = page.locator("#wechat")
    expect(part).to_have_attribute("data-state", "ok")
    assert "scanQRCode:ok" in press(part, "Scan")


def test_without_a_mock_or_a_signature_nothing_is_entered(page: Page, demo: Demo) -> None:
    part = in_wechat(page, f"http://unlisted.localhost:{demo.port}/", "skipped")
    expect(part.locator(".message").first).to_contain_text("Without a signature")
    expect(part.get_by_role("button", name="Scan")).to_have_attribute("aria-disabled", "true")
    page.route("**/demo.json", lambda route: route.fulfill(json={"mock": None}))
    expect(in_wechat(page, demo.home, "skipped").locator(".message").first).to_contain_text("WeChat itself")


def test_a_missing_sdk_is_said_in_the_page(page: Page, demo: Demo) -> None:
    page.route("**/jweixin-1.6.0.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    part = in_wechat(page, demo.home, "failed")
    expect(part.locator("#answered")).to_have_text("WeChat's JS-SDK is not loaded.")


# The single-page app --------------------------------------------------------------------------------------------------


def visit_states(page: Page) -> list[str | None]:
    return [step.get_attribute("data-state") for step in page.locator("#visits .step").all()]


def toured(page: Page, url: str) -> None:
    """The app, entered, and its route changed three times."""
    page.goto(url)
    expect(page.locator("#tour")).to_have_attribute("aria-disabled", "false")
    page.locator("#tour").click()
    expect(page.locator("#visits .step:not([data-state=waiting])")).to_have_count(4)


@pytest.mark.parametrize(
    ("phone", "way", "states"),
    [
        ("ios", "helper", ["ok"] * 4),
        ("android", "helper", ["ok"] * 4),
        ("harmony", "helper", ["ok"] * 4),
        ("android", "naive", ["ok"] * 4),
        ("ios", "naive", ["ok"] + ["failed"] * 3),
    ],
)
def test_three_route_changes_end_as_on_that_phone(
    page: Page, demo: Demo, phone: str, way: str, states: list[str]
) -> None:
    toured(page, f"{demo.home}spa.html?phone={phone}&way={way}")
    assert visit_states(page) == states
    expect(page.locator("#outcome")).to_have_attribute("data-state", states[-1])
    if states[-1] == "failed":
        expect(page.locator("#visits .step").last).to_contain_text("fail_invalid_signature")


def test_one_click_changes_the_phone_and_a_route_is_a_link_and_survives_a_reload(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.home}spa.html")
    page.get_by_role("link", name="Android").click()
    expect(page.locator("#visits .step[data-state=ok]")).to_have_count(1)
    page.get_by_role("link", name="Cart").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#visits .step[data-state=ok]")).to_have_count(2)
    page.reload()
    expect(page.locator("#visits .step[data-state=ok] h2")).to_have_text("Cart")
    page.get_by_role("link", name="Order").click()
    expect(page.locator("#visits .step[data-state=ok] h2")).to_have_text(["Cart", "Order"])
    page.go_back()
    expect(page.locator("#visits .step[data-state=ok] h2")).to_have_text(["Cart", "Order", "Cart"])


def test_without_a_mock_the_app_says_so(page: Page, demo: Demo) -> None:
    page.route("**/demo.json", lambda route: route.fulfill(json={"mock": None}))
    page.goto(f"{demo.home}spa.html")
    expect(page.locator("#summary")).to_contain_text("no mock phone")


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_of_the_app_scrolls_sideways(
    context_with: Callable[..., BrowserContext], demo: Demo, width: int, locale: str
) -> None:
    page = context_with(viewport={"width": width, "height": 844}, locale=locale).new_page()
    toured(page, f"{demo.home}spa.html?long={'x' * 900}")
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_app_has_every_text_in_both_languages(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.home}spa.html")
    load = "import('/static/spa-texts.js').then(() => import('/static/texts.js'))"
    english, chinese = page.evaluate(f"{load}.then(({{ TEXTS }}) => [TEXTS.en, TEXTS.zh])")
    assert set(english) == set(chinese)
    for name, text in english.items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", chinese[name])), name
