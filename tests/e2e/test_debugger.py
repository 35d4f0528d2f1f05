"""The signature debugger, in a real browser: it names what was signed by mistake, and keeps the tickets to itself."""

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.jssdk import Claim, mistakes
from app.jssdk.diagnosis import _candidates
from tests.app.jssdk.mistakes import CASES, NONCESTR, TICKET, TIMESTAMP, Case
from tests.e2e.conftest import DEMO_KEY, Demo

ENDPOINT = "**/api/jssdk/diagnose"
CARD_TICKET = "IpK_1T69hDhZkLQTlwsAX"
VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "jssdk_signature.json").read_text("utf-8")
)
ODD_URLS = [
    "https://h5.example.com/%E4%B8%AD%2Fx/a?b=1&c=%e4%b8%ad+1&from=timeline&isappinstalled=0#/r?x=%23",
    "HTTP://H5.example.com:8080?&amp;a=%FF%E4%B8%AD&=!~*'()[]中 \U0001f600",
    "http://[::1]:80/a//?#",
    "nothing like a URL % %2 %zz",
    f"https://h5.example.com/?long={'x' * 1900}",
]


@pytest.fixture
def home(demo: Demo) -> str:
    return f"{demo.home}debugger.html"


def fill(page: Page, case: Case, ticket: str = TICKET) -> None:
    more = case.landing_url or case.card_ticket
    if more:
        page.locator("#more").evaluate("details => { details.open = true }")
    texts = {
        "url": case.url,
        "ticket": ticket,
        "noncestr": NONCESTR,
        "timestamp": str(case.timestamp),
        "signature": case.signature(ticket),
        **({"landing": case.landing_url or "", "card": case.card_ticket or ""} if more else {}),
    }
    for name, text in texts.items():
        page.locator(f"#{name}").fill(text)


def row(page: Page, section: str, name: str) -> str:
    """The value of `name` in a section."""
    rows = page.locator(f"#{section} .facts > div")
    return rows.filter(has=page.locator("dt", has_text=re.compile(f"^{name}$"))).locator("dd").inner_text()


def state_is(page: Page, section: str, state: str) -> None:
    expect(page.locator(f"#{section}")).to_have_attribute("data-state", state)


def evaluate(page: Page, module: str, code: str, argument: Any = None) -> Any:
    """The value of `code`, with `exported` (a module of the page) and `given`."""
    return page.evaluate(
        f"async given => {{ const exported = await import('/static/{module}'); return {code} }}", argument
    )


# SHA-1 and the table of mistakes --------------------------------------------------------------------------------------


def test_its_sha1_is_sha1(page: Page, home: str) -> None:
    page.goto(home)
    texts = ["", "abc", "中文 \U0001f600", *("x" * length for length in (54, 55, 56, 57, 63, 64, 65, 119, 120, 5000))]
    hashes = evaluate(page, "sha1.js", "given.map(exported.sha1)", texts)
    assert hashes == [hashlib.sha1(text.encode()).hexdigest() for text in texts]


def test_it_computes_the_published_signatures(page: Page, home: str) -> None:
    page.goto(home)
    fields = ("url", "noncestr", "signature")
    claims = [
        {
            **{name: row[name] for name in fields},
            "timestamp": str(row["timestamp"]),
            "ticket": row["jsapi_ticket"],
            "landingUrl": "",
            "cardTicket": "",
        }
        for row in VECTORS
    ]
    found = evaluate(page, "debugger-mistakes.js", "given.map(exported.diagnose)", claims)
    assert [one["mistakes"] for one in found] == [[]] * len(VECTORS)


def test_it_names_the_mistake_of_each_case(page: Page, home: str) -> None:
    page.goto(home)
    claims = [
        {
            "url": case.url,
            "landingUrl": case.landing_url or "",
            "ticket": TICKET,
            "cardTicket": case.card_ticket or "",
            "noncestr": NONCESTR,
            "timestamp": str(case.timestamp),
            "signature": case.signature(),
        }
        for case in CASES
    ]
    found = evaluate(page, "debugger-mistakes.js", "given.map(exported.diagnose)", claims)
    named = {case.name: one and one["mistakes"] for case, one in zip(CASES, found, strict=True)}
    assert named == {case.name: case.mistakes for case in CASES}


def test_page_and_server_try_the_same_mistakes_in_the_same_order(page: Page, home: str) -> None:
    page.goto(home)
    for url in ODD_URLS:
        for timestamp in (TIMESTAMP, TIMESTAMP * 1000 + 7):
            claim = Claim(url, timestamp, NONCESTR, "0" * 40, "https://h5.example.com/#/home", CARD_TICKET)
            here = [
                [list(names), signed.ticket, *signed.keys, str(signed.timestamp), signed.url]
                for names, signed in _candidates(claim, TICKET)
            ]
            there = evaluate(
                page,
                "debugger-mistakes.js",
                """[...exported.candidates(given)].map(([names, signed]) => [
                    names, signed.ticket, signed.nonceKey ?? "noncestr", signed.timeKey ?? "timestamp",
                    signed.timestamp, signed.url])""",
                {
                    "url": url,
                    "landingUrl": claim.landing_url,
                    "ticket": TICKET,
                    "cardTicket": CARD_TICKET,
                    "noncestr": NONCESTR,
                    "timestamp": str(timestamp),
                },
            )
            assert there == here


# The form -------------------------------------------------------------------------------------------------------------


def test_right_signature_is_confirmed(page: Page, home: str) -> None:
    page.goto(home)
    fill(page, CASES[0])
    state_is(page, "local", "ok")
    expect(page.locator("#local .word")).to_have_text("The signature is right.")
    assert row(page, "local", "string1") == CASES[0].string1.replace("TICKET", TICKET)
    assert row(page, "local", "SHA-1") == CASES[0].signature()


def test_the_mistake_is_shown_with_what_was_signed(page: Page, home: str) -> None:
    page.goto(home)
    first_cases = {case.mistakes[0]: (case, case.mistakes) for case in CASES if case.mistakes}
    for case, mistakes_made in first_cases.values():
        fill(page, replace(case, landing_url=case.landing_url or " ", card_ticket=case.card_ticket or " "))
        state_is(page, "local", "failed")
        said = page.locator("#local .said li").all_inner_texts()
        for name, text in zip(mistakes_made, said, strict=True):
            assert text.endswith(mistakes()[name]["hint"]["en"]), case.name
        assert row(page, "local", "was signed") == case.string1.replace("TICKET", TICKET)


def test_wrong_part_is_marked(page: Page, home: str) -> None:
    page.goto(home)
    fill(page, next(case for case in CASES if case.mistakes == ["scheme_changed", "port_changed"]))
    expect(page.locator("#local mark")).to_have_text("://h5.example.com:8080")
    fill(page, next(case for case in CASES if case.mistakes == ["fragment_left_in"]))
    expect(page.locator("#local mark")).to_have_text("#/home")


def test_unknown_mistake_names_what_was_not_tried(page: Page, home: str) -> None:
    page.goto(home)
    fill(page, next(case for case in CASES if case.mistakes is None))
    state_is(page, "local", "failed")
    expect(page.locator("#local .word")).to_contain_text("no known mistake")
    expect(page.locator("#local .said")).to_contain_text("another URL")
    expect(page.locator("#local .said")).to_contain_text("wx_card ticket")


def test_string1_is_shown_before_there_is_a_signature_to_compare(page: Page, home: str) -> None:
    page.goto(home)
    for name, text in {"url": CASES[0].url, "noncestr": NONCESTR, "timestamp": str(TIMESTAMP)}.items():
        expect(page.locator("#local .word")).to_contain_text("still missing")
        page.locator(f"#{name}").fill(text)
    expect(page.locator("#local .word")).to_contain_text("jsapi_ticket is still missing")
    page.locator("#ticket").fill(TICKET)
    assert row(page, "local", "SHA-1") == CASES[0].signature()
    page.locator("#signature").fill("d41d8cd98f00b204e9800998ecf8427e")
    expect(page.locator("#local .word")).to_contain_text("This is not a SHA-1")
    page.locator("#timestamp").fill("yesterday")
    expect(page.locator("#local .word")).to_contain_text("digits only")


JSON_ANSWER = (
    '{"appId":"wx1","timestamp":1414587457,"nonceStr":"NONCE","signature":"SIGN",'
    r'"url":"https:\/\/h5.example.com\/a?b=1&c=2"}'
)
CALL = """wx.config({
  debug: true, appId: 'wx1', timestamp: 1414587457, // when
  nonceStr: 'NONCE', signature: 'SIGN', url: 'https://h5.example.com/a?b=1&c=2' })"""


@pytest.mark.parametrize("text", [JSON_ANSWER, CALL])
def test_pasted_config_fills_the_fields(page: Page, home: str, text: str) -> None:
    page.goto(home)
    pasted = text.replace("NONCE", NONCESTR).replace("SIGN", CASES[0].signature())
    paste(page, pasted)
    for name, value in {
        "timestamp": str(TIMESTAMP),
        "noncestr": NONCESTR,
        "signature": CASES[0].signature(),
        "url": "https://h5.example.com/a?b=1&c=2",
    }.items():
        expect(page.locator(f"#{name}")).to_have_value(value)


def paste(page: Page, text: str) -> bool:
    """Paste; whether the browser then inserts the text itself."""
    page.wait_for_selector("html:not([data-loading])")
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


def test_the_server_names_the_mistake_by_its_own_ticket(page: Page, demo: Demo, home: str) -> None:
    page.goto(home)
    config = page.evaluate(
        "fetch('/api/jssdk/signature?url=' + encodeURIComponent(location.href)).then(it => it.json())"
    )
    paste(page, json.dumps(config))
    page.locator("#url").fill(f"{demo.home}debugger.html?from=singlemessage")
    page.locator("#key").fill(DEMO_KEY)
    page.locator("#key").press("Enter")
    state_is(page, "remote", "failed")
    expect(page.locator("#remote .said li")).to_have_count(1)
    expect(page.locator("#remote .said li")).to_contain_text(mistakes()["share_parameters"]["hint"]["en"])
    page.locator("#url").fill(f"{demo.home}debugger.html#top")
    expect(page.locator("#remote .word")).to_have_text("Not asked yet.")
    page.get_by_role("button", name="Ask").click()
    state_is(page, "remote", "ok")


def test_no_request_contains_a_ticket(page: Page, home: str) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.url} {request.post_data or ''} {request.headers}"))
    page.goto(home)
    case = replace(next(case for case in CASES if case.landing_url), card_ticket=CARD_TICKET)
    fill(page, case)
    state_is(page, "local", "failed")
    page.locator("#key").fill(DEMO_KEY)
    with page.expect_response(ENDPOINT) as answered:
        page.get_by_role("button", name="Ask").click()
    assert answered.value.ok
    assert any("landing_url" in one for one in sent)
    assert [one for one in sent if TICKET in one or CARD_TICKET in one] == []
    assert page.evaluate("[JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie]") == [
        "{}",
        "{}",
        "",
    ]


@pytest.mark.parametrize(
    ("key", "word", "said"),
    [
        ("", "Type an API key first.", ""),
        ("密钥", "letters, digits", ""),
        ("wrong-wrong-wrong-wrong-wrong", "The server gives no diagnosis.", "WECHAT_API_KEYS"),
    ],
)
def test_unusable_key_is_named(page: Page, home: str, key: str, word: str, said: str) -> None:
    page.goto(home)
    fill(page, CASES[0])
    page.locator("#key").fill(key)
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#remote .word")).to_contain_text(word)
    expect(page.locator("#remote .said")).to_contain_text(said)


def test_missing_field_is_named_and_nothing_is_sent(page: Page, home: str) -> None:
    page.goto(home)
    page.locator("#key").fill(DEMO_KEY)
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#remote .word")).to_have_text("The page’s URL is still missing.")


def test_missing_answer_and_gateway_page_are_named(page: Page, home: str) -> None:
    page.goto(home)
    fill(page, CASES[0])
    page.locator("#key").fill(DEMO_KEY)
    page.route(ENDPOINT, lambda route: route.abort())
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#remote .word")).to_contain_text("No answer")
    page.unroute(ENDPOINT)
    page.route(ENDPOINT, lambda route: route.fulfill(status=502, body="<h1>Bad Gateway</h1>"))
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#remote .word")).to_contain_text("not the server’s")


# As a page ------------------------------------------------------------------------------------------------------------


def test_works_without_web_crypto(page: Page, home: str) -> None:
    page.add_init_script("Object.defineProperty(window, 'crypto', { value: undefined })")
    page.goto(home)
    fill(page, CASES[0])
    state_is(page, "local", "ok")


def test_form_works_by_keyboard(page: Page, home: str) -> None:
    page.goto(home)
    page.wait_for_selector("html:not([data-loading])")
    page.locator("#url").focus()
    for name in ("ticket", "noncestr", "timestamp", "signature"):
        page.keyboard.press("Tab")
        expect(page.locator(f"#{name}")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#landing")).to_be_focused()
