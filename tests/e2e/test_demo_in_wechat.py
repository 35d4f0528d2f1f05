"""The pages that enter the mock's WeChat: the demo page's buttons, and the single-page app on each phone."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Demo

pytestmark = pytest.mark.usefixtures("official_sdk")


def in_wechat(page: Page, url: str, state: str = "ok") -> Locator:
    """The part of the demo page that runs in WeChat, once it is in that state."""
    page.goto(url)
    part = page.locator("#wechat")
    expect(part).to_have_attribute("data-state", state)
    return part


def press(part: Locator, name: str) -> str:
    """WeChat's answer to that button's call."""
    part.get_by_role("button", name=name).click()
    answered = part.locator("#answered")
    expect(answered).to_contain_text("errMsg")
    return answered.inner_text()


def test_buttons_are_answered_and_share_sets_the_card_of_the_overlay(tab: Page, demo: Demo) -> None:
    part = in_wechat(tab, f"{demo.home}?from=singlemessage&isappinstalled=0#part")
    assert '"resultStr":"mock-wechat-scan"' in press(part, "Scan")
    part.get_by_role("button", name="Location").click()
    expect(part.locator("#answered")).to_contain_text('"latitude":23.12908')
    part.get_by_role("button", name="Share").click()
    expect(part.locator("#answered")).to_have_text('{"errMsg":"updateAppMessageShareData:ok"}')
    expect(part.locator("#note")).to_contain_text("Mock WeChat")
    overlay = tab.locator("mock-wechat")
    overlay.locator(".toggle").click()
    overlay.get_by_role("button", name="Chat", exact=True).click()
    expect(overlay.locator("dialog h2")).to_have_text("WeChat central control server")


def test_without_a_mock_or_a_signature_the_buttons_are_off(tab: Page, demo: Demo) -> None:
    part = in_wechat(tab, f"http://unlisted.localhost:{demo.port}/", "skipped")
    expect(part.locator(".message").first).to_contain_text("Without a signature")
    expect(part.get_by_role("button", name="Scan")).to_have_attribute("aria-disabled", "true")
    tab.route("**/demo.json", lambda route: route.fulfill(json={"mock": None}))
    expect(in_wechat(tab, demo.home, "skipped").locator(".message").first).to_contain_text("WeChat itself")


# The single-page app --------------------------------------------------------------------------------------------------


def visit_states(page: Page) -> list[str | None]:
    return [step.get_attribute("data-state") for step in page.locator("#visits .step").all()]


def toured(page: Page, url: str) -> None:
    """Open the app and change its route three times."""
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
def test_three_route_changes_behave_as_on_that_phone(
    tab: Page, demo: Demo, phone: str, way: str, states: list[str]
) -> None:
    toured(tab, f"{demo.home}spa.html?phone={phone}&way={way}")
    assert visit_states(tab) == states
    expect(tab.locator("#outcome")).to_have_attribute("data-state", states[-1])
    if states[-1] == "failed":
        expect(tab.locator("#visits .step").last).to_contain_text("fail_invalid_signature")


def test_overlay_covers_no_control_of_a_phones_first_screen(tab: Page, demo: Demo) -> None:
    tab.set_viewport_size({"width": 390, "height": 844})
    for language in ("English", "中文"):
        tab.goto(f"{demo.home}spa.html")
        tab.get_by_role("button", name=language).click()
        expect(tab.locator("#outcome")).to_have_attribute("data-state", "ok")
        expect(tab.locator("mock-wechat .toggle")).to_be_visible()
        pill = tab.locator("mock-wechat .toggle").bounding_box()
        button = tab.locator("#tour").bounding_box()
        assert pill
        assert button
        assert button["y"] + button["height"] < pill["y"]


def test_phone_and_route_are_links_and_the_route_survives_a_reload(tab: Page, demo: Demo) -> None:
    tab.goto(f"{demo.home}spa.html")
    tab.get_by_role("link", name="Android").click()
    assert tab.evaluate("new URL(location.href).search") == "?phone=android&way=helper&route=shop"
    expect(tab.locator("#visits .step[data-state=ok]")).to_have_count(1)
    tab.get_by_role("link", name="Cart").focus()
    tab.keyboard.press("Enter")
    expect(tab.locator("#visits .step[data-state=ok]")).to_have_count(2)
    tab.reload()
    expect(tab.locator("#visits .step[data-state=ok] h2")).to_have_text("Cart")
    tab.get_by_role("link", name="Order").click()
    expect(tab.locator("#visits .step[data-state=ok] h2")).to_have_text(["Cart", "Order"])
    tab.go_back()
    expect(tab.locator("#visits .step[data-state=ok] h2")).to_have_text(["Cart", "Order", "Cart"])


def test_without_a_mock_the_app_says_so(tab: Page, demo: Demo) -> None:
    tab.route("**/demo.json", lambda route: route.fulfill(json={"mock": None}))
    tab.goto(f"{demo.home}spa.html")
    expect(tab.locator("#summary")).to_contain_text("no mock phone")
