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


def test_without_a_mock_or_a_signature_the_buttons_are_off(page: Page, demo: Demo) -> None:
    part = in_wechat(page, f"http://unlisted.localhost:{demo.port}/", "skipped")
    expect(part.locator(".message").first).to_contain_text("Without a signature")
    expect(part.get_by_role("button", name="Scan")).to_have_attribute("aria-disabled", "true")
    page.route("**/demo.json", lambda route: route.fulfill(json={"mock": None}))
    expect(in_wechat(page, demo.home, "skipped").locator(".message").first).to_contain_text("WeChat itself")


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
    page: Page, demo: Demo, phone: str, way: str, states: list[str]
) -> None:
    toured(page, f"{demo.home}spa.html?phone={phone}&way={way}")
    assert visit_states(page) == states
    expect(page.locator("#outcome")).to_have_attribute("data-state", states[-1])
    if states[-1] == "failed":
        expect(page.locator("#visits .step").last).to_contain_text("fail_invalid_signature")


def test_phone_and_route_are_links_and_the_route_survives_a_reload(page: Page, demo: Demo) -> None:
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
