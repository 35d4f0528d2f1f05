"""The page that shows the OpenAPI document, in a real browser."""

from playwright.sync_api import Page, expect

from tests.e2e.conftest import DEMO_KEY, Demo


def test_every_endpoint_is_shown_and_can_be_tried_with_a_key_that_is_not_kept(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.home}api.html")
    document = page.request.get(f"{demo.home}openapi.json").json()
    expect(page.locator(".opblock")).to_have_count(sum(len(methods) for methods in document["paths"].values()))
    expect(page.locator("#api")).to_contain_text("WeChat central control server")
    page.get_by_role("button", name="Authorize").click()
    page.get_by_label("auth-bearer-value").fill(DEMO_KEY)
    page.locator(".auth-btn-wrapper").get_by_role("button", name="Apply credentials").click()
    page.get_by_role("button", name="Close").click()
    page.locator("#operations-Credentials-get_api_access_token .opblock-summary-control").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table")).to_contain_text('"cache_seconds": 60')
    assert DEMO_KEY not in page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
