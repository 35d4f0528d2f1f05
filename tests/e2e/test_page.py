"""The page at `/`, in a real browser, against a real server and mock."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from mock_wechat import OFFICIAL, MockWeChat
from tests.e2e.conftest import Demo
from tests.e2e.servers import serving

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
    parts = "h1, #again, .step, .snippet, #copy"
    found: list[float] = page.locator(parts).evaluate_all(
        "parts => parts.flatMap(part => [part.getBoundingClientRect().x, part.getBoundingClientRect().y])"
    )
    return found


@pytest.mark.parametrize("address", ["", CHINESE_QUERY + "#/route?x=1"])
def test_mock_accepts_the_signature_that_the_page_shows(page: Page, demo: Demo, address: str) -> None:
    with page.expect_request("**/_mock/verify?*") as asked:
        open_page(page, demo.home + address)
    url = demo.home + address.partition("#")[0]
    question = {name: values[0] for name, values in parse_qs(urlsplit(asked.value.url).query).items()}
    assert question["url"] == url
    assert question["signature"] == row(page, "answer", "signature")
    assert row(page, "ask", "address") == url
    assert row(page, "ask", "sent") == f"GET /api/jssdk/signature?url={quote(url, safe='')}"
    assert row(page, "answer", "url") == url
    assert row(page, "answer", "appId") == OFFICIAL.appid
    assert re.fullmatch(r"[0-9a-f]{40}", row(page, "answer", "signature"))
    assert re.fullmatch(r"200 · \d+ ms", row(page, "answer", "HTTP status"))
    expect(page.locator("#ask .message")).to_contain_text("what follows the #" if "#" in address else "")


@pytest.mark.parametrize(
    ("path", "answer", "step", "states", "said"),
    [
        (SIGNATURE, None, "answer", ("failed", "skipped"), "No answer"),
        (
            "**/api/jssdk/signature?*",
            {"status": 502, "body": "<h1>"},
            "answer",
            ("failed", "skipped"),
            "not the server’s",
        ),
        ("**/demo.json", {"json": {"mock": None}}, "verdict", ("ok", "skipped"), "WeChat will judge"),
        ("**/_mock/verify?*", None, "verdict", ("ok", "failed"), "/"),
    ],
)
def test_failure_is_shown_in_its_step(
    page: Page, demo: Demo, path: str, answer: dict[str, Any] | None, step: str, states: tuple[str, str], said: str
) -> None:
    page.route(path, lambda route: route.abort() if answer is None else route.fulfill(**answer))
    open_page(page, demo.home, verdict=states[1])
    state_is(page, "answer", states[0])
    expect(page.locator(f"#{step} .message")).to_contain_text(said)


def test_each_step_waits_for_its_answer(page: Page, demo: Demo) -> None:
    with held_back(page, "**/api/jssdk/signature?*"):
        page.goto(demo.home)
        state_is(page, "ask", "ok")
        state_is(page, "answer", "waiting")
        state_is(page, "verdict", "waiting")
        expect(page.locator("#answer [role=status]")).to_have_text("Step 2: waiting")
    state_is(page, "verdict", "ok")
    expect(page.locator("#verdict [role=status]")).to_have_text("Step 3: ok")


def test_revoked_ticket_is_shown_as_old_ticket(page: Page, fresh_demo: Demo) -> None:
    open_page(page, fresh_demo.home)
    state_is(page, "wechat", "ok")  # else that part would report the refused signature
    fresh_demo.steer("revoke", appid=OFFICIAL.appid, credential="jsapi_ticket")
    page.get_by_role("button", name="Run again").click()
    state_is(page, "verdict", "failed")
    state_is(page, "answer", "ok")
    assert row(page, "verdict", "reason") == "old_ticket"
    assert "ticket generation 1" in row(page, "verdict", "detail")
    expect(page.locator("#verdict .message")).to_contain_text("no longer valid")
    expect(page.locator("#summary")).to_have_text("Signed, but the mock refuses it.")


def test_unlisted_host_shows_the_problem_and_the_remedy(page: Page, demo: Demo) -> None:
    open_page(page, f"http://unlisted.localhost:{demo.port}/", verdict="skipped")
    state_is(page, "answer", "failed")
    assert row(page, "answer", "HTTP status").startswith("403 · ")
    assert row(page, "answer", "title") == "URL not allowed"
    assert "unlisted.localhost" in row(page, "answer", "detail")
    assert "WECHAT_JS_DOMAINS" in row(page, "answer", "what to do")
    expect(page.locator("#copy")).to_have_attribute("aria-disabled", "true")


@pytest.fixture
def refused(tmp_path: Path) -> Iterator[str]:
    """The page of a server with a wrong secret."""
    with MockWeChat() as wechat:
        wechat.fail("/cgi-bin/stable_token", 40125, times=None)
        with serving(tmp_path, wechat.environment) as server:
            yield f"{server.url}/"


def test_refusal_shows_errcode_and_hint_in_the_pages_language(page: Page, refused: str) -> None:
    open_page(page, refused, verdict="skipped")
    assert row(page, "answer", "errcode") == "40125"
    assert row(page, "answer", "HTTP status").startswith("503 · ")
    english = row(page, "answer", "what to do")
    assert english.isascii()
    page.get_by_role("button", name="中文").click()
    assert re.search(r"[\u4e00-\u9fff]", row(page, "answer", "如何处理"))
    assert row(page, "answer", "errcode") == "40125"


def test_page_works_by_keyboard(page: Page, demo: Demo) -> None:
    open_page(page, demo.home)
    before = row(page, "answer", "nonceStr")
    pages = ("Signature", "Single-page app", "Debugger", "Content check", "API")
    stops = [("button", "English"), ("button", "中文"), *(("link", name) for name in pages)]
    for role, name in [*stops, ("button", "Run again")]:
        page.keyboard.press("Tab")
        expect(page.get_by_role(role, name=name, exact=True)).to_be_focused()  # type: ignore[arg-type] # one of ARIA's words
    focused = page.locator(":focus-visible")
    assert focused.evaluate("button => getComputedStyle(button).outlineStyle") == "solid"
    with page.expect_response("**/_mock/verify?*"):
        page.keyboard.press("Enter")
    state_is(page, "verdict", "ok")
    assert row(page, "answer", "nonceStr") != before
    expect(page.locator("#again")).to_be_focused()


def test_copy_button_copies_the_call(context_with: Callable[..., BrowserContext], demo: Demo) -> None:
    context = context_with(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    open_page(page, demo.home)
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("#copied")).to_have_text("Copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    given = page.evaluate(
        "code => { let given; new Function('wx', code)({ config: it => given = it }); return given }", copied
    )
    assert {name: str(given[name]) for name in ("appId", "timestamp", "nonceStr", "signature")} == {
        name: row(page, "answer", name) for name in ("appId", "timestamp", "nonceStr", "signature")
    }
    assert isinstance(given["timestamp"], int)
    assert given["jsApiList"]


def test_without_a_clipboard_the_call_is_selected(page: Page, demo: Demo) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    open_page(page, demo.home)
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("#copied")).to_contain_text("Selected")
    assert page.evaluate("getSelection().toString()") == page.locator("#snippet").text_content()


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
