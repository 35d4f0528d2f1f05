"""The page that shows the OpenAPI document, in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import Demo

KEY = "demo-key-of-the-browser-tests"


def open_page(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.home}api.html")
    expect(page.locator(".opblock").first).to_be_visible()


def test_every_door_is_shown(page: Page, demo: Demo) -> None:
    open_page(page, demo)
    document = page.request.get(f"{demo.home}openapi.json").json()
    expect(page.locator(".opblock")).to_have_count(sum(len(methods) for methods in document["paths"].values()))
    expect(page.locator("#api")).to_contain_text("WeChat central control server")


def test_a_door_can_be_tried_with_a_key_that_is_not_kept(page: Page, demo: Demo) -> None:
    open_page(page, demo)
    page.get_by_role("button", name="Authorize").click()
    page.get_by_label("auth-bearer-value").fill(KEY)
    page.locator(".auth-btn-wrapper").get_by_role("button", name="Apply credentials").click()
    page.get_by_role("button", name="Close").click()
    page.locator("#operations-Credentials-get_access_token .opblock-summary-control").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table")).to_contain_text('"cache_seconds": 60')
    assert KEY not in page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")


def test_nothing_leaves_the_server_and_the_policy_is_kept(page: Page, demo: Demo) -> None:
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    answer = page.goto(f"{demo.home}api.html")
    assert answer is not None
    assert "unsafe" not in answer.headers["content-security-policy"]
    page.locator("#operations-Moderation-check_text .opblock-summary-control").click()
    expect(page.locator(".opblock-body")).to_be_visible()
    assert [url for url in asked if not url.startswith((demo.home, "data:"))] == []
    assert said == []


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_scrolls_sideways(context_with: Callable[..., BrowserContext], demo: Demo, width: int) -> None:
    page = context_with(viewport={"width": width, "height": 844}).new_page()
    open_page(page, demo)
    page.locator("#operations-Moderation-check_text .opblock-summary-control").click()
    expect(page.locator(".opblock-body .responses-wrapper")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_colours_are_the_systems(context_with: Callable[..., BrowserContext], demo: Demo, scheme: str) -> None:
    page = context_with(color_scheme=scheme).new_page()
    open_page(page, demo)
    lightness = page.locator(".info .title").evaluate("title => getComputedStyle(title).color.match(/\\d+/)[0]")
    assert (int(lightness) > 128) is (scheme == "dark")
