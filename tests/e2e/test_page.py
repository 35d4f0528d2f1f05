"""The page at `/`, in a real browser, against a real server and mock."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from mock_wechat import OFFICIAL, MockWeChat, bridge
from tests.e2e.conftest import Demo
from tests.e2e.servers import ROOT, serving

SIGNATURE = "**/api/jssdk/signature?*"
CHINESE_QUERY = "?from=%E4%B8%AD%E6%96%87&isappinstalled=0&a=1%2B1"


def state_is(page: Page, step: str, state: str) -> None:
    expect(page.locator(f"#{step}")).to_have_attribute("data-state", state)


def row(page: Page, step: str, name: str) -> str:
    """The value of `name` in a step."""
    rows = page.locator(f"#{step} .facts > div")
    return rows.filter(has=page.locator("dt", has_text=re.compile(f"^{name}$"))).locator("dd").inner_text()


def open_page(page: Page, url: str, verdict: str = "ok") -> None:
    page.goto(url)
    state_is(page, "verdict", verdict)


@contextmanager
def held_back(page: Page, endpoint: str) -> Iterator[None]:
    """Requests to `endpoint` get no answer until the block ends."""
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route(endpoint, hold)
    yield
    for route in waiting:
        route.continue_()


def positions(page: Page) -> list[float]:
    parts = "h1, #again, .step, #snippet, #copy"
    found: list[float] = page.locator(parts).evaluate_all(
        "parts => parts.flatMap(part => [part.getBoundingClientRect().x, part.getBoundingClientRect().y])"
    )
    return found


@pytest.mark.parametrize("address", ["", CHINESE_QUERY + "#/route?x=1"])
def test_mock_accepts_the_signature_that_the_page_shows(tab: Page, demo: Demo, address: str) -> None:
    with tab.expect_request("**/_mock/verify?*") as asked:
        open_page(tab, demo.home + address)
    url = demo.home + address.partition("#")[0]
    question = {name: values[0] for name, values in parse_qs(urlsplit(asked.value.url).query).items()}
    assert question["url"] == url
    assert question["signature"] == row(tab, "answer", "signature")
    assert row(tab, "ask", "address") == url
    assert row(tab, "ask", "sent") == f"GET /api/jssdk/signature?url={quote(url, safe='')}"
    assert row(tab, "answer", "url") == url
    assert row(tab, "answer", "appId") == OFFICIAL.appid
    assert re.fullmatch(r"[0-9a-f]{40}", row(tab, "answer", "signature"))
    assert re.fullmatch(r"200 · \d+ ms", row(tab, "answer", "HTTP status"))
    expect(tab.locator("#ask .message")).to_contain_text("what follows the #" if "#" in address else "")


FAILURES: list[tuple[str, dict[str, Any] | None, str, tuple[str, str], str]] = [
    (SIGNATURE, None, "answer", ("failed", "skipped"), "No answer"),
    (SIGNATURE, {"status": 502, "body": "<h1>"}, "answer", ("failed", "skipped"), "not the server’s"),
    ("**/demo.json", {"json": {"mock": None}}, "verdict", ("ok", "skipped"), "WeChat will judge"),
    ("**/_mock/verify?*", None, "verdict", ("ok", "failed"), "/"),
]


@pytest.mark.parametrize(("path", "answer", "step", "states", "said"), FAILURES)
def test_failure_is_shown_in_its_step(
    tab: Page, demo: Demo, path: str, answer: dict[str, Any] | None, step: str, states: tuple[str, str], said: str
) -> None:
    tab.route(path, lambda route: route.abort() if answer is None else route.fulfill(**answer))
    open_page(tab, demo.home, verdict=states[1])
    state_is(tab, "answer", states[0])
    expect(tab.locator(f"#{step} .message")).to_contain_text(said)


def test_each_step_waits_for_its_answer(tab: Page, demo: Demo) -> None:
    with held_back(tab, "**/api/jssdk/signature?*"):
        tab.goto(demo.home)
        state_is(tab, "ask", "ok")
        state_is(tab, "answer", "waiting")
        state_is(tab, "verdict", "waiting")
        expect(tab.locator("#answer [role=status]")).to_have_text("Step 2: waiting")
    state_is(tab, "verdict", "ok")
    expect(tab.locator("#verdict [role=status]")).to_have_text("Step 3: ok")


def test_refused_signature_is_shown_with_its_reason(tab: Page, demo: Demo) -> None:
    refused = {"valid": False, "reason": "old_ticket", "detail": "Signed with ticket generation 1."}
    tab.route("**/_mock/verify?*", lambda route: route.fulfill(json=refused))
    open_page(tab, demo.home, verdict="failed")
    state_is(tab, "answer", "ok")
    assert row(tab, "verdict", "reason") == "old_ticket"
    assert row(tab, "verdict", "detail") == refused["detail"]
    expect(tab.locator("#verdict .message")).to_contain_text("no longer valid")
    expect(tab.locator("#summary")).to_have_text("Signed, but the mock refuses it.")


def test_unlisted_host_shows_the_problem_and_the_remedy(tab: Page, demo: Demo) -> None:
    open_page(tab, f"http://unlisted.localhost:{demo.port}/", verdict="skipped")
    state_is(tab, "answer", "failed")
    assert row(tab, "answer", "HTTP status").startswith("403 · ")
    assert row(tab, "answer", "title") == "URL not allowed"
    assert "unlisted.localhost" in row(tab, "answer", "detail")
    assert "WECHAT_JS_DOMAINS" in row(tab, "answer", "what to do")


@pytest.fixture
def refused(tmp_path: Path) -> Iterator[str]:
    """The page of a server with a wrong secret."""
    with MockWeChat() as wechat:
        wechat.fail("/cgi-bin/stable_token", 40125, times=None)
        with serving(tmp_path, wechat.environment) as server:
            yield f"{server.url}/"


def test_refusal_shows_errcode_and_hint_in_the_pages_language(tab: Page, refused: str) -> None:
    open_page(tab, refused, verdict="skipped")
    assert row(tab, "answer", "errcode") == "40125"
    assert row(tab, "answer", "HTTP status").startswith("503 · ")
    english = row(tab, "answer", "what to do")
    assert english.isascii()
    tab.get_by_role("button", name="中文").click()
    assert re.search(r"[\u4e00-\u9fff]", row(tab, "answer", "如何处理"))
    assert row(tab, "answer", "errcode") == "40125"


def test_page_works_by_keyboard(tab: Page, demo: Demo) -> None:
    open_page(tab, demo.home)
    before = row(tab, "answer", "nonceStr")
    pages = ("Signature", "Single-page app", "Login", "Content check", "Debugger", "API", "Mock console")
    stops = [("button", "English"), ("button", "中文"), *(("link", name) for name in pages)]
    for role, name in [*stops, ("button", "Run again")]:
        tab.keyboard.press("Tab")
        expect(tab.get_by_role(role, name=name, exact=True)).to_be_focused()  # type: ignore[arg-type] # one of ARIA's words
    focused = tab.locator(":focus-visible")
    assert focused.evaluate("button => getComputedStyle(button).outlineStyle") == "solid"
    with tab.expect_response("**/_mock/verify?*"):
        tab.keyboard.press("Enter")
    state_is(tab, "verdict", "ok")
    assert row(tab, "answer", "nonceStr") != before
    expect(tab.locator("#again")).to_be_focused()


def test_snippet_is_copied_or_selected_without_a_clipboard(
    context_with: Callable[..., BrowserContext], demo: Demo
) -> None:
    page = context_with(permissions=["clipboard-read", "clipboard-write"]).new_page()
    open_page(page, demo.home)
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("#copied")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#snippet").text_content()
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("#copied")).to_contain_text("Selected")
    assert page.evaluate("getSelection().toString()") == page.locator("#snippet").text_content()


@pytest.mark.usefixtures("official_sdk")
def test_snippet_configures_another_page(tab: Page, demo: Demo) -> None:
    tab.goto(demo.home)
    snippet = tab.locator("#snippet").text_content()
    phone = f'<script src="{demo.mock}/_mock/bridge.js?platform=ios"></script>'
    tab.route("https://res.wx.qq.com/**", lambda route: route.fulfill(path=ROOT / bridge.SDK_FILE))
    tab.goto(f"{demo.home}healthz")  # has no policy for scripts
    tab.set_content(f"{phone}{snippet}")
    tab.wait_for_function("mockWeChat.calls.some(it => it.answer?.err_msg === 'updateAppMessageShareData:ok')")


@pytest.mark.usefixtures("official_sdk")
def test_reset_mock_is_followed_by_a_signature_that_it_accepts(tab: Page, fresh_demo: Demo) -> None:
    open_page(tab, fresh_demo.home)
    state_is(tab, "wechat", "ok")
    fresh_demo.steer("reset")
    tab.get_by_role("button", name="Run again").click()
    state_is(tab, "wechat", "ok")
    expect(tab.locator("#verdict .message")).to_contain_text("refused the first signature")
    state_is(tab, "verdict", "ok")
    state_is(tab, "outcome", "ok")


@pytest.mark.parametrize(("width", "locale"), [(390, "zh-CN"), (1280, "en-US")])
def test_nothing_moves_when_answers_arrive(
    context_with: Callable[..., BrowserContext], demo: Demo, width: int, locale: str
) -> None:
    page = context_with(viewport={"width": width, "height": 844}, locale=locale).new_page()
    with held_back(page, "**/api/jssdk/signature?*"):
        page.goto(demo.home)
        state_is(page, "ask", "ok")
        before = positions(page)
    state_is(page, "verdict", "ok")
    assert positions(page) == before
