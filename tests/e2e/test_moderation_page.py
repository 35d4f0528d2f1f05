"""The page for content checks, in a real browser, against a real server and mock."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

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


@pytest.fixture(scope="module")
def home(demo: Demo) -> str:
    return f"{demo.home}moderation.html"


def open_page(page: Page, home: str) -> None:
    page.goto(home)
    page.locator("#key").fill(DEMO_KEY)


@pytest.fixture(scope="module")
def moderation(chromium: Browser, home: str) -> Iterator[Page]:
    """The page, loaded once: a check replaces all that an earlier one has shown."""
    with chromium.new_context(locale="en-US") as context:
        page = context.new_page()
        open_page(page, home)
        yield page


@pytest.fixture
def form(moderation: Page) -> Iterator[Page]:
    """The same page with the demo's key and an empty text."""
    yield moderation
    moderation.unroute_all()
    moderation.get_by_role("button", name="English").click()
    moderation.get_by_label("Text", exact=True).first.check()
    moderation.locator("#check").evaluate("form => form.reset()")
    moderation.locator("#key").fill(DEMO_KEY)


def check_text(page: Page, text: str) -> None:
    page.locator("#content").fill(text)
    page.get_by_role("button", name="Check").click()


def answer_with(page: Page, answer: dict[str, Any] | None) -> None:
    """What the endpoint for texts answers from now on."""
    page.unroute_all()
    page.route(TEXT_ENDPOINT, lambda route: route.abort() if answer is None else route.fulfill(**answer))


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


def test_a_text_gets_its_verdict(form: Page) -> None:
    for text, state, word in (("你好", "pass", "Pass"), (RISKY, "risky", "Risky")):
        with form.expect_request(TEXT_ENDPOINT) as asked:
            check_text(form, text)
        state_is(form, state)
        expect(form.locator("#word")).to_have_text(word)
        assert asked.value.post_data_json == {"content": text}
        assert row(form, "checked") == "yes, by WeChat"
        assert row(form, "cached") in ("no", "yes: the same was checked a short while ago")
        assert row(form, "api") == "msg_sec_check/1"
        assert row(form, "reason") == "none: version 1 gives no reason"
        assert re.fullmatch(r"200 · \d+ ms", row(form, "HTTP status"))


def test_samples_get_their_verdicts_and_another_kind_has_none_yet(form: Page) -> None:
    for sample, state in (("Harmless sample", "pass"), ("WeChat’s risky sample", "risky")):
        form.get_by_role("button", name=sample).click()
        state_is(form, "waiting")
        form.get_by_role("button", name="Check").click()
        state_is(form, state)
    form.get_by_label("Image", exact=True).check()
    state_is(form, "waiting")
    form.get_by_role("button", name="Sample image").click()
    expect(form.locator("#chosen")).to_contain_text("red.png")
    form.get_by_role("button", name="Check").click()
    state_is(form, "risky")


def test_user_and_scene_are_sent_if_given(form: Page) -> None:
    form.get_by_text("A user and a scene: version 2").click()
    form.locator("#openid").fill(" openid-of-a-user ")
    form.locator("#scene").select_option("3")
    form.route(TEXT_ENDPOINT, lambda route: route.fulfill(json={**VERDICT, "api": "msg_sec_check/2"}))
    with form.expect_request(TEXT_ENDPOINT) as asked:
        check_text(form, "你好")
    assert asked.value.post_data_json == {"content": "你好", "openid": "openid-of-a-user", "scene": 3}
    state_is(form, "review")
    assert row(form, "reason") == "pornography (20002)"


def test_an_image_is_sent_as_it_is_and_gets_its_verdict(form: Page) -> None:
    for way, colour, state in (("choose", "red", "risky"), ("drop", "blue", "pass"), ("paste", "red", "risky")):
        if way == "choose":
            form.get_by_label("Image", exact=True).check()
            choose(form, image(colour))
        else:
            form.get_by_label("Text", exact=True).first.check()
            hand_over(form, way, "h1", image(colour))
        expect(form.locator("#preview")).to_be_visible()
        expect(form.locator("#chosen")).to_contain_text("holiday.png" if way == "choose" else "given.png")
        expect(form.locator("#chosen")).to_contain_text("40 × 30 px")
        with form.expect_request(IMAGE_ENDPOINT) as asked:
            form.get_by_role("button", name="Check").click()
        assert asked.value.all_headers()["content-length"] == str(len(image(colour)))
        state_is(form, state)


def test_images_sent_to_wechat_are_listed(form: Page) -> None:
    form.route(IMAGE_ENDPOINT, lambda route: route.fulfill(json=VERDICT))
    choose(form, image("blue"))
    form.get_by_role("button", name="Check").click()
    state_is(form, "review")
    assert row(form, "sent to WeChat").splitlines() == [
        "750 × 1334 px · 182,340 B · jpeg",
        "750 × 1300 px · 82,340 B · png",
    ]
    assert row(form, "frames") == "8 of 24 checked"
    assert row(form, "cached").startswith("yes")
    assert row(form, "trace_id") == VERDICT["trace_id"]
    assert row(form, "detail") == "strategy content_model · errcode 0 · suggest review · label 20002 · prob 90"


def test_verdict_without_a_check_is_marked(form: Page) -> None:
    for suggest in ("pass", "review"):
        unchecked = {**VERDICT, "suggest": suggest, "checked": False, "label": None, "label_name": None}
        answer_with(form, {"json": unchecked})
        check_text(form, "你好")
        state_is(form, suggest)
        expect(form.locator("#meaning")).to_contain_text("not")
        assert row(form, "checked") == "no, not all of it"


def test_text_with_an_image_of_itself_is_pasted_as_text(form: Page) -> None:
    form.evaluate(
        """() => {
            const clipboardData = new DataTransfer();
            clipboardData.items.add(new File(["x"], "text.png", { type: "image/png" }));
            clipboardData.setData("text/plain", "text");
            const pasted = new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData });
            document.getElementById("content").dispatchEvent(pasted);
        }"""
    )
    expect(form.locator("#kind-text")).to_be_checked()


def test_missing_field_is_named_and_nothing_is_sent(page: Page, home: str) -> None:
    asked: list[str] = []
    open_page(page, home)
    page.on("request", lambda request: asked.append(request.url))
    for key, kind, said, focused in [
        ("", "Text", "Type an API key first.", "#key"),
        ("密钥", "Text", "An API key has letters", "#key"),
        (DEMO_KEY, "Text", "Type or paste a text first.", "#content"),
        (DEMO_KEY, "Image", "Choose an image first.", "#file"),
    ]:
        page.locator("#key").fill(key)
        page.get_by_label(kind, exact=True).first.check()
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
    stops = [
        "English",
        "中文",
        "Signature",
        "Single-page app",
        "Login",
        "Content check",
        "Debugger",
        "Console",
        "API",
        "Mock console",
    ]
    for name in stops:
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_text(name)
    page.keyboard.press("Tab")
    page.keyboard.type(DEMO_KEY)
    for stop in ("#reveal", "#kind-text", "#content"):
        page.keyboard.press("Tab")
        expect(page.locator(stop)).to_be_focused()
    page.keyboard.insert_text(RISKY)
    for stop in ("[data-sample=sampleGood]", "[data-sample=sampleBad]", "summary", "#send"):
        page.keyboard.press("Tab")
        expect(page.locator(stop)).to_be_focused()
    assert page.locator(":focus-visible").evaluate("button => getComputedStyle(button).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    state_is(page, "risky")
    expect(page.locator("#send")).to_be_focused()


def test_second_click_sends_nothing_while_the_first_waits(form: Page) -> None:
    asked: list[Route] = []

    def hold(route: Route) -> None:
        asked.append(route)

    form.route(TEXT_ENDPOINT, hold)
    check_text(form, "你好")
    expect(form.locator("#word")).to_have_text("Asking WeChat …")
    form.get_by_role("button", name="Check").click(force=True)
    form.keyboard.press("Enter")
    asked[0].continue_()
    state_is(form, "pass")
    assert len(asked) == 1


PROBLEM = {"type": "/problems/busy", "title": "Busy", "status": 429, "errcode": 45011, "detail": "api minute-quota"}
NOT_FOUND = {"type": "/problems/not-found", "title": "Not found", "status": 404, "detail": "There is nothing here."}
HINT = {"en": "Wait a minute.", "zh": "请稍候。"}


FAILURES: list[tuple[dict[str, Any] | None, dict[str, str]]] = [
    (None, {"": "No answer"}),
    ({"status": 413, "body": "<h1>Request Entity Too Large</h1>"}, {"HTTP status": "413 · "}),
    ({"status": 404, "json": NOT_FOUND}, {"what to do": "WECHAT_"}),
    ({"status": 429, "json": {**PROBLEM, "hint": HINT}}, {"errcode": "45011", "what to do": HINT["en"]}),
    ({"status": 429, "json": PROBLEM, "headers": {"Retry-After": "7"}}, {"try again": "in 7 s"}),
]


def test_failure_is_explained(form: Page) -> None:
    for answer, said in FAILURES:
        answer_with(form, answer)
        with form.expect_request(TEXT_ENDPOINT):
            check_text(form, "你好")
        expect(form.locator("#send")).to_have_attribute("aria-disabled", "false")
        state_is(form, "problem")
        for name, text in said.items():
            assert text in (row(form, name) if name else form.locator("#meaning").inner_text()), answer


def test_unknown_key_is_a_problem_in_both_languages(form: Page) -> None:
    form.locator("#key").fill("a-key-that-is-not-configured")
    check_text(form, "你好")
    state_is(form, "problem")
    assert row(form, "type") == "/problems/key-required"
    assert "WECHAT_API_KEYS" in row(form, "what to do")
    form.get_by_role("button", name="中文").click()
    assert "密钥" in row(form, "如何处理")
