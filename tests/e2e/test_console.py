"""The mock's console at `/_mock/`, in a real browser."""

import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import BrowserContext, Locator, Page, expect

from mock_wechat import MINI, OFFICIAL, Account, MockWeChat
from mock_wechat import console as console_files
from mock_wechat.wire import Response
from tests.e2e.servers import Server, free_port, serving
from tests.mock_wechat.receiver import Receiver

CHECK = "/wxa/msg_sec_check"
FROM_THE_MOCK = {"allowed", "refused", "web"}
"""texts that the page looks up by a value of the mock"""


def console(page: Page, mock: MockWeChat) -> Page:
    page.goto(f"{mock.url}/_mock/")
    expect(page.locator("#link")).to_have_attribute("data-state", "linkLive")
    return page


def token(mock: MockWeChat, account: Account = MINI, ip: str = "127.0.0.1") -> Any:
    """The answer of /cgi-bin/token."""
    asked = {"grant_type": "client_credential", "appid": account.appid, "secret": account.secret}
    headers = {"X-Mock-Client-IP": ip}
    return requests.get(f"{mock.url}/cgi-bin/token", asked, headers=headers, timeout=10).json()


def check(mock: MockWeChat, access_token: str, content: str = "hello") -> Any:
    asked = {"access_token": access_token}
    return requests.post(f"{mock.url}{CHECK}", params=asked, json={"content": content}, timeout=10).json()


def send(mock: MockWeChat, path: str, message: object) -> Any:
    """The official account's call of an endpoint."""
    asked = {"access_token": token(mock, OFFICIAL)["access_token"]}
    return requests.post(f"{mock.url}{path}", params=asked, json=message, timeout=10).json()


def credential(page: Page, appid: str, name: str, generation: int) -> Locator:
    account = page.locator(".account").filter(has_text=appid)
    row = account.locator(".credential").filter(has=page.locator(".name", has_text=re.compile(f"^{name}$")))
    return row.filter(has=page.locator(".generation", has_text=re.compile(rf"\b{generation}\b")))


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def calls(page: Page) -> list[str]:
    """Path, token state and outcome of each call shown, newest first."""
    lines = page.locator("#call-list summary .path, #call-list summary .chips, #call-list summary .outcome")
    texts = [text.strip() for text in lines.all_inner_texts()]
    return [" | ".join(texts[place : place + 3]) for place in range(0, len(texts), 3)]


def until_all_is_fetched(server: Server) -> None:
    """The credentials that a server fetches from its start."""
    for path in ("/api/access_token?account=mini", "/api/jsapi_ticket"):
        assert server.get(path).ok


def test_a_stolen_token_and_how_the_server_recovers(page: Page, wechat: MockWeChat, tmp_path: Path) -> None:
    console(page, wechat)
    expect(page.locator(".account .empty").first).to_be_visible()
    with serving(tmp_path, wechat.environment) as server:
        until_all_is_fetched(server)
        with page.expect_response(lambda response: response.request.method == "DELETE"):
            button(page, "Clear").click()
        assert server.post("/api/moderation/text", json={"content": "hello"}).json()["suggest"] == "pass"
        expect(credential(page, MINI.appid, "stable_token", 1)).to_have_attribute("data-state", "current")

        button(page, f"Steal stable_token of {MINI.appid}, as if another server had fetched").click()
        expect(credential(page, MINI.appid, "stable_token", 2)).to_have_attribute("data-state", "current")
        expect(credential(page, MINI.appid, "stable_token", 1)).to_have_count(0)
        expect(page.locator("#toast")).to_contain_text("stable_token: generation 2")

        assert server.post("/api/moderation/text", json={"content": "hello again"}).json()["suggest"] == "pass"
    expect(page.locator("#call-list > li")).to_have_count(4)
    assert calls(page) == [
        f"POST {CHECK} | current | ok",
        "POST /cgi-bin/stable_token |  | ok",
        f"POST {CHECK} | dead | 40001",
        f"POST {CHECK} | current | ok",
    ]
    expect(page.locator("#chart .mark.dead")).to_have_count(1)
    expect(page.locator("#chart .end.early")).to_have_count(1)


def test_names_are_text_and_never_html(page: Page, wechat: MockWeChat) -> None:
    appid = "<img src=x onerror=alert(1)>"
    wechat.add_account(appid, "mock-secret")
    token(wechat, Account(appid, "mock-secret", "official"), "203.0.113.7")
    wechat.add_account(appid, "mock-secret", confirm_ip=True)
    token(wechat, Account(appid, "mock-secret", "official"), "203.0.113.7")
    wechat.fail("*", 40001, times=None, appid=appid, errmsg=appid)
    console(page, wechat)
    for place in ("#account-list", "#chart", "#questions", "#fault-list"):
        expect(page.locator(place)).to_contain_text(appid)
    assert page.locator("img").count() == 1


def test_the_buttons_move_wechats_clock(page: Page, wechat: MockWeChat) -> None:
    before = wechat.clock()
    given = token(wechat)["access_token"]
    console(page, wechat)
    button(page, "+5 min").click()
    expect(page.locator("#offset")).to_contain_text("5 min")
    assert wechat.clock() - before >= 300
    expect(page.locator("#next")).to_contain_text("access_token · 1:5")

    page.locator("#past").click()
    expect(credential(page, MINI.appid, "access_token", 1)).to_have_attribute("data-state", "dead")
    assert wechat.clock() - before > 7200
    expect(page.locator("#next")).to_have_text("no live credential")
    assert check(wechat, given)["errcode"] == 42001
    button(page, "+2 h").click()
    expect(page.locator("#offset")).to_contain_text(re.compile("3 h 5|4 h"))  # less what this test took
    expect(page.locator("#chart .break")).to_have_count(2)


def test_a_fault_is_set_seen_and_cleared(page: Page, wechat: MockWeChat) -> None:
    console(page, wechat)
    page.get_by_label("Path, or a prefix with *").fill("/cgi-bin/token")
    page.get_by_label("What goes wrong").select_option("an HTTP status")
    expect(page.get_by_label("status", exact=True)).to_have_value("502")
    page.get_by_label("How often").select_option("the next 3 calls")
    button(page, "Set the fault").click()
    expect(page.locator("#fault-list li")).to_have_text("/cgi-bin/tokenHTTP 5023 left")
    asked = requests.get(f"{wechat.url}/cgi-bin/token", timeout=10)
    assert asked.status_code == 502
    expect(page.locator("#fault-list .left")).to_have_text("2 left")
    expect(page.locator("#call-list .note")).to_have_text("fault")
    button(page, "Clear all").click()
    expect(page.locator("#fault-list li")).to_have_count(0)
    assert "access_token" in token(wechat)


def test_a_fault_does_what_the_form_says(page: Page, wechat: MockWeChat) -> None:
    console(page, wechat)
    page.get_by_label("errcode", exact=True).fill("")
    button(page, "Set the fault").click()
    expect(page.locator("#fault-wrong")).to_contain_text("no effect")
    for count, (kind, field, value, shown) in enumerate(
        [
            ("an errcode", "errcode", "-1", "errcode -1"),
            ("a late answer", "seconds", "1.5", "1.5 s late"),
            ("a dropped connection", "Drop", "after it is processed", "dropped after"),
        ],
        start=1,
    ):
        page.get_by_label("What goes wrong").select_option(kind)
        if field == "Drop":
            page.get_by_role("combobox", name=field, exact=True).select_option(value)
        else:
            page.get_by_label(field, exact=True).fill(value)
        button(page, "Set the fault").click()
        expect(page.locator("#fault-list .does")).to_have_count(count)
        expect(page.locator("#fault-list .does").last).to_have_text(shown)
        expect(page.locator("#fault-wrong")).to_be_empty()


def test_scenario_starts_and_ends_by_a_click(page: Page, wechat: MockWeChat) -> None:
    wechat.scenario("token-stolen", OFFICIAL.appid)
    console(page, wechat)
    expect(page.locator("#server")).to_be_hidden()
    wechat.add_account(MINI.appid, MINI.secret, "mini", push_url="http://127.0.0.1:8000/api/push?mini")
    expect(page.locator("#server")).to_have_attribute("href", "http://127.0.0.1:8000/")
    running = page.locator("#scenario-list [data-running=true]")
    expect(running.locator(".line")).to_have_text(["token-stolenrunning for …0001"])
    assert page.locator("#scenario-list h3").first.inner_text() == "all-well"
    button(page, "Start the scenario admin-confirmation").click()
    expect(page.locator("#toast")).to_have_text("Scenario set: admin-confirmation.")
    assert token(wechat)["errcode"] == 89503
    button(page, "Allow 127.0.0.1").click()
    expect(page.locator("#answered li")).to_have_count(1)
    button(page, "Start the scenario flaky").click()
    expect(page.locator("#fault-list li")).to_have_text("*errcode -1 · every 3until cleared")
    button(page, "End the scenario token-stolen").click()
    expect(running.locator("h3")).to_have_text(["admin-confirmation", "flaky"])
    expect(page.locator("#wait")).to_be_empty()  # something is still set wrong
    button(page, "Start the scenario all-well").click()
    expect(page.locator("#fault-list li")).to_have_count(0)
    expect(running).to_have_count(0)
    expect(page.locator("#wait")).to_contain_text("/cgi-bin/token was last refused (89503, ")
    expect(page.locator("#wait")).to_contain_text("up to 1 min, unless `wechat-central retry`")
    wechat.fail("/cgi-bin/token", 45009)
    token(wechat)
    expect(page.locator("#wait")).to_contain_text("(45009, ")
    expect(page.locator("#wait")).to_contain_text("up to 1 h,")
    token(wechat)
    expect(page.locator("#wait")).to_be_empty()


MENU = {
    "button": [
        {"type": "click", "name": "Today", "key": "TODAY"},
        {"name": "More", "sub_button": [{"type": "view", "name": "Search", "url": "http://127.0.0.1/?q"}]},
    ]
}


def test_chat_shows_what_user_and_account_say(page: Page, wechat: MockWeChat) -> None:
    openid = wechat.openid(OFFICIAL.appid)
    entries = page.locator("#bubbles > li")
    with Receiver() as receiver:
        settings = {"push_url": f"{receiver.url}/push", "push_format": "json"}
        wechat.add_account(OFFICIAL.appid, OFFICIAL.secret, "official", **settings)
        original_id = wechat.message(type="VIEW", event_key="http://127.0.0.1/").message["ToUserName"]
        reply = {
            "ToUserName": openid,
            "FromUserName": original_id,
            "CreateTime": 1,
            "MsgType": "text",
            "Content": "<u>x",
        }
        template = wechat.add_template(OFFICIAL.appid, "Order", "{{first.DATA}}\nNumber：{{keyword1.DATA}}")
        assert send(wechat, "/cgi-bin/menu/create", MENU)["errcode"] == 0
        console(page, wechat)
        expect(entries).to_have_count(1)

        receiver.answers.append(Response(json.dumps(reply).encode(), "application/json"))
        page.get_by_label("Message", exact=True).fill("<b>hi</b>")
        page.keyboard.press("Enter")
        expect(entries.last.locator(".mine")).to_have_text("User: <b>hi</b>")
        expect(entries.last.locator(".theirs")).to_have_text("Account: <u>x")
        custom = {"touser": openid, "msgtype": "text", "text": {"content": "<i>later</i>"}}
        assert send(wechat, "/cgi-bin/message/custom/send", custom)["errcode"] == 0
        data = {"first": {"value": "Hello"}, "keyword1": {"value": "1 <s>"}}
        order = {"touser": openid, "template_id": template, "url": "https://127.0.0.1/1", "data": data}
        assert send(wechat, "/cgi-bin/message/template/send", order)["errcode"] == 0
        expect(entries).to_have_count(4)
        expect(entries.nth(2).locator(".theirs")).to_have_text("Account: <i>later</i>")
        for place in (entries.last, page.locator("#sent-list > li").first):
            expect(place.locator("h4")).to_have_text("Order")
            expect(place.locator("dl > div")).to_have_text(["Hello", "Number1 <s>"])
            expect(place.get_by_role("link", name="View details")).to_have_attribute("href", "https://127.0.0.1/1")
        expect(page.locator("#sent-list .chip")).to_have_text(["template", "customer service"])
        assert page.locator("#chat [role=log]").evaluate("it => it.ariaLive") == "polite"

        more = button(page, "More")
        more.focus()
        page.keyboard.press("Enter")
        expect(button(page, "Search")).to_be_focused()
        page.keyboard.press("Escape")
        expect(more).to_be_focused()
        expect(button(page, "Search")).to_be_hidden()
        receiver.answers.extend([Response(b"oops", "text/plain", 500)] * 3)
        button(page, "Today").click()
        expect(entries.last).to_contain_text("event CLICK · TODAY")
        expect(entries.last.locator("[lang=zh-CN]")).to_have_text("该公众号提供的服务出现故障，请稍后再试")
        expect(entries.last.locator(".wrong")).to_contain_text("refused: HTTP status 500")
        button(page, "Unfollow").click()
        expect(entries.last).to_contain_text("event unsubscribe")
        button(page, "Scan").click()
        expect(page.locator("#chat-wrong")).to_contain_text("does not follow")
        button(page, "Follow").click()
        expect(entries.last).to_contain_text("event subscribe")
        expect(page.locator("#chat-wrong")).to_be_empty()
        page.get_by_role("combobox", name="Account", exact=True).select_option(MINI.appid)
        expect(entries).to_have_count(0)
        for hidden in ("Follow", "Today"):
            expect(button(page, hidden)).to_be_hidden()


def test_paused_list_counts_new_calls(page: Page, wechat: MockWeChat) -> None:
    token(wechat)
    console(page, wechat)
    button(page, "Pause").click()
    token(wechat)
    expect(page.locator("#pause")).to_have_text("Resume · 1 new")
    expect(page.locator("#call-list > li")).to_have_count(1)
    page.locator("#pause").click()
    expect(page.locator("#call-list > li")).to_have_count(2)
    expect(page.locator("#pause")).to_have_text("Pause")


def test_long_log_is_shown_in_parts_newest_first(page: Page, wechat: MockWeChat) -> None:
    for _ in range(50):
        token(wechat)
    console(page, wechat)
    expect(page.locator("#call-list > li")).to_have_count(40)
    button(page, "Show older calls").click()
    expect(page.locator("#call-list > li")).to_have_count(50)
    expect(page.locator("#more")).to_be_hidden()
    button(page, "Clear").click()
    expect(page.locator("#call-list > li")).to_have_count(0)
    assert wechat.calls() == []


def test_reset_clears_the_page(page: Page, wechat: MockWeChat) -> None:
    wechat.clock.advance(7200)
    token(wechat)
    console(page, wechat)
    expect(page.locator(".credential")).to_have_count(1)
    button(page, "Reset").click()
    expect(page.locator(".credential")).to_have_count(0)
    expect(page.locator("#call-list > li")).to_have_count(0)
    expect(page.locator("#timeline-empty")).to_be_visible()
    expect(page.locator("#offset")).to_have_text("as on this machine")


def test_stopped_mock_is_reported_and_a_new_one_starts_clean(page: Page) -> None:
    port = free_port()
    with MockWeChat(port=port) as mock:
        token(mock)
        token(mock)
        console(page, mock)
        expect(page.locator("#call-list > li")).to_have_count(2)
    expect(page.locator("#link")).to_have_text("no answer")
    button(page, "+5 min").click()
    expect(page.locator("#toast")).to_contain_text("does not answer")
    with MockWeChat(port=port) as mock:
        expect(page.locator("#link")).to_have_text("live")
        token(mock)
        expect(page.locator("#call-list > li")).to_have_count(1)


def test_timeline_explains_a_40001_by_keyboard(page: Page, wechat: MockWeChat) -> None:
    given = token(wechat)["access_token"]
    wechat.clock.advance(10)
    check(wechat, given)
    wechat.clock.set_still()
    wechat.revoke(MINI.appid, "access_token")
    wechat.clock.advance(12)
    check(wechat, given)
    console(page, wechat)
    expect(page.locator("#chart .mark.dead")).to_have_count(1)
    bar, dead = (page.locator(f"#chart {it}").first.bounding_box() for it in ("rect.alive.past", ".mark.dead"))
    assert bar is not None
    assert dead is not None
    assert dead["x"] > bar["x"] + bar["width"]

    page.locator("#chart").focus()
    said = []
    for _ in range(6):
        page.keyboard.press("ArrowRight")
        said.append(page.locator("#detail span").inner_text())
    assert any(f"{CHECK} used access_token generation 1, alive → ok" in line for line in said)
    assert any("ended early" in line and "40001" in line for line in said)
    why = "used access_token generation 1, 12 s after a newer one ended it → 40001"
    while why not in page.locator("#detail span").inner_text():
        assert page.locator("#detail span").inner_text() != said[0]
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.locator("#call-list details[open] .body")).to_contain_text("generation 1 · dead")


def test_refusal_of_a_live_token_is_shown_as_a_fault(page: Page, wechat: MockWeChat) -> None:
    given = token(wechat)["access_token"]
    wechat.clock.advance(30)
    wechat.fail(CHECK, 40001)
    check(wechat, given)
    check(wechat, "made up")
    console(page, wechat)
    mark = page.locator("#chart .mark.odd")
    mark.hover()
    expect(page.locator("#detail")).to_contain_text("The cause is a fault, not your token.")
    expect(page.locator("#chart .lane").last).to_have_text("tokens that WeChat never issued")


def test_hidden_page_sends_no_request(page: Page, wechat: MockWeChat) -> None:
    asked: list[str] = []
    page.clock.install()
    console(page, wechat)
    page.on("request", lambda request: asked.append(request.url))
    with page.expect_response("**/_mock/calls*"):
        page.clock.run_for(1000)
    assert len(asked) == 2
    hide = "hidden => { Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });"
    tell = "document.dispatchEvent(new Event('visibilitychange')) }"
    page.evaluate(hide + tell, True)
    asked.clear()
    page.clock.run_for(60_000)
    assert asked == []
    with page.expect_response("**/_mock/calls*"):
        page.evaluate(hide + tell, False)


def test_axis_and_texts(page: Page, wechat: MockWeChat) -> None:
    """Long gaps are cut out of the axis; both languages have the same texts, and all are used."""
    console(page, wechat)
    script = """moments => import('/_mock/console/axis.js').then(({ axisOf }) => {
        const axis = axisOf(moments, 0, 800);
        return [moments.map(axis.x), axis.breaks.map(it => it.seconds), axis.labels.map(it => it.x)];
    })"""
    places, breaks, labels = page.evaluate(script, [0, 5, 10, 7210, 7215, 7220])
    assert breaks == [7200]
    assert places == sorted(places)
    assert places[2] - places[0] > 250
    assert places[3] - places[2] < 60
    places, breaks, labels = page.evaluate(script, [300 * step for step in range(12)])
    assert breaks == []
    assert min(right - left for left, right in pairwise(labels)) >= 54
    assert places[1] - places[0] == pytest.approx(places[11] - places[10])
    places, breaks, labels = page.evaluate(script, [1000])
    assert places == [400]
    cut = """import('/_mock/console/axis.js').then(({ axisOf }) => {
        const [moments, widths] = [12, 60].map(length => Array.from({ length }, (_, place) => place));
        const labels = width => axisOf(moments.map(it => 300 * it), 0, width).labels;
        return widths.map(it => 300 + 10 * it).filter(width => labels(width).some(({ x }) => x > width - 54));
    })"""
    assert page.evaluate(cut) == []  # every label is whole

    english, chinese = page.evaluate("import('/_mock/console/texts.js').then(({ TEXTS }) => [TEXTS.en, TEXTS.zh])")
    assert list(english) == list(chinese)
    for name, text in english.items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", chinese[name])), name
    files = [file for file in Path(console_files.__file__).parent.iterdir() if file.suffix in (".js", ".html")]
    source = "".join(file.read_text("utf-8") for file in files if file.name != "texts.js")
    unused = {name for name in english if f'"{name}"' not in source and not name.startswith(("note.", "sent."))}
    assert unused == FROM_THE_MOCK


def test_an_opened_call_outlasts_polls_and_nothing_leaves_loopback(page: Page, wechat: MockWeChat) -> None:
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    given = token(wechat)["access_token"]
    check(wechat, given, "<img src=x onerror=alert(1)>")
    console(page, wechat)
    page.locator("#call-list summary").first.click()
    opened = page.locator("#call-list .body").first
    expect(opened).to_contain_text('"content": "<img src=x onerror=alert(1)>"')
    expect(opened).to_contain_text("access_token · generation 1 · current")
    wechat.revoke(MINI.appid, "access_token")
    expect(page.locator("#news")).to_contain_text(f"access_token of {MINI.appid}: generation 2 is current.")
    expect(page.locator("#call-list details[open]")).to_have_count(1)  # outlasts the next poll
    page.locator("#chart .mark.alive").hover()
    button(page, "+2 h").click()
    page.get_by_role("button", name="中文").click()
    button(page, "重置").click()
    expect(page.locator("#call-list > li")).to_have_count(0)
    assert asked
    assert [url for url in asked if not url.startswith(f"{wechat.url}/_mock/")] == []
    assert said == []


@pytest.mark.parametrize(("width", "locale"), [(320, "zh-CN"), (1280, "en-US")])
def test_nothing_scrolls_sideways(
    context_with: Callable[..., BrowserContext], wechat: MockWeChat, width: int, locale: str
) -> None:
    wechat.add_account("wx" + "x" * 60, "mock-secret", confirm_ip=True)
    token(wechat, Account("wx" + "x" * 60, "mock-secret", "official"), "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff")
    given = token(wechat)["access_token"]
    check(wechat, given, "x" * 2000)
    requests.get(f"{wechat.url}/cgi-bin/{'x' * 500}", {"access_token": given}, timeout=10)
    wechat.clock.advance(6900)
    token(wechat)  # a line with the longest words: generation, overlap
    wechat.message(content="x" * 2000, type="text")
    openid = wechat.openid(OFFICIAL.appid)
    send(wechat, "/cgi-bin/message/custom/send", {"touser": openid, "msgtype": "text", "text": {"content": "x" * 600}})
    wechat.scenario("token-stolen", "wx" + "x" * 60)
    check(wechat, given)
    wechat.fail("/cgi-bin/*", body="x", delay_seconds=3, times=None, every=3, appid=MINI.appid)
    page = console(context_with(viewport={"width": width, "height": 844}, locale=locale).new_page(), wechat)
    expect(page.locator("#call-list > li")).to_have_count(8)
    for summary in page.locator("#call-list > li > details > summary").all():
        summary.click()
    for language in ("English", "中文"):
        page.get_by_role("button", name=language).click()
        assert page.evaluate("document.documentElement.scrollWidth") == width
    ends = [page.locator(f".columns > {column} > :last-child").bounding_box() for column in (".readings", ".controls")]
    bottoms = [box["y"] + box["height"] for box in ends if box]
    assert width == 320 or bottoms[0] == pytest.approx(bottoms[1])  # no void beside a long column
