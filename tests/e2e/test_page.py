"""The page at `/`, in a real browser, against a real server and mock."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from mock_wechat import MockWeChat
from tests.e2e.conftest import Demo
from tests.e2e.servers import serving

OFFICIAL = "wx0000000000000001"
CHINESE_QUERY = "?from=%E4%B8%AD%E6%96%87&isappinstalled=0&a=1%2B1"
LOCALES = ("en-US", "zh-CN")


def state_is(page: Page, step: str, state: str) -> None:
    expect(page.locator(f"#{step}")).to_have_attribute("data-state", state)


def row(page: Page, step: str, name: str) -> str:
    """What a step's facts say behind `name`."""
    rows = page.locator(f"#{step} .facts > div")
    return rows.filter(has=page.locator("dt", has_text=re.compile(f"^{name}$"))).locator("dd").inner_text()


def open_page(page: Page, url: str, verdict: str = "ok") -> None:
    page.goto(url)
    state_is(page, "verdict", verdict)


@contextmanager
def held_back(page: Page, door: str) -> Iterator[None]:
    """Requests to `door` get no answer until the block ends."""
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route(door, hold)
    yield
    for route in waiting:
        route.continue_()


def positions(page: Page) -> list[float]:
    parts = "h1, #again, .step, .snippet, #copy"
    found: list[float] = page.locator(parts).evaluate_all(
        "parts => parts.flatMap(part => [part.getBoundingClientRect().x, part.getBoundingClientRect().y])"
    )
    return found


@pytest.mark.parametrize("address", ["", "#top", CHINESE_QUERY, CHINESE_QUERY + "#/route?x=1"])
def test_the_mock_accepts_the_signature_that_the_page_shows(page: Page, demo: Demo, address: str) -> None:
    with page.expect_request("**/_mock/verify?*") as asked:
        open_page(page, demo.home + address)
    url = demo.home + address.partition("#")[0]
    question = {name: values[0] for name, values in parse_qs(urlsplit(asked.value.url).query).items()}
    assert question["url"] == url
    assert question["signature"] == row(page, "answer", "signature")
    assert row(page, "ask", "address") == url
    assert row(page, "ask", "sent") == f"GET /api/jssdk/signature?url={quote(url, safe='')}"
    assert row(page, "answer", "url") == url
    assert row(page, "answer", "appId") == OFFICIAL
    assert re.fullmatch(r"[0-9a-f]{40}", row(page, "answer", "signature"))
    assert re.fullmatch(r"200 · \d+ ms", row(page, "answer", "HTTP status"))
    expect(page.locator("#summary")).to_have_text("Signed, and the mock accepts it.")


def test_a_fragment_is_shown_to_stay_behind(page: Page, demo: Demo) -> None:
    open_page(page, demo.home + "#top")
    expect(page.locator("#ask .message")).to_contain_text("what follows the #")


def test_each_step_waits_until_its_answer_comes(page: Page, demo: Demo) -> None:
    with held_back(page, "**/api/jssdk/signature?*"):
        page.goto(demo.home)
        state_is(page, "ask", "ok")
        state_is(page, "answer", "waiting")
        state_is(page, "verdict", "waiting")
        expect(page.locator("#answer [role=status]")).to_have_text("Step 2: waiting")
    state_is(page, "verdict", "ok")
    expect(page.locator("#verdict [role=status]")).to_have_text("Step 3: ok")


def test_a_ticket_that_was_revoked_at_wechat_shows_as_old_ticket(page: Page, fresh_demo: Demo) -> None:
    open_page(page, fresh_demo.home)
    state_is(page, "wechat", "ok")  # else what is inside the mock's WeChat would report the refused signature
    fresh_demo.steer("revoke", appid=OFFICIAL, credential="jsapi_ticket")
    page.get_by_role("button", name="Run again").click()
    state_is(page, "verdict", "failed")
    state_is(page, "answer", "ok")
    assert row(page, "verdict", "reason") == "old_ticket"
    assert "ticket generation 1" in row(page, "verdict", "detail")
    expect(page.locator("#verdict .message")).to_contain_text("no longer valid")
    expect(page.locator("#summary")).to_have_text("Signed, but the mock refuses it.")


def test_a_host_that_is_not_listed_shows_the_problem_and_what_to_do(page: Page, demo: Demo) -> None:
    open_page(page, f"http://unlisted.localhost:{demo.port}/", verdict="skipped")
    state_is(page, "answer", "failed")
    assert row(page, "answer", "HTTP status").startswith("403 · ")
    assert row(page, "answer", "title") == "Page URL not allowed"
    assert "unlisted.localhost" in row(page, "answer", "detail")
    assert "WECHAT_JS_DOMAINS" in row(page, "answer", "what to do")
    expect(page.locator("#copy")).to_have_attribute("aria-disabled", "true")


@pytest.fixture
def refused(tmp_path: Path) -> Iterator[str]:
    """The page of a server whose secret WeChat has called wrong from the beginning."""
    with MockWeChat() as wechat:
        wechat.fail("/cgi-bin/stable_token", 40125, times=None)
        with serving(tmp_path, wechat.environment) as server:
            yield f"{server.url}/"


def test_what_wechat_refuses_shows_its_errcode_and_the_hint_in_the_language_of_the_page(
    page: Page, refused: str
) -> None:
    open_page(page, refused, verdict="skipped")
    assert row(page, "answer", "errcode") == "40125"
    assert row(page, "answer", "HTTP status").startswith("503 · ")
    english = row(page, "answer", "what to do")
    assert english.isascii()
    page.get_by_role("button", name="中文").click()
    assert re.search(r"[\u4e00-\u9fff]", row(page, "answer", "如何处理"))
    assert row(page, "answer", "errcode") == "40125"


def test_a_server_that_does_not_answer_is_said_so(page: Page, demo: Demo) -> None:
    page.route("**/api/jssdk/signature?*", lambda route: route.abort())
    open_page(page, demo.home, verdict="skipped")
    state_is(page, "answer", "failed")
    expect(page.locator("#answer .message")).to_contain_text("No answer")


def test_an_answer_that_is_not_the_servers_is_said_so(page: Page, demo: Demo) -> None:
    page.route("**/api/jssdk/signature?*", lambda route: route.fulfill(status=502, body="<h1>Bad Gateway</h1>"))
    open_page(page, demo.home, verdict="skipped")
    state_is(page, "answer", "failed")
    expect(page.locator("#answer .message")).to_contain_text("not the server’s")


def test_without_a_mock_the_page_says_that_wechat_would_judge(page: Page, demo: Demo) -> None:
    page.route("**/demo.json", lambda route: route.fulfill(json={"mock": None}))
    open_page(page, demo.home, verdict="skipped")
    state_is(page, "answer", "ok")
    expect(page.locator("#verdict .message")).to_contain_text("WeChat will judge")


def test_a_mock_that_does_not_answer_is_said_so(page: Page, demo: Demo) -> None:
    page.route("**/_mock/verify?*", lambda route: route.abort())
    open_page(page, demo.home, verdict="failed")
    expect(page.locator("#verdict .message")).to_contain_text(demo.mock)


def test_the_switch_changes_texts_and_lang_and_is_remembered(page: Page, demo: Demo) -> None:
    open_page(page, demo.home)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator("#again")).to_have_text("重新运行")
    expect(page.locator("#summary")).to_have_text("已签名，模拟微信验证通过。")
    expect(page.locator("#verdict [role=status]")).to_have_text("第 3 步：成功")
    expect(page).to_have_title("微信中控服务器")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.get_by_role("button", name="中文")).to_have_attribute("aria-pressed", "true")


def test_a_chinese_browser_gets_chinese(context_with: Callable[..., BrowserContext], demo: Demo) -> None:
    page = context_with(locale="zh-CN").new_page()
    open_page(page, demo.home)
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator("#again")).to_have_text("重新运行")


def test_both_languages_have_the_same_texts(page: Page, demo: Demo) -> None:
    open_page(page, demo.home)
    english, chinese = page.evaluate("import('/static/texts.js').then(({ TEXTS }) => [TEXTS.en, TEXTS.zh])")
    assert set(english) == set(chinese)
    for name, text in english.items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", chinese[name])), name


def test_forbidden_storage_does_not_stop_the_page(page: Page, demo: Demo) -> None:
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('forbidden') } })")
    open_page(page, demo.home)
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_the_keyboard_alone_runs_it_again(page: Page, demo: Demo) -> None:
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


def test_copying_gives_the_call_and_says_so(context_with: Callable[..., BrowserContext], demo: Demo) -> None:
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


def test_without_a_clipboard_the_call_is_selected_instead(page: Page, demo: Demo) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    open_page(page, demo.home)
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("#copied")).to_contain_text("Selected")
    assert page.evaluate("getSelection().toString()") == page.locator("#snippet").text_content()


def test_nothing_leaves_loopback_and_the_console_stays_silent(page: Page, demo: Demo) -> None:
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    open_page(page, demo.home)
    page.get_by_role("button", name="中文").click()
    page.get_by_role("button", name="重新运行").click()
    state_is(page, "verdict", "ok")
    state_is(page, "wechat", "ok")
    loopback = (demo.home, demo.mock + "/")
    assert asked
    assert [url for url in asked if not url.startswith(loopback)] == []
    assert said == []


def test_the_policy_allows_no_inline_code(page: Page, demo: Demo) -> None:
    answer = page.goto(demo.home)
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'self'" in policy


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_long_addresses_wrap_and_nothing_scrolls_sideways(
    context_with: Callable[..., BrowserContext], demo: Demo, width: int, locale: str
) -> None:
    page = context_with(viewport={"width": width, "height": 844}, locale=locale).new_page()
    open_page(page, f"{demo.home}?long={'x' * 1900}")
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_moves_when_the_answers_come(
    context_with: Callable[..., BrowserContext], demo: Demo, width: int, locale: str
) -> None:
    page = context_with(viewport={"width": width, "height": 844}, locale=locale).new_page()
    with held_back(page, "**/api/jssdk/signature?*"):
        page.goto(demo.home)
        state_is(page, "ask", "ok")
        before = positions(page)
    state_is(page, "verdict", "ok")
    assert positions(page) == before
