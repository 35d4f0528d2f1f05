"""Every page against axe's rules, in both languages and colour schemes, on a phone's width."""

import os
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect

from app.web.pages import STATIC
from tests.e2e.conftest import Demo
from tests.e2e.servers import ROOT
from tests.e2e.test_pages import PAGES

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
TEMPLATES = ROOT / "app" / "web" / "templates" / "pages"
NAMES = sorted({path.stem for folder in (TEMPLATES, STATIC) for path in folder.glob("*.html")} - {"base"})
VIOLATIONS = "axe.run().then(({violations}) => violations.map(({id, nodes}) => [id, nodes.map(({html}) => html)]))"


@pytest.fixture(scope="session")
def axe() -> str:
    """axe's source. Without it these tests are skipped, and fail where CI is set."""
    if not AXE.is_file():
        reason = "axe-core is missing: npm ci --ignore-scripts brings it"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    return AXE.read_text("utf-8")


def violations(page: Page, axe: str) -> Any:
    page.evaluate(axe)
    return page.evaluate(VIOLATIONS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("language", "tag"), [("English", "en"), ("中文", "zh-CN")], ids=["en", "zh"])
@pytest.mark.parametrize("name", NAMES)
def test_page_passes_axe(
    tab: Page, demo: Demo, axe: str, name: str, language: str, tag: str, scheme: Literal["light", "dark"]
) -> None:
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    if name in PAGES:
        PAGES[name](tab, demo)
    else:
        tab.goto(f"{demo.home}{name}.html")
    tab.get_by_role("button", name=language).click()
    expect(tab.locator("html")).to_have_attribute("lang", tag)
    assert violations(tab, axe) == []


def test_axe_sees_a_violation(tab: Page, demo: Demo, axe: str) -> None:
    tab.goto(f"{demo.home}missing.html")
    expect(tab.locator("html:not([data-loading])")).to_be_visible()
    tab.locator("h1").evaluate(
        "title => { title.style.color = 'var(--line)'; title.append(document.createElement('input')) }"
    )
    assert [rule for rule, _ in violations(tab, axe)] == ["color-contrast", "label"]
