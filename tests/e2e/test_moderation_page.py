"""The page for content checks, in a real browser, against a real server and mock."""

import io
import re
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.e2e.conftest import Demo

KEY = "demo-key-of-the-browser-tests"
RISKY = "特3456书yuuo莞6543李zxcz蒜7782法fgnv级"
"""WeChat's own test string (WECHAT.md 3.1)"""
TEXT_DOOR, IMAGE_DOOR = "**/api/moderation/text", "**/api/moderation/image"
LOCALES = ("en-US", "zh-CN")
VERDICT = {
    "suggest": "review",
    "label": 20002,
    "label_name": "porn",
    "api": "img_sec_check/1",
    "checked": True,
    "cached": True,
    "trace_id": "6ab13b80-fc4ce386-5f11b21d",
    "frames": 24,
    "frames_checked": 8,
    "sent": [
        {"bytes": 182340, "width": 750, "height": 1334, "content_type": "image/jpeg"},
        {"bytes": 82340, "width": 750, "height": 1300, "content_type": "image/png"},
    ],
    "detail": [{"strategy": "content_model", "errcode": 0, "suggest": "review", "label": 20002, "prob": 90}],
}


@pytest.fixture
def home(demo: Demo) -> str:
    return f"{demo.home}moderation.html"


def open_page(page: Page, home: str, key: str = KEY) -> None:
    page.goto(home)
    page.locator("#key").fill(key)


def check_text(page: Page, text: str) -> None:
    page.locator("#content").fill(text)
    page.get_by_role("button", name="Check").click()


def state_is(page: Page, state: str) -> None:
    expect(page.locator("#result")).to_have_attribute("data-state", state)


def row(page: Page, name: str) -> str:
    """What the facts say behind `name`."""
    rows = page.locator("#facts > div")
    return rows.filter(has=page.locator("dt", has_text=re.compile(f"^{name}$"))).locator("dd").inner_text()


def picture(colour: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(content, "PNG")
    return content.getvalue()


def choose(page: Page, content: bytes, name: str = "holiday.png") -> None:
    page.locator("#file").set_input_files({"name": name, "mimeType": "image/png", "buffer": content})


def hand_over(page: Page, event: str, target: str, content: bytes) -> None:
    """A file is dropped or pasted: only a script can do that here."""
    page.evaluate(
        """([event, target, bytes]) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], "given.png", { type: "image/png" }));
            const how = { bubbles: true, cancelable: true, dataTransfer: transfer, clipboardData: transfer };
            const made = event === "paste" ? new ClipboardEvent(event, how) : new DragEvent(event, how);
            document.querySelector(target).dispatchEvent(made);
        }""",
        [event, target, list(content)],
    )


@pytest.mark.parametrize(("text", "state", "word"), [("你好", "pass", "Pass"), (RISKY, "risky", "Risky")])
def test_a_text_gets_its_verdict(page: Page, home: str, text: str, state: str, word: str) -> None:
    open_page(page, home)
    with page.expect_request(TEXT_DOOR) as asked:
        check_text(page, text)
    state_is(page, state)
    expect(page.locator("#word")).to_have_text(word)
    assert asked.value.post_data_json == {"content": text}
    assert row(page, "checked") == "yes, by WeChat"
    assert row(page, "cached") in ("no", "yes: the same was checked a short while ago")
    assert row(page, "api") == "msg_sec_check/1"
    assert row(page, "reason") == "none: version 1 gives no reason"
    assert re.fullmatch(r"200 · \d+ ms", row(page, "HTTP status"))


def test_a_user_and_a_scene_are_sent_when_they_are_given(page: Page, home: str) -> None:
    open_page(page, home)
    page.get_by_text("A user and a scene: version 2").click()
    page.locator("#openid").fill(" openid-of-someone ")
    page.locator("#scene").select_option("3")
    page.route(TEXT_DOOR, lambda route: route.fulfill(json={**VERDICT, "api": "msg_sec_check/2"}))
    with page.expect_request(TEXT_DOOR) as asked:
        check_text(page, "你好")
    assert asked.value.post_data_json == {"content": "你好", "openid": "openid-of-someone", "scene": 3}
    state_is(page, "review")
    assert row(page, "reason") == "pornography (20002)"


@pytest.mark.parametrize(("colour", "state"), [("red", "risky"), ("blue", "pass")])
@pytest.mark.parametrize("way", ["choose", "drop", "paste"])
def test_an_image_is_sent_as_it_is_and_gets_its_verdict(
    page: Page, home: str, way: str, colour: str, state: str
) -> None:
    open_page(page, home)
    if way == "choose":
        page.get_by_label("Image", exact=True).check()
        choose(page, picture(colour))
    else:
        hand_over(page, way, "h1", picture(colour))
    expect(page.locator("#preview")).to_be_visible()
    expect(page.locator("#chosen")).to_contain_text("40 × 30 px")
    with page.expect_request(IMAGE_DOOR) as asked:
        page.get_by_role("button", name="Check").click()
    assert asked.value.all_headers()["content-length"] == str(len(picture(colour)))
    state_is(page, state)


def test_what_was_sent_to_wechat_is_shown(page: Page, home: str) -> None:
    open_page(page, home)
    page.route(IMAGE_DOOR, lambda route: route.fulfill(json=VERDICT))
    choose(page, picture("blue"))
    page.get_by_role("button", name="Check").click()
    state_is(page, "review")
    assert row(page, "sent to WeChat").splitlines() == [
        "750 × 1334 px · 182,340 bytes · jpeg",
        "750 × 1300 px · 82,340 bytes · png",
    ]
    assert row(page, "frames") == "8 of 24 checked"
    assert row(page, "cached").startswith("yes")
    assert row(page, "trace_id") == VERDICT["trace_id"]
    assert row(page, "detail") == "strategy content_model · errcode 0 · suggest review · label 20002 · prob 90"


@pytest.mark.parametrize("suggest", ["pass", "review"])
def test_a_verdict_without_a_check_is_said_so(page: Page, home: str, suggest: str) -> None:
    open_page(page, home)
    unchecked = {**VERDICT, "suggest": suggest, "checked": False, "label": None, "label_name": None}
    page.route(TEXT_DOOR, lambda route: route.fulfill(json=unchecked))
    check_text(page, "你好")
    state_is(page, suggest)
    expect(page.locator("#meaning")).to_contain_text("not")
    assert row(page, "checked") == "no, not all of it"


def test_a_label_that_is_new_at_wechat_is_shown_as_its_number(page: Page, home: str) -> None:
    open_page(page, home)
    page.route(TEXT_DOOR, lambda route: route.fulfill(json={**VERDICT, "label": 29999, "label_name": None}))
    check_text(page, "你好")
    state_is(page, "review")
    assert row(page, "reason") == "29999"


def test_an_unknown_key_shows_the_problem_and_what_to_do_in_the_language_of_the_page(page: Page, home: str) -> None:
    open_page(page, home, "a-key-that-nobody-ever-configured")
    check_text(page, "你好")
    state_is(page, "problem")
    assert row(page, "title") == "API key required"
    assert row(page, "type") == "/problems/key-required"
    assert row(page, "HTTP status").startswith("401 · ")
    assert "WECHAT_API_KEYS" in row(page, "what to do")
    page.get_by_role("button", name="中文").click()
    assert "密钥" in row(page, "如何处理")
    expect(page.locator("#word")).to_have_text("没有结论")


def test_what_wechat_refuses_shows_its_errcode_and_when_to_come_again(page: Page, fresh_demo: Demo) -> None:
    fresh_demo.steer("faults", path="/wxa/msg_sec_check", errcode=45011, times=None)
    open_page(page, f"{fresh_demo.home}moderation.html")
    check_text(page, "你好")
    state_is(page, "problem")
    assert row(page, "errcode") == "45011"
    assert row(page, "HTTP status").startswith("429 · ")
    assert re.fullmatch(r"in \d+ s", row(page, "try again"))
    english = row(page, "what to do")
    assert english.isascii()
    page.get_by_role("button", name="中文").click()
    assert re.search(r"[\u4e00-\u9fff]", row(page, "如何处理"))
    assert re.fullmatch(r"\d+ 秒后", row(page, "再次尝试"))


def test_an_image_that_is_too_large_is_said_so(page: Page, home: str) -> None:
    open_page(page, home)
    choose(page, bytes(11_000_000))
    expect(page.locator("#chosen")).to_contain_text("11,000,000 bytes")
    page.get_by_role("button", name="Check").click()
    state_is(page, "problem")
    assert row(page, "HTTP status").startswith("413 · ")
    assert "10485760" in row(page, "detail")


def test_text_that_comes_with_a_picture_of_itself_is_pasted_as_text(page: Page, home: str) -> None:
    open_page(page, home)
    page.evaluate(
        """() => {
            const clipboardData = new DataTransfer();
            clipboardData.items.add(new File(["x"], "text.png", { type: "image/png" }));
            clipboardData.setData("text/plain", "text");
            const pasted = new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData });
            document.getElementById("content").dispatchEvent(pasted);
        }"""
    )
    expect(page.locator("#kind-text")).to_be_checked()


def test_a_listener_without_the_doors_says_where_they_are(page: Page, home: str) -> None:
    open_page(page, home)
    missing = {"type": "/problems/not-found", "title": "Not found", "status": 404, "detail": "There is nothing here."}
    page.route(TEXT_DOOR, lambda route: route.fulfill(status=404, json=missing))
    check_text(page, "你好")
    state_is(page, "problem")
    assert "WECHAT_LISTENER" in row(page, "what to do")


def test_a_server_that_does_not_answer_is_said_so(page: Page, home: str) -> None:
    open_page(page, home)
    page.route(TEXT_DOOR, lambda route: route.abort())
    check_text(page, "你好")
    state_is(page, "problem")
    expect(page.locator("#meaning")).to_contain_text("No answer")


def test_an_answer_that_is_not_the_servers_is_said_so(page: Page, home: str) -> None:
    open_page(page, home)
    page.route(TEXT_DOOR, lambda route: route.fulfill(status=413, body="<h1>Request Entity Too Large</h1>"))
    check_text(page, "你好")
    state_is(page, "problem")
    expect(page.locator("#meaning")).to_contain_text("not the server’s")
    assert row(page, "HTTP status").startswith("413 · ")


@pytest.mark.parametrize(
    ("key", "kind", "said", "focused"),
    [
        ("", "Text", "Type an API key first.", "#key"),
        ("密钥", "Text", "An API key has letters", "#key"),
        (KEY, "Text", "Type or paste a text first.", "#content"),
        (KEY, "Image", "Choose an image first.", "#file"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_sent(
    page: Page, home: str, key: str, kind: str, said: str, focused: str
) -> None:
    asked: list[str] = []
    open_page(page, home, key)
    page.get_by_label(kind, exact=True).first.check()
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("alert")).to_contain_text(said)
    expect(page.locator(focused)).to_be_focused()
    state_is(page, "waiting")
    assert asked == []


def test_the_key_is_in_its_field_and_nowhere_else(page: Page, home: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_page(page, home)
    check_text(page, RISKY)
    state_is(page, "risky")
    page.get_by_role("button", name="中文").click()  # the language is remembered, so storage works
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, history.state])")
    assert '"language"' in kept
    assert KEY not in kept
    assert KEY not in page.locator("html").evaluate("html => html.outerHTML")
    assert asked
    assert [url for url in asked if KEY in url] == []
    page.reload()
    expect(page.locator("#key")).to_have_value("")


def test_without_the_script_no_key_could_get_into_an_address(page: Page, home: str) -> None:
    open_page(page, home)
    page.locator("#content").fill("你好")
    fields: list[str] = page.evaluate("[...new FormData(document.getElementById('check'))].map(([name]) => name)")
    assert set(fields) <= {"kind"}


def test_the_key_can_be_looked_at(page: Page, home: str) -> None:
    open_page(page, home)
    expect(page.locator("#key")).to_have_attribute("type", "password")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#key")).to_have_attribute("type", "text")
    page.get_by_role("button", name="Hide").click()
    expect(page.locator("#key")).to_have_attribute("type", "password")


def test_the_keyboard_alone_gets_a_verdict(page: Page, home: str) -> None:
    page.goto(home)
    stops = ["English", "中文", "Signature", "Single-page app", "Debugger", "Content check", "API"]
    for name in stops:
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_text(name)
    page.keyboard.press("Tab")
    page.keyboard.type(KEY)
    for stop in ("#reveal", "#kind-text", "#content"):
        page.keyboard.press("Tab")
        expect(page.locator(stop)).to_be_focused()
    page.keyboard.insert_text(RISKY)
    for stop in ("summary", "#send"):
        page.keyboard.press("Tab")
        expect(page.locator(stop)).to_be_focused()
    assert page.locator(":focus-visible").evaluate("button => getComputedStyle(button).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    state_is(page, "risky")
    expect(page.locator("#send")).to_be_focused()


def test_ctrl_enter_in_the_text_checks_it(page: Page, home: str) -> None:
    open_page(page, home)
    page.locator("#content").fill(RISKY)
    page.keyboard.press("Control+Enter")
    state_is(page, "risky")


def test_a_second_click_sends_nothing_while_the_first_is_on_its_way(page: Page, home: str) -> None:
    open_page(page, home)
    asked: list[Route] = []

    def hold(route: Route) -> None:
        asked.append(route)

    page.route(TEXT_DOOR, hold)
    check_text(page, "你好")
    expect(page.locator("#word")).to_have_text("Asking WeChat …")
    page.get_by_role("button", name="Check").click(force=True)
    page.keyboard.press("Enter")
    asked[0].continue_()
    state_is(page, "pass")
    assert len(asked) == 1


def test_the_switch_changes_everything_that_is_said(page: Page, home: str) -> None:
    open_page(page, home)
    choose(page, picture("red"))
    page.get_by_role("button", name="Check").click()
    state_is(page, "risky")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page).to_have_title("内容安全检测 · 微信中控服务器")
    expect(page.locator("#word")).to_have_text("违规")
    expect(page.locator("#send")).to_have_text("检测")
    expect(page.locator("#chosen")).to_contain_text("字节")
    expect(page.locator("#reveal")).to_have_text("显示")
    assert row(page, "已检测") == "是，由微信检测"


def test_both_languages_have_the_same_texts(page: Page, home: str) -> None:
    page.goto(home)
    english, chinese = page.evaluate("import('/static/texts.js').then(({ TEXTS }) => [TEXTS.en, TEXTS.zh])")
    assert set(english) == set(chinese)
    assert "riskyMeaning" in english
    for name, text in english.items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", chinese[name])), name


def test_nothing_leaves_loopback_and_the_console_stays_silent(page: Page, demo: Demo, home: str) -> None:
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    open_page(page, home)
    check_text(page, RISKY)
    state_is(page, "risky")
    choose(page, picture("blue"))
    expect(page.locator("#preview")).to_be_visible()
    page.get_by_role("button", name="Check").click()
    state_is(page, "pass")
    assert [url for url in asked if not url.startswith((demo.home, "data:image/"))] == []
    assert said == []


def test_the_pages_lead_to_each_other(page: Page, demo: Demo) -> None:
    page.goto(demo.home)
    page.get_by_role("link", name="Content check", exact=True).click()
    expect(page.locator("h1")).to_have_text("Would WeChat let this pass?")
    page.get_by_role("link", name="API", exact=True).click()
    expect(page.locator(".opblock").first).to_be_visible()
    page.get_by_role("link", name="Signature", exact=True).click()
    expect(page.locator("#summary")).to_have_text("Signed, and the mock accepts it.")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_long_names_and_findings_wrap_and_nothing_scrolls_sideways(
    context_with: Callable[..., BrowserContext], home: str, width: int, locale: str
) -> None:
    page = context_with(viewport={"width": width, "height": 844}, locale=locale).new_page()
    open_page(page, home)
    page.route(IMAGE_DOOR, lambda route: route.fulfill(json={**VERDICT, "detail": [{"keyword": "x" * 300}]}))
    choose(page, picture("blue"), f"{'long' * 40}.png")
    expect(page.locator("#preview")).to_be_visible()
    page.locator("#send").click()
    state_is(page, "review")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    expect(page.locator("#word")).to_be_in_viewport()
