"""WeChat's own JS-SDK, unmodified, in Chromium: the mock's bridge is its WeChat, our server signs for it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from mock_wechat import OFFICIAL, MockWeChat
from tests.e2e.servers import ROOT, Server, free_port, serving

pytestmark = pytest.mark.usefixtures("official_sdk")

PHONES = ("android", "ios")
LOOPBACK = ["local-network-access"]
"""Chromium treats a page that a test fulfils as one of the open internet, which needs permission for loopback."""
SHARED = {
    "title": "Spring 春",
    "desc": "A walk <img src=x onerror='told.tags.push(1)'>",  # text, never HTML
    "link": "http://127.0.0.1/spring?a=1&b=2",
    "imgUrl": "data:image/gif;base64,R0lGODlhAQABAAAAACw=",
}

H5 = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>An H5 page</title>
<script>{before}</script>
<script src="{mock}/_mock/bridge.js?{bridge}"></script>
<script src="{mock}/open/js/jweixin-1.6.0.js"></script>
<script>
const told = {{ ready: 0, errors: [], tags: [] }};
document.addEventListener("WeixinOpenTagsError", (event) => told.tags.push(event.detail.errMsg));
wx.ready(() => told.ready++);
wx.error((error) => told.errors.push(error));
const address = () => location.href.split("#")[0];
const sign = async (url) => (await fetch("/api/jssdk/signature?url=" + encodeURIComponent(url))).json();
async function configure(url, more = {{}}) {{
  wx.config({{ ...(await sign(url)), jsApiList: [], ...more }});
}}
const ask = (name, given = {{}}) => new Promise((resolve, reject) => {{
  wx[name]({{ ...given, complete: resolve }});
  setTimeout(() => reject(new Error(name + " was not answered")), 20000);
}});
</script>
</head>
<body><h1>An H5 page</h1></body>
</html>
"""


@dataclass(frozen=True)
class Site:
    """A server, the mock that it asks, and pages of our own on the server's origin."""

    server: Server
    mock: MockWeChat

    def open(
        self, page: Page, bridge: str = "platform=android", path: str = "/h5", host: str = "127.0.0.1", before: str = ""
    ) -> str:
        """Put an H5 page at `path` and go there; its address. `before` runs before the bridge."""
        html = self.html(bridge, before)
        page.route(f"**{path.partition('?')[0]}*", lambda route: route.fulfill(body=html, content_type="text/html"))
        url = self.server.url.replace("127.0.0.1", host) + path
        page.goto(url)
        return url

    def html(self, bridge: str, before: str = "") -> str:
        return H5.format(mock=self.mock.url, bridge=bridge, before=before)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    port = free_port()
    with MockWeChat(seed=1) as mock:
        mock.add_account(OFFICIAL.appid, OFFICIAL.secret, js_domains=["127.0.0.1"])  # localhost is foreign
        domains = {"WECHAT_JS_DOMAINS": f"127.0.0.1:{port},localhost:{port}"}
        with serving(tmp_path_factory.mktemp("site"), {**mock.environment, **domains}, port=port) as server:
            yield Site(server, mock)


strangers: list[str] = []
"""The requests of pages to other machines."""


@pytest.fixture(autouse=True)
def _no_strangers() -> Iterator[None]:
    """Fail if a page sends a request to another machine."""
    strangers.clear()
    yield
    assert strangers == []


def new_page(context: BrowserContext) -> Page:
    """A tab whose requests to other machines are kept back."""

    def stay(route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.hostname in ("127.0.0.1", "localhost") or address.scheme not in ("http", "https"):
            route.fallback()
        else:
            strangers.append(route.request.url)
            route.abort()

    context.route("**/*", stay)
    return context.new_page()


@pytest.fixture(scope="module")
def tabs(chromium: Browser) -> Iterator[tuple[Page, Page]]:
    """Two tabs for all tests, as a new one costs more than a test: one to load pages in, one that stays."""
    with (
        chromium.new_context(locale="en-US", permissions=LOOPBACK) as one,
        chromium.new_context(locale="en-US", permissions=LOOPBACK) as other,
    ):
        yield new_page(one), new_page(other)


@pytest.fixture
def page(tabs: tuple[Page, Page]) -> Iterator[Page]:
    """A tab, for a test that opens a page in it."""
    page, _ = tabs
    yield page
    page.unroute_all()


@pytest.fixture(scope="module", params=[*PHONES, "harmony"])
def phone(request: pytest.FixtureRequest) -> str:
    """Each kind of phone."""
    return str(request.param)


@pytest.fixture(scope="module")
def accepted(tabs: tuple[Page, Page], site: Site, phone: str) -> Iterator[Page]:
    """A page whose config that phone has accepted, for tests that change neither its address nor its config."""
    _, page = tabs
    site.open(page, f"appid={OFFICIAL.appid}&platform={phone}", f"/{phone}?code=oauth-code#fragment")
    assert configured(page, jsApiList=["chooseImage", "getLocalImgData"]) == []
    yield page
    page.unroute_all()


def configured(page: Page, url: str | None = None, **more: Any) -> list[Any]:
    """Configure the page for `url` (default: its own) and wait for the SDK; the errors."""
    page.evaluate("([url, more]) => configure(url ?? address(), more)", [url, more])
    return settled(page)


def settled(page: Page) -> list[Any]:
    """The SDK fires `ready` at its end even if the config failed (WECHAT.md 8.6): only the errors count."""
    page.wait_for_function("told.ready > 0")
    errors: list[Any] = page.evaluate("told.errors")
    return errors


def configured_again(page: Page, url: str, **more: Any) -> list[Any]:
    """The same for a page that has had a config: `ready` does not fire again, the bridge's answer shows the end."""
    page.evaluate(
        "([url, more]) => { told.errors = []; mockWeChat.calls.length = 0; return configure(url, more) }", [url, more]
    )
    page.wait_for_function("mockWeChat.calls.some(call => call.name === 'getNetworkType' && call.answer)")
    errors: list[Any] = page.evaluate("told.errors")
    return errors


def asked(page: Page, name: str, **given: Any) -> Any:
    """What the SDK passes to `complete`."""
    return page.evaluate("([name, given]) => ask(name, given)", [name, given])


def texts(errors: list[Any]) -> list[str]:
    return [error["errMsg"] for error in errors]


IDENTITIES = {
    "android": (r"Mozilla/5\.0 \(Linux; Android .+ MicroMessenger/8\.0\.47\.2560\(0x28002F30\) ", "Linux armv8l", True),
    "ios": (r"Mozilla/5\.0 \(iPhone; .+ Mobile/15E148 MicroMessenger/8\.0\.47\(0x18002f2c\) ", "iPhone", None),
    "harmony": (r"Mozilla/5\.0 \(Phone; OpenHarmony 5\.0\) .+ ArkWeb/.+ MicroMessenger/8\.0\.", "Linux aarch64", None),
}


def test_the_official_sdk_is_ready_and_reports_no_error(accepted: Page, phone: str) -> None:
    assert accepted.evaluate("[told.ready, told.errors, mockWeChat.platform]") == [1, [], phone]
    assert asked(accepted, "chooseImage")["errMsg"] == "chooseImage:ok"


def test_browser_identifies_itself_as_wechats(accepted: Page, phone: str) -> None:
    user_agent, platform, mobile = IDENTITIES[phone]
    names = "userAgent, appVersion, platform"
    said = accepted.evaluate(f"(({{ {names} }}) => [{names}, 'userAgentData' in navigator])(navigator)")
    assert re.match(user_agent, said[0])
    assert said[1:] == [said[0].removeprefix("Mozilla/"), platform, bool(mobile)]
    assert accepted.evaluate("navigator.userAgentData?.mobile ?? null") is mobile


def test_check_js_api_answers_as_the_phone_does(accepted: Page, phone: str) -> None:
    names = ["chooseImage", "getLocation", "previewImage", "onMenuShareTimeline", "startRecord"]
    answer = asked(accepted, "checkJsApi", jsApiList=names)
    assert answer["errMsg"] == "checkJsApi:ok"
    assert answer["checkResult"] == {name: name != "startRecord" for name in names}
    raw = "new Promise(done => WeixinJSBridge.invoke('checkJsApi', { jsApiList: ['geoLocation'] }, done))"
    kind = "string" if phone == "android" else "object"
    assert accepted.evaluate(f"{raw}.then(answer => typeof answer.checkResult)") == kind


def test_images_are_chosen_and_shown(accepted: Page, phone: str) -> None:
    (local_id,) = asked(accepted, "chooseImage", count=1)["localIds"]
    assert local_id.startswith("wxLocalResource://" if phone == "ios" else "weixin://resourceid/")
    accepted.evaluate(
        "id => { const img = document.createElement('img'); img.src = id; document.body.append(img) }", local_id
    )
    accepted.wait_for_function("document.querySelector('img').naturalWidth === 240")
    data = asked(accepted, "getLocalImgData", localId=local_id)["localData"]
    assert data.startswith("data:image/jgp;base64,") is (phone == "ios")
    assert data.removeprefix("data:image/jgp;base64,").startswith("/9j/")


@pytest.mark.parametrize("phone", PHONES, indirect=True, scope="module")  # none of HarmonyOS
def test_the_sdks_report_stays_here_and_is_shown(accepted: Page, phone: str) -> None:
    accepted.wait_for_function("mockWeChat.calls.some(call => call.name === 'sdk/report')")
    report = accepted.evaluate("mockWeChat.calls.find(call => call.name === 'sdk/report').params")
    assert (report["o"], report["s"], report["n"]) == ("0", "1" if phone == "ios" else "2", "wifi")
    assert report["u"].endswith(f"/{phone}?code=oauth-code#fragment")
    assert strangers == []


def test_each_call_gets_an_answer_of_its_own_and_never_at_once(accepted: Page) -> None:
    assert accepted.evaluate(
        """new Promise((done) => {
          const answers = [];
          const take = (answer) => {
            answers.push(answer, now);
            if (answers.length === 4) done([answers[0] !== answers[2], answers[1], answers[3]]);
          };
          let now = "at once";
          WeixinJSBridge.invoke("getNetworkType", {}, take);
          WeixinJSBridge.call("getNetworkType", "no object", take);
          WeixinJSBridge.invoke("getNetworkType");
          now = "later";
        })"""
    ) == [True, "later", "later"]


def test_another_pages_signature_is_refused(page: Page, site: Site) -> None:
    url = site.open(page, "platform=android")
    assert configured(page, f"{url}?other") == [
        {"errMsg": "config:invalid signature", "realAuthUrl": f"[{url}, {url}]"}
    ]


def test_a_page_on_a_foreign_domain_is_refused(page: Page, site: Site) -> None:
    site.open(page, "platform=ios", host="localhost")
    assert texts(configured(page)) == ["config:invalid url domain"]


def test_an_expired_ticket_is_refused_until_the_server_has_another(page: Page, site: Site) -> None:
    url = site.open(page, "platform=android")
    page.evaluate("sign(address()).then(signed => { window.signed = signed })")
    site.mock.clock.advance(7200 + OFFICIAL.ticket_grace_seconds)
    assert texts(configured(page)) == ["config:invalid signature"]
    assert page.evaluate("mockWeChat.calls[0].note").startswith("signed with ticket generation 1, dead for")
    page.evaluate("fetch('/api/jssdk/refused', { method: 'POST', body: JSON.stringify(signed) })")
    assert configured_again(page, url) == []


def test_config_fails_and_names_a_mock_that_does_not_answer(page: Page, site: Site) -> None:
    site.open(page)
    page.route("**/_mock/verify?*", lambda route: route.abort())
    assert texts(configured(page)) == ["config:fail"]
    assert site.mock.url in page.evaluate("mockWeChat.calls[0].note")


def test_sdk_waits_for_a_late_bridge(page: Page, site: Site) -> None:
    hold = """const later = setTimeout;
        const hold = (run) => { window.letIn = run };
        window.setTimeout = (run, wait, ...more) => wait === 86000 ? hold(run) : later(run, wait, ...more);"""
    site.open(page, "platform=ios&late=86000", before=hold)
    page.evaluate("configure(address())")
    assert page.evaluate("[typeof WeixinJSBridge, told.ready]") == ["undefined", 0]
    page.evaluate("letIn()")
    assert settled(page) == []
    assert page.evaluate("WeixinJSBridge._hasInit")


def test_functions_of_the_list_answer_and_others_are_denied(page: Page, site: Site) -> None:
    url = site.open(page, "platform=android")
    assert configured(page, jsApiList=["chooseImage"]) == []
    assert asked(page, "scanQRCode")["errMsg"] == "scanQRCode:permission denied"
    assert asked(page, "updateAppMessageShareData", **SHARED)["errMsg"] == "updateAppMessageShareData:permission denied"
    names = ["getLocation", "scanQRCode", "previewImage", "closeWindow", "hideMenuItems", "openLocation"]
    assert configured_again(page, url, jsApiList=names) == []
    place = asked(page, "getLocation", type="gcj02")
    assert {"latitude", "longitude", "accuracy", "speed"} <= set(place)
    assert asked(page, "scanQRCode", needResult=1)["resultStr"] == "mock-wechat-scan"
    assert asked(page, "getNetworkType")["networkType"] == "wifi"
    for name in names:
        assert asked(page, name, urls=[], menuList=[])["errMsg"] == f"{name}:ok"


@pytest.mark.parametrize("kind", PHONES)
def test_address_to_sign_after_a_route_change_depends_on_the_phone(page: Page, site: Site, kind: str) -> None:
    landing = site.open(page, f"platform={kind}")
    assert configured(page, jsApiList=["updateAppMessageShareData"]) == []
    page.evaluate("history.pushState(null, '', '/h5/two?b=2')")
    current = page.evaluate("address()")
    right, wrong = (landing, current) if kind == "ios" else (current, landing)
    assert texts(configured_again(page, wrong, jsApiList=["updateAppMessageShareData"])) == ["config:invalid signature"]
    assert configured_again(page, right, jsApiList=["updateAppMessageShareData"]) == []
    assert asked(page, "updateAppMessageShareData", **SHARED)["errMsg"] == "updateAppMessageShareData:ok"


def test_grants_end_with_a_refused_config_and_on_android_with_the_address(page: Page, site: Site) -> None:
    url = site.open(page)
    assert configured(page, jsApiList=["scanQRCode", "startRecord"]) == []
    assert asked(page, "startRecord")["errMsg"] == "startRecord:function not exist"
    page.evaluate("history.pushState(null, '', '/h5/two')")
    assert "offline verifying" in asked(page, "scanQRCode")["errMsg"]
    page.evaluate("history.back()")
    page.wait_for_url("**/h5")
    assert asked(page, "scanQRCode")["errMsg"] == "scanQRCode:ok"
    refused = configured_again(page, f"{url}?other", jsApiList=["scanQRCode"], openTagList=["wx-open-launch-app"])
    assert texts(refused) == ["config:invalid signature"]
    assert "offline verifying" in asked(page, "scanQRCode")["errMsg"]
    assert page.evaluate("customElements.get('wx-open-launch-app')") is None


def test_old_share_listener_shares_its_data(page: Page, site: Site) -> None:
    site.open(page, "platform=ios")
    assert configured(page, jsApiList=["onMenuShareTimeline"]) == []
    page.evaluate(
        """shared => wx.onMenuShareTimeline({ ...shared, trigger: () => { told.triggered = true },
        success: () => { told.shared = "success" }, cancel: () => { told.shared = "cancel" } })""",
        SHARED,
    )
    assert page.evaluate("mockWeChat.share('timeline')") == {**SHARED, "desc": SHARED["title"]}
    page.wait_for_function("told.shared === 'success' && told.triggered")
    page.evaluate("mockWeChat.share('timeline', 'cancel')")
    page.wait_for_function("told.shared === 'cancel'")


def test_open_tags_of_the_list_work(page: Page, site: Site) -> None:
    site.open(page, "platform=ios")
    page.evaluate(
        """document.body.insertAdjacentHTML("beforeend", `<wx-open-launch-weapp username="gh_1">
          <script type="text/wxtag-template"><b>Open</b></` + `script></wx-open-launch-weapp>`);
        const tag = document.querySelector("wx-open-launch-weapp");
        for (const name of ["ready", "launch"]) tag.addEventListener(name, () => told.tags.push(name));"""
    )
    assert configured(page, openTagList=["wx-open-launch-weapp", "wx-open-nothing"]) == []
    page.get_by_text("Open", exact=True).click()
    assert page.evaluate("told.tags") == ["wx-open-nothing: no such open tag", "ready", "launch"]


def test_page_of_any_project_works_unchanged(context_with: Callable[..., BrowserContext], site: Site) -> None:
    """As the README has it for Playwright: the bridge goes in before the page's first line."""
    page = new_page(context_with(permissions=LOOPBACK))
    page.add_init_script(page.request.get(f"{site.mock.url}/_mock/bridge.js?platform=ios").text())
    page.route("**/_mock/bridge.js?*", lambda route: route.fulfill(body="", content_type="text/javascript"))
    site.open(page)
    assert configured(page) == []
    assert page.evaluate("[mockWeChat.platform, navigator.platform]") == ["ios", "iPhone"]
    expect(toggle(page)).to_contain_text("config accepted")


def test_wrong_parameter_is_an_error_in_the_console(page: Page, site: Site) -> None:
    with page.expect_event("pageerror") as problem:
        site.open(page, "platfrom=ios")
    assert "unknown field 'platfrom', did you mean 'platform'?" in str(problem.value)


# the overlay


def toggle(page: Page) -> Locator:
    return page.locator("mock-wechat .toggle")


def press(page: Page, name: str) -> None:
    page.locator("mock-wechat").get_by_role("button", name=name, exact=True).click()


def test_the_overlay_shows_each_call_and_its_answer(page: Page, site: Site) -> None:
    url = site.open(page)
    expect(toggle(page)).to_contain_text("no config yet")
    configured(page, f"{url}/")
    expect(toggle(page)).to_contain_text("config refused")
    toggle(page).click()
    call = page.locator("mock-wechat li").filter(has_text="preVerifyJSAPI")
    expect(call).to_contain_text("preVerifyJSAPI:fail_invalid_signature")
    call.locator("summary").click()
    expect(call.locator("details")).to_have_attribute("open", "")
    expect(call).to_contain_text("slash added at its end")
    expect(call).to_contain_text('"verifySignType": "sha1"')
    expect(call).to_have_attribute("data-good", "false")
    asked(page, "getNetworkType")
    expect(page.locator("mock-wechat li").first).to_have_attribute("data-good", "true")
    expect(page.locator("mock-wechat details[open]")).to_have_count(1)
    press(page, "Clear")
    expect(page.locator("mock-wechat li")).to_have_count(0)


def test_menu_opens_the_card_that_the_page_set(page: Page, site: Site) -> None:
    site.open(page)
    assert configured(page, jsApiList=["onMenuShareAppMessage"]) == []
    page.evaluate(
        """shared => wx.onMenuShareAppMessage({ ...shared,
        success: () => { told.shared = "success" }, cancel: () => { told.shared = "cancel" } })""",
        SHARED,
    )
    toggle(page).click()
    card = page.locator("mock-wechat dialog")
    for choice, outcome in (("Send", "success"), ("Cancel", "cancel")):
        press(page, "Chat")
        for text in (SHARED["title"], SHARED["desc"], SHARED["link"]):
            expect(card).to_contain_text(text)
        assert card.locator("img").get_attribute("src") == SHARED["imgUrl"]
        press(page, choice)
        page.wait_for_function(f"told.shared === '{outcome}'")
        expect(card).to_have_count(0)
    assert page.evaluate("told.tags") == []


def test_menu_shows_what_the_page_has_not_hidden(page: Page, site: Site) -> None:
    site.open(page)
    names = [
        "hideMenuItems",
        "showMenuItems",
        "hideOptionMenu",
        "hideAllNonBaseMenuItem",
        "showAllNonBaseMenuItem",
        "showOptionMenu",
    ]
    assert configured(page, jsApiList=names) == []
    toggle(page).click()
    shares = page.locator("mock-wechat .menu button")
    expect(shares).to_have_text(["Chat", "Moments", "QQ", "QZone", "Weibo"])
    asked(page, "hideMenuItems", menuList=["menuItem:share:qq", "menuItem:share:QZone", "menuItem:share:weiboApp"])
    expect(shares).to_have_text(["Chat", "Moments"])
    asked(page, "showMenuItems", menuList=["menuItem:share:qq"])
    expect(shares).to_have_text(["Chat", "Moments", "QQ"])
    asked(page, "hideAllNonBaseMenuItem")
    expect(shares).to_have_count(0)
    asked(page, "showAllNonBaseMenuItem")
    asked(page, "hideOptionMenu")
    expect(page.locator("mock-wechat .menu")).to_have_text("The page has hidden the menu.")
    with pytest.raises(Exception, match="all hidden"):
        page.evaluate("mockWeChat.share('timeline')")
    asked(page, "showOptionMenu")
    expect(shares).to_have_count(5)


def test_overlay_works_by_keyboard_and_keeps_the_keys_to_itself(page: Page, site: Site) -> None:
    site.open(page)
    page.evaluate("document.addEventListener('keydown', (event) => told.tags.push(event.key))")
    toggle(page).focus()
    page.keyboard.press("Enter")
    expect(page.locator("mock-wechat #panel")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("mock-wechat").get_by_role("button", name="English")).to_be_focused()
    expect(page.locator("mock-wechat h2")).to_have_text("模拟微信 · Android")
    page.keyboard.press("Escape")
    expect(toggle(page)).to_be_focused()
    expect(toggle(page)).to_have_attribute("aria-expanded", "false")
    assert page.evaluate("told.tags") == []


def test_the_overlay_moves_nothing_and_fits(page: Page, site: Site) -> None:
    layout = "[document.body.getBoundingClientRect().toJSON(), document.documentElement.scrollWidth, scrollY]"
    site.open(page, "overlay=off")
    expect(page.locator("mock-wechat")).to_have_count(0)
    before = {}
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 700})
        before[width] = page.evaluate(layout)
    for width, language in ((320, "zh"), (1280, "en")):
        page.set_viewport_size({"width": width, "height": 700})
        site.open(page, f"language={language}")
        configured(page, jsApiList=["updateAppMessageShareData"])
        toggle(page).click()
        page.locator("mock-wechat summary").first.click()
        assert page.evaluate(layout) == before[width]
        box = page.locator("mock-wechat #panel").bounding_box()
        assert box
        assert 0 <= box["x"] <= box["x"] + box["width"] <= width


def test_overlay_keeps_its_style_under_a_strict_policy(page: Page, site: Site) -> None:
    scripts = f"script-src {site.mock.url} 'unsafe-inline' 'unsafe-eval'"  # the page's own, and Playwright's
    policy = f"default-src 'none'; {scripts}; connect-src 'self' {site.mock.url}"
    page.route(
        "**/h5",
        lambda route: route.fulfill(
            body=site.html(""), content_type="text/html", headers={"Content-Security-Policy": policy}
        ),
    )
    page.goto(f"{site.server.url}/h5")
    assert configured(page) == []
    assert toggle(page).evaluate("button => getComputedStyle(button).display") == "flex"


def test_both_languages_have_every_text() -> None:
    source = (ROOT / "mock_wechat" / "bridge" / "texts.js").read_text("utf-8")
    english, chinese = (re.findall(r"^    (\w+):", part, re.MULTILINE) for part in source.split("  zh: {"))
    assert english == chinese != []
