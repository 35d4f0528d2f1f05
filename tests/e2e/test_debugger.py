"""The signature debugger, in a real browser: it names what was signed by mistake, and keeps the tickets to itself."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from app.jssdk import mistakes
from tests.app.jssdk.mistakes import CASES, NONCESTR, TICKET, TIMESTAMP, Case
from tests.e2e.conftest import DEMO_KEY, Demo

ENDPOINT = "**/api/jssdk/diagnose"
CARD_TICKET = "IpK_1T69hDhZkLQTlwsAX"


@pytest.fixture(scope="module")
def debugger(chromium: Browser, demo: Demo) -> Iterator[Page]:
    """The debugger, open without WebCrypto, as on a phone that loads it over plain http."""
    with chromium.new_context(locale="en-US") as context:
        page = context.new_page()
        page.add_init_script("Object.defineProperty(window, 'crypto', { value: undefined })")
        page.goto(f"{demo.home}debugger.html")
        page.wait_for_selector("html:not([data-loading])")
        yield page


@pytest.fixture
def form(debugger: Page) -> Iterator[Page]:
    """The same page with empty fields, nothing asked yet, in the state that a test finds it after loading."""
    yield debugger
    debugger.unroute_all()
    debugger.evaluate(
        """() => {
            for (const form of document.forms) form.reset();
            document.getElementById("more").open = false;
            document.getElementById("claim").dispatchEvent(new Event("input"));
        }"""
    )


def fields(case: Case) -> dict[str, str]:
    """The texts of the form by the id of their field."""
    return {
        "url": case.url,
        "ticket": TICKET,
        "noncestr": NONCESTR,
        "timestamp": str(case.timestamp),
        "signature": case.signature(),
        "landing": case.landing_url or "",
        "card": case.card_ticket or "",
    }


FILL = """texts => {
    for (const [id, text] of Object.entries(texts)) document.getElementById(id).value = text;
    document.getElementById("url").dispatchEvent(new Event("input", { bubbles: true }));
}"""


def fill(page: Page, case: Case) -> None:
    page.wait_for_selector("html:not([data-loading])")
    page.evaluate(FILL, fields(case))


def row(page: Page, section: str, name: str) -> str:
    """The value of `name` in a section."""
    rows = page.locator(f"#{section} .facts > div")
    return rows.filter(has=page.locator("dt", has_text=re.compile(f"^{name}$"))).locator("dd").inner_text()


def state_is(page: Page, section: str, state: str) -> None:
    expect(page.locator(f"#{section}")).to_have_attribute("data-state", state)


# The form -------------------------------------------------------------------------------------------------------------


def test_right_signature_is_confirmed_without_web_crypto(form: Page) -> None:
    fill(form, CASES[0])
    assert form.evaluate("typeof crypto") == "undefined"
    state_is(form, "local", "ok")
    expect(form.locator("#local .word")).to_have_text("The signature is right.")
    assert row(form, "local", "string1") == CASES[0].string1.replace("TICKET", TICKET)
    assert row(form, "local", "SHA-1") == CASES[0].signature()


def test_examples_fill_the_form(form: Page) -> None:
    form.get_by_role("button", name="WeChat’s example").click()
    state_is(form, "local", "ok")
    assert row(form, "local", "SHA-1") == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"  # as WeChat's document has it
    form.get_by_role("button", name="An example with a mistake").click()
    state_is(form, "local", "failed")
    expect(form.locator("#local mark")).to_have_text("#/home")


def test_each_mistake_is_shown_with_what_was_signed(form: Page) -> None:
    first_cases = {case.mistakes[0]: case for case in CASES if case.mistakes}
    shown = form.evaluate(
        f"""cases => cases.map(texts => {{
            ({FILL})(texts);
            const local = document.getElementById("local");
            const said = [...local.querySelectorAll(".said li")].map(item => item.innerText);
            return [local.dataset.state, said, [...local.querySelectorAll("dd")].at(-1).innerText];
        }})""",
        [fields(case) for case in first_cases.values()],
    )
    for case, (state, said, signed) in zip(first_cases.values(), shown, strict=True):
        assert (state, signed) == ("failed", case.string1.replace("TICKET", TICKET)), case.name
        for name, text in zip(case.mistakes or [], said, strict=True):
            assert text.endswith(mistakes()[name]["hint"]["en"]), case.name
    assert row(form, "local", "was signed") == shown[-1][2]


def test_wrong_part_is_marked_and_unknown_mistake_names_what_was_not_tried(form: Page) -> None:
    fill(form, next(case for case in CASES if case.mistakes == ["scheme_changed", "port_changed"]))
    expect(form.locator("#local mark")).to_have_text("://h5.example.com:8080")
    fill(form, next(case for case in CASES if case.mistakes == ["fragment_left_in"]))
    expect(form.locator("#local mark")).to_have_text("#/home")
    fill(form, next(case for case in CASES if case.mistakes is None))
    state_is(form, "local", "failed")
    expect(form.locator("#local .word")).to_contain_text("no known mistake")
    expect(form.locator("#local .said")).to_contain_text("another URL")
    expect(form.locator("#local .said")).to_contain_text("wx_card ticket")


def test_string1_is_shown_before_there_is_a_signature_to_compare(form: Page) -> None:
    for name, text in {"url": CASES[0].url, "noncestr": NONCESTR, "timestamp": str(TIMESTAMP)}.items():
        expect(form.locator("#local .word")).to_contain_text("still missing")
        form.locator(f"#{name}").fill(text)
    expect(form.locator("#local .word")).to_contain_text("jsapi_ticket is still missing")
    form.locator("#ticket").fill(TICKET)
    assert row(form, "local", "SHA-1") == CASES[0].signature()
    form.locator("#signature").fill("d41d8cd98f00b204e9800998ecf8427e")
    expect(form.locator("#local .word")).to_contain_text("This is not a SHA-1")
    form.locator("#timestamp").fill("yesterday")
    expect(form.locator("#local .word")).to_contain_text("digits only")


JSON_ANSWER = (
    '{"appId":"wx1","timestamp":1414587457,"nonceStr":"NONCE","signature":"SIGN",'
    r'"url":"https:\/\/h5.example.com\/a?b=1&c=2"}'
)
CALL = """wx.config({
  debug: true, appId: 'wx1', timestamp: 1414587457, // when
  nonceStr: 'NONCE', signature: 'SIGN', url: 'https://h5.example.com/a?b=1&c=2' })"""


def test_pasted_config_fills_the_fields(form: Page) -> None:
    for text in (JSON_ANSWER, CALL):
        form.locator("#claim").evaluate("form => form.reset()")
        assert paste(form, text.replace("NONCE", NONCESTR).replace("SIGN", CASES[0].signature())) is False
        for name, value in {
            "timestamp": str(TIMESTAMP),
            "noncestr": NONCESTR,
            "signature": CASES[0].signature(),
            "url": "https://h5.example.com/a?b=1&c=2",
        }.items():
            expect(form.locator(f"#{name}"), text).to_have_value(value)


def paste(page: Page, text: str) -> bool:
    """Paste; whether the browser then inserts the text itself."""
    went_on: bool = page.locator("#url").evaluate(
        """(field, text) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            return field.dispatchEvent(new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData }));
        }""",
        text,
    )
    return went_on


# The server -----------------------------------------------------------------------------------------------------------


def ask(page: Page, key: str = DEMO_KEY) -> None:
    page.locator("#key").fill(key)
    page.get_by_role("button", name="Ask").click()


def test_the_server_names_the_mistake_by_its_own_ticket(form: Page, demo: Demo) -> None:
    config = form.evaluate(
        "fetch('/api/jssdk/signature?url=' + encodeURIComponent(location.href)).then(it => it.json())"
    )
    paste(form, json.dumps(config))
    form.locator("#url").fill(f"{demo.home}debugger.html?from=singlemessage")
    form.locator("#key").fill(DEMO_KEY)
    form.locator("#key").press("Enter")
    state_is(form, "remote", "failed")
    expect(form.locator("#remote .said li")).to_have_count(1)
    expect(form.locator("#remote .said li")).to_contain_text(mistakes()["share_parameters"]["hint"]["en"])
    form.locator("#url").fill(f"{demo.home}debugger.html#top")
    expect(form.locator("#remote .word")).to_have_text("Not asked yet.")
    form.get_by_role("button", name="Ask").click()
    state_is(form, "remote", "ok")


def test_no_request_contains_a_ticket(page: Page, demo: Demo) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.url} {request.post_data or ''} {request.headers}"))
    page.goto(f"{demo.home}debugger.html")
    fill(page, replace(next(case for case in CASES if case.landing_url), card_ticket=CARD_TICKET))
    state_is(page, "local", "failed")
    with page.expect_response(ENDPOINT) as answered:
        ask(page)
    assert answered.value.ok
    assert any("landing_url" in one for one in sent)
    assert [one for one in sent if TICKET in one or CARD_TICKET in one] == []
    assert page.evaluate("[JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie]") == [
        "{}",
        "{}",
        "",
    ]


def test_missing_field_and_unusable_key_are_named(form: Page) -> None:
    ask(form)
    expect(form.locator("#remote .word")).to_have_text("The page’s URL is still missing.")
    fill(form, CASES[0])
    for key, word, said in [
        ("", "Type an API key first.", ""),
        ("密钥", "letters, digits", ""),
        ("wrong-wrong-wrong-wrong-wrong", "The server gives no diagnosis.", "WECHAT_API_KEYS"),
    ]:
        ask(form, key)
        expect(form.locator("#remote .word")).to_contain_text(word)
        expect(form.locator("#remote .said")).to_contain_text(said)


def test_missing_answer_and_gateway_page_are_named(form: Page) -> None:
    fill(form, CASES[0])
    form.route(ENDPOINT, lambda route: route.abort())
    ask(form)
    expect(form.locator("#remote .word")).to_contain_text("No answer")
    form.unroute(ENDPOINT)
    form.route(ENDPOINT, lambda route: route.fulfill(status=502, body="<h1>Bad Gateway</h1>"))
    ask(form)
    expect(form.locator("#remote .word")).to_contain_text("not the server’s")


def test_form_works_by_keyboard(form: Page) -> None:
    form.locator("#url").focus()
    for name in ("ticket", "noncestr", "timestamp", "signature"):
        form.keyboard.press("Tab")
        expect(form.locator(f"#{name}")).to_be_focused()
    form.keyboard.press("Tab")
    form.keyboard.press("Enter")
    form.keyboard.press("Tab")
    expect(form.locator("#landing")).to_be_focused()
