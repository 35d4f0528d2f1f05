"""The page for content checks, in a real browser, against a real server and mock."""

import io
import re
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import DEMO_KEY, Demo
from tests.e2e.uplink import RISKY

TEXT_ENDPOINT, IMAGE_ENDPOINT = "**/api/moderation/text", "**/api/moderation/image"
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


def open_page(page: Page, home: str, key: str = DEMO_KEY) -> None:
    page.goto(home)
    page.locator("#key").fill(key)


def check_text(page: Page, text: str) -> None:
    page.locator("#content").fill(text)
    page.get_by_role("button", name="Check").click()


def state_is(page: Page, state: str) -> None:
    expect(page.locator("#result")).to_have_attribute("data-state", state)


def row(page: Page, name: str) -> str:
    """The value of `name` in the result."""
    rows = page.locator("#facts > div")
    return rows.filter(has=page.locator("dt", has_text=re.compile(f"^{name}$"))).locator("dd").inner_text()


def image(colour: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(content, "PNG")
    return content.getvalue()


def choose(page: Page, content: bytes, name: str = "holiday.png") -> None:
    page.locator("#file").set_input_files({"name": name, "mimeType": "image/png", "buffer": content})


def hand_over(page: Page, event: str, target: str, content: bytes) -> None:
    """Drop or paste a file by a script."""
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
    with page.expect_request(TEXT_ENDPOINT) as asked:
        check_text(page, text)
    state_is(page, state)
    expect(page.locator("#word")).to_have_text(word)
    assert asked.value.post_data_json == {"content": text}
    assert row(page, "checked") == "yes, by WeChat"
    assert row(page, "cached") in ("no", "yes: the same was checked a short while ago")
    assert row(page, "api") == "msg_sec_check/1"
    assert row(page, "reason") == "none: version 1 gives no reason"
    assert re.fullmatch(r"200 · \d+ ms", row(page, "HTTP status"))


def test_user_and_scene_are_sent_if_given(page: Page, home: str) -> None:
    open_page(page, home)
    page.get_by_text("A user and a scene: version 2").click()
    page.locator("#openid").fill(" openid-of-a-user ")
    page.locator("#scene").select_option("3")
    page.route(TEXT_ENDPOINT, lambda route: route.fulfill(json={**VERDICT, "api": "msg_sec_check/2"}))
    with page.expect_request(TEXT_ENDPOINT) as asked:
        check_text(page, "你好")
    assert asked.value.post_data_json == {"content": "你好", "openid": "openid-of-a-user", "scene": 3}
    state_is(page, "review")
    assert row(page, "reason") == "pornography (20002)"


@pytest.mark.parametrize(
    ("way", "colour", "state"), [("choose", "red", "risky"), ("drop", "blue", "pass"), ("paste", "red", "risky")]
)
def test_an_image_is_sent_as_it_is_and_gets_its_verdict(
    page: Page, home: str, way: str, colour: str, state: str
) -> None:
    open_page(page, home)
    if way == "choose":
        page.get_by_label("Image", exact=True).check()
        choose(page, image(colour))
    else:
        hand_over(page, way, "h1", image(colour))
    expect(page.locator("#preview")).to_be_visible()
    expect(page.locator("#chosen")).to_contain_text("40 × 30 px")
    with page.expect_request(IMAGE_ENDPOINT) as asked:
        page.get_by_role("button", name="Check").click()
    assert asked.value.all_headers()["content-length"] == str(len(image(colour)))
    state_is(page, state)


def test_images_sent_to_wechat_are_listed(page: Page, home: str) -> None:
    open_page(page, home)
    page.route(IMAGE_ENDPOINT, lambda route: route.fulfill(json=VERDICT))
    choose(page, image("blue"))
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
def test_verdict_without_a_check_is_marked(page: Page, home: str, suggest: str) -> None:
    open_page(page, home)
    unchecked = {**VERDICT, "suggest": suggest, "checked": False, "label": None, "label_name": None}
    page.route(TEXT_ENDPOINT, lambda route: route.fulfill(json=unchecked))
    check_text(page, "你好")
    state_is(page, suggest)
    expect(page.locator("#meaning")).to_contain_text("not")
    assert row(page, "checked") == "no, not all of it"


def test_text_with_an_image_of_itself_is_pasted_as_text(page: Page, home: str) -> None:
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


@pytest.mark.parametrize(
    ("key", "kind", "said", "focused"),
    [
        ("", "Text", "Type an API key first.", "#key"),
        ("密钥", "Text", "An API key has letters", "#key"),
        (DEMO_KEY, "Text", "Type or paste a text first.", "#content"),
        (DEMO_KEY, "Image", "Choose an image first.", "#file"),
    ],
)
def test_missing_field_is_named_and_nothing_is_sent(
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
    assert DEMO_KEY not in kept
    assert DEMO_KEY not in page.locator("html").evaluate("html => html.outerHTML")
    assert asked
    assert [url for url in asked if DEMO_KEY in url] == []
    page.reload()
    expect(page.locator("#key")).to_have_value("")


def test_page_works_by_keyboard(page: Page, home: str) -> None:
    page.goto(home)
    stops = ["English", "中文", "Signature", "Single-page app", "Debugger", "Content check", "API"]
    for name in stops:
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_text(name)
    page.keyboard.press("Tab")
    page.keyboard.type(DEMO_KEY)
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


def test_second_click_sends_nothing_while_the_first_waits(page: Page, home: str) -> None:
    open_page(page, home)
    asked: list[Route] = []

    def hold(route: Route) -> None:
        asked.append(route)

    page.route(TEXT_ENDPOINT, hold)
    check_text(page, "你好")
    expect(page.locator("#word")).to_have_text("Asking WeChat …")
    page.get_by_role("button", name="Check").click(force=True)
    page.keyboard.press("Enter")
    asked[0].continue_()
    state_is(page, "pass")
    assert len(asked) == 1


PROBLEM = {"type": "/problems/busy", "title": "Busy", "status": 429, "errcode": 45011, "detail": "api minute-quota"}
NOT_FOUND = {"type": "/problems/not-found", "title": "Not found", "status": 404, "detail": "There is nothing here."}
HINT = {"en": "Wait a minute.", "zh": "请稍候。"}


@pytest.mark.parametrize(
    ("answer", "name", "said"),
    [
        (None, "", "No answer"),
        ({"status": 413, "body": "<h1>Request Entity Too Large</h1>"}, "HTTP status", "413 · "),
        ({"status": 404, "json": NOT_FOUND}, "what to do", "WECHAT_"),
        ({"status": 429, "json": {**PROBLEM, "hint": HINT}}, "errcode", "45011"),
        ({"status": 429, "json": {**PROBLEM, "hint": HINT}}, "what to do", HINT["en"]),
        ({"status": 429, "json": PROBLEM, "headers": {"Retry-After": "7"}}, "try again", "in 7 s"),
    ],
)
def test_failure_is_explained(page: Page, home: str, answer: dict[str, Any] | None, name: str, said: str) -> None:
    open_page(page, home)
    page.route(TEXT_ENDPOINT, lambda route: route.abort() if answer is None else route.fulfill(**answer))
    check_text(page, "你好")
    state_is(page, "problem")
    assert said in (row(page, name) if name else page.locator("#meaning").inner_text())


def test_unknown_key_is_a_problem_in_both_languages(page: Page, home: str) -> None:
    open_page(page, home, "a-key-that-is-not-configured")
    check_text(page, "你好")
    state_is(page, "problem")
    assert row(page, "type") == "/problems/key-required"
    assert "WECHAT_API_KEYS" in row(page, "what to do")
    page.get_by_role("button", name="中文").click()
    assert "密钥" in row(page, "如何处理")
