"""The page that shows the OpenAPI document, in a real browser."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import DEMO_KEY, Demo


def test_every_endpoint_is_shown_and_can_be_tried_with_a_key_that_is_not_kept(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.home}api.html")
    document = page.request.get(f"{demo.home}openapi.json").json()
    stated = [(path, method) for path, methods in document["paths"].items() for method in methods]
    expect(page.locator(".operation")).to_have_count(len([one for one in stated if one[1] != "options"]))
    page.locator("#key").fill(DEMO_KEY)
    operation = page.locator("#get_api_access_token")
    operation.locator("summary").click()
    operation.get_by_role("button", name="Send").click()
    expect(operation.locator("pre")).to_contain_text('"cache_seconds": 60')
    expect(operation.get_by_role("status")).to_contain_text("200")
    assert DEMO_KEY not in page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")


def test_fields_of_a_body_and_of_its_answer_are_listed(tab: Page, demo: Demo) -> None:
    tab.goto(f"{demo.home}api.html")
    operation = tab.locator("#post_api_moderation_text_batch")
    operation.locator("summary").click()
    for name in ("items", "account", "items[].suggest"):
        expect(operation.locator("dt").filter(has_text=re.compile(f"^{re.escape(name)}$")).first).to_be_visible()
    expect(operation).to_contain_text("/problems/parameter-wrong")


def test_each_endpoint_is_named_in_chinese_and_no_backtick_is_left(tab: Page, demo: Demo) -> None:
    tab.goto(f"{demo.home}api.html")
    tab.get_by_role("button", name="中文").click()
    expect(tab.locator(".operation").first).to_be_visible()
    tab.evaluate("for (const operation of document.querySelectorAll('.operation')) operation.open = true")
    expect(tab.locator(".operation .content")).to_have_count(tab.locator(".operation").count())
    assert "`" not in tab.locator("main").inner_text()
    named = tab.locator(".operation summary, .tagged h2").all_inner_texts()
    assert [text for text in named if not re.search(r"[\u4e00-\u9fff]|Prometheus", text)] == []
