"""static/wx-config.js in Chromium: the official SDK, the mock's bridge as its WeChat, our server."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
import requests
from playwright.sync_api import Browser, Page, Request

from tests.e2e.conftest import Demo

pytestmark = pytest.mark.usefixtures("official_sdk")

PHONES = ("android", "ios", "harmony")
REFUSED = "preVerifyJSAPI:fail_invalid_signature"
SHARED = {"title": "Spring 春", "desc": "A walk", "link": "http://127.0.0.1/spring", "imgUrl": ""}
SHARE = "updateAppMessageShareData"

H5 = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>An H5 page</title>
<script>if (performance.getEntriesByType("navigation")[0].type !== "reload") sessionStorage.clear();</script>
<script src="{mock}/_mock/bridge.js?overlay=off&platform={phone}"></script>
<script>{before}</script>
<script src="{mock}/open/js/jweixin-1.6.0.js"></script>
{helper}
<script>
const outcome = (promise) => promise.then(
  (config) => ({{ config }}),
  ({{ message, code, problem, answer }}) => ({{ error: {{ message, code, problem, answer }} }}),
);
const configure = (options) => outcome(wxConfig.configure(options));
const ready = () => outcome(wxConfig.ready());
const ask = (name, given = {{}}) => new Promise((resolve) => wx[name]({{ ...given, complete: resolve }}));
{after}
</script>
</head>
<body><h1>An H5 page</h1></body>
</html>
"""
HELPER = '<script src="/static/wx-config.js"></script>'


@dataclass
class H5Page:
    """A page of ours in the mock's WeChat, and its requests to our server."""

    page: Page
    demo: Demo
    asked: list[Request]

    def open(
        self, phone: str = "android", path: str = "/h5", *, before: str = "", helper: str = HELPER, after: str = ""
    ) -> str:
        """Put it at `path` and go there; its address. `before` runs before the SDK, `after` after the helper."""
        self.put(path.partition("?")[0], phone, before=before, helper=helper, after=after)
        url = self.demo.home.removesuffix("/") + path
        self.page.goto(url)
        return url

    def put(self, path: str, phone: str, *, before: str = "", helper: str = HELPER, after: str = "") -> None:
        html = H5.format(mock=self.demo.mock, phone=phone, before=before, helper=helper, after=after)
        self.page.route(f"**{path}*", lambda route: route.fulfill(body=html, content_type="text/html"))

    def configure(self, **options: Any) -> Any:
        """`{"config"}` or `{"error"}`, once the promise of configure is settled."""
        return self.page.evaluate("options => configure(options)", {"jsApiList": [SHARE], **options})

    def ready(self) -> Any:
        return self.page.evaluate("ready()")

    def go(self, path: str) -> None:
        """A change of route."""
        self.page.evaluate("path => history.pushState(null, '', path)", path)

    def share(self) -> str:
        """WeChat's answer to share data."""
        said: str = self.page.evaluate(f"given => ask('{SHARE}', given)", SHARED)["errMsg"]
        return said

    def signed(self) -> list[str]:
        """The addresses it asked to be signed, in order."""
        return [body["url"] for body in self.sent("signature")]

    def reported(self) -> list[Any]:
        """Its reports of refused signatures."""
        return self.sent("refused")

    def sent(self, path: str) -> list[Any]:
        """The bodies of its requests."""
        return [it.post_data_json for it in self.asked if f"/api/jssdk/{path}" in it.url]

    def verified(self) -> int:
        """The number of signatures that WeChat verified."""
        count: int = self.page.evaluate("mockWeChat.calls.filter(call => call.name === 'preVerifyJSAPI').length")
        return count


@pytest.fixture(scope="module")
def in_wechat(chromium: Browser) -> Iterator[tuple[Page, list[Request]]]:
    """A tab for all tests, as a new one costs more than a test, and its requests to our server."""
    # Chromium treats a page that a test fulfils as one of the open internet, which needs permission for loopback.
    with chromium.new_context(locale="en-US", permissions=["local-network-access"]) as context:
        page = context.new_page()
        asked: list[Request] = []
        page.on("request", lambda request: asked.append(request) if "/api/" in request.url else None)
        yield page, asked


@pytest.fixture
def h5(demo: Demo, in_wechat: tuple[Page, list[Request]]) -> Iterator[H5Page]:
    yield from h5_on(demo, *in_wechat)


@pytest.fixture
def fresh_h5(fresh_demo: Demo, in_wechat: tuple[Page, list[Request]]) -> Iterator[H5Page]:
    """For a test that changes tickets."""
    yield from h5_on(fresh_demo, *in_wechat)


def h5_on(demo: Demo, page: Page, asked: list[Request]) -> Iterator[H5Page]:
    asked.clear()
    yield H5Page(page, demo, asked)
    page.unroute_all()


def tickets_fetched(demo: Demo) -> int:
    answer = requests.get(f"{demo.mock}/_mock/calls?path=/cgi-bin/ticket/getticket", timeout=10)
    return len(answer.json()["calls"])


def with_answer(script: str) -> str:
    """A page script that changes each answer of WeChat's to a config: `answer` is there."""
    return f"""
    const invoke = WeixinJSBridge.invoke;
    WeixinJSBridge.invoke = (name, params, callback) => invoke(name, params, (answer) => {{
      if (name === "preVerifyJSAPI") {{ {script} }}
      callback(answer);
    }});"""


# Signing and routes ---------------------------------------------------------------------------------------------------


UNUSUAL = [
    "/h5/%E4%B8%AD%E6%96%87?name=%E5%BC%A0%2B%E4%B8%89&a=1&b=%2F",
    "/h5/中文?姓名=张三&b=2",
    "/h5?from=singlemessage&isappinstalled=0#/cart?x=1",
    f"/h5?long={'x' * 1970}",
    "/h5?",
]


@pytest.mark.parametrize(("phone", "landing"), [("android", 2), ("harmony", 0), ("ios", 1)])
def test_unusual_addresses_are_signed_as_they_are(h5: H5Page, phone: str, landing: int) -> None:
    entry, *routes = (quote(path, safe="/?=&%#") for path in (UNUSUAL[landing], *UNUSUAL, "/h5/three#a", "/h5/three#b"))
    url = h5.open(phone, entry).partition("#")[0]
    assert h5.ready()["error"]["code"] == "not-configured"
    assert h5.configure()["config"]["url"] == url
    assert h5.share() == f"{SHARE}:ok"
    signed = [url]
    for path in routes:
        h5.go(path)
        url = h5.demo.home.removesuffix("/") + path.partition("#")[0]
        if phone != "ios" and url != signed[-1]:
            signed.append(url)
        assert h5.ready()["config"]["url"] == signed[-1], path
        assert h5.share() == f"{SHARE}:ok", path
    assert (h5.signed(), h5.verified(), h5.reported()) == (signed, len(signed), [])


def test_route_changes_are_noticed_and_only_the_last_is_signed(h5: H5Page) -> None:
    url = h5.open()
    h5.configure()
    h5.go("/h5/zero")
    h5.ready()
    signed = [url, f"{url}/zero"]
    for how, last in (("pushState", 3), ("replaceState", 6), ("back", 2)):
        if how == "back":
            h5.page.evaluate("history.back()")
            h5.page.wait_for_url("**/h5/2")
        else:
            change = f"history.{how}(null, '', `/h5/${{at}}`)"
            h5.page.evaluate(f"for (const at of [{last - 2}, {last - 1}, {last}]) {change}")
        signed.append(f"{url}/{last}")
        verified = "mockWeChat.calls.filter(call => call.name === 'preVerifyJSAPI').length"
        h5.page.wait_for_function(f"{verified} === {len(signed)}")  # before ready is called
        assert h5.ready()["config"]["url"] == signed[-1], how
        assert h5.share() == f"{SHARE}:ok", how
    assert h5.signed() == signed


def test_route_change_during_verification_ends_with_the_right_config(h5: H5Page) -> None:
    url = h5.open()
    h5.page.evaluate(
        """async list => {
          const first = configure({ jsApiList: list });
          history.pushState(null, '', '/h5/two');
          await first;
        }""",
        [SHARE],
    )
    assert h5.ready()["config"]["url"] == f"{url}/two"
    assert h5.share() == f"{SHARE}:ok"
    assert h5.signed() == [f"{url}/two"]


def test_named_server_is_asked_for_the_named_account(h5: H5Page) -> None:
    """From another origin: the answers carry CORS headers, and no preflight is needed."""
    h5.open(after=f"mockWeChat.answer('preVerifyJSAPI', {{ err_msg: '{REFUSED}' }})")
    endpoint = f"http://localhost:{h5.demo.port}"
    for slash in ("", "/"):
        h5.asked.clear()
        assert h5.configure(account="default", endpoint=endpoint + slash)["error"]["code"] == "refused"
        signed, refused = h5.asked
        assert [signed.url, refused.url] == [f"{endpoint}/api/jssdk/signature", f"{endpoint}/api/jssdk/refused"]
        assert [body["account"] for body in h5.sent("")] == ["default"] * 2


def test_a_second_configure_takes_other_names(h5: H5Page) -> None:
    h5.open()
    h5.configure()
    assert "config" in h5.configure(jsApiList=["getLocation", "onMenuShareTimeline"])
    assert h5.page.evaluate("ask('getLocation')")["errMsg"] == "getLocation:ok"
    assert h5.share() == f"{SHARE}:permission denied"


def test_it_is_an_es_module_too(h5: H5Page) -> None:
    url = h5.open(helper="")
    load = "import('/static/wx-config.mjs').then(({ configure, ready }) => configure().then(ready))"
    assert h5.page.evaluate(load)["url"] == url


# A refused signature --------------------------------------------------------------------------------------------------


def test_address_that_the_phone_verified_is_signed_next_and_remembered(h5: H5Page) -> None:
    landing = h5.open("ios", helper="", after="history.replaceState(null, '', '/h5/late')")
    h5.page.add_script_tag(url="/static/wx-config.js")
    assert h5.configure()["config"]["url"] == landing
    assert h5.signed() == [f"{landing}/late", landing]
    h5.go("/h5/two")
    assert h5.ready()["config"]["url"] == landing
    assert len(h5.signed()) == 2
    assert h5.share() == f"{SHARE}:ok"


@pytest.mark.parametrize(("phone", "agent"), [("ios", "Android"), ("android", "iPhone")])
def test_without_that_address_entry_and_current_are_tried_and_remembered(h5: H5Page, phone: str, agent: str) -> None:
    """The bridge is one phone, the user agent another: the helper recovers from a wrong rule."""
    other = f"""Object.defineProperty(navigator, "userAgent", {{ value: "{agent} MicroMessenger/8.0.47" }});"""
    before = other + with_answer("delete answer.realAuthUrl;")
    landing = h5.open(phone, before=before)
    h5.configure()
    h5.go("/h5/two")
    right, wrong = (landing, f"{landing}/two") if phone == "ios" else (f"{landing}/two", landing)
    # An iPhone needs no other config after a change of route.
    assert h5.configure()["config"]["url"] == right
    assert h5.signed() == [landing, wrong, right]
    h5.go("/h5/three")
    assert h5.ready()["config"]["url"] == (landing if phone == "ios" else f"{landing}/three")
    assert len(h5.signed()) == (3 if phone == "ios" else 4)
    h5.put("/h5/three", phone, before=before)
    h5.page.reload()
    assert h5.page.evaluate("sessionStorage['wx-config']") == ("entry" if phone == "ios" else "current")
    h5.configure()
    h5.go("/h5/four")
    assert h5.ready()["config"]["url"] == f"{landing}/{'three' if phone == 'ios' else 'four'}"
    assert h5.reported() == []


SHAPES: list[tuple[Any, list[str]]] = [
    ("HOMEh5/a", ["h5/a"]),
    ("HOMEh5/a?b=1,2", ["h5/a?b=1,2"]),
    ("HOMEh5/a#/route", ["h5/a"]),
    ("[HOMEh5/a]", ["h5/a"]),
    ("[HOMEh5/a?b[]=1, HOMEh5/c?d=[2]]", ["h5/a?b[]=1", "h5/c?d=[2]"]),
    (" [ HOMEh5/a ,HOMEh5/c ] ", ["h5/a", "h5/c"]),
    ("HOMEh5/a,HOMEh5/c", ["h5/a", "h5/c"]),
    ('["HOMEh5/a", "HOMEh5/c"]', ["h5/a", "h5/c"]),
    (["HOMEh5/a"], ["h5/a"]),
    (["HOMEh5/a", "HOMEh5/c"], ["h5/a", "h5/c"]),
    (["[HOMEh5/a]", "[HOMEh5/c]"], ["h5/a", "h5/c"]),
    (["HOMEh5/two", "HOMEh5"], []),
    ("[https://evil.example.com/, http://127.0.0.1.evil/, HOMEh5/c]", ["h5/c"]),
    (None, []),
]
SERVER = """window.fetch = async (path, { body }) => {
  const { url } = JSON.parse(body);
  asked.push([path.split("/").pop(), url]);
  return { json: async () => ({ url, signature: "0" }) };
};
const asked = [];"""


def test_addresses_of_ours_entry_and_current_are_signed_once_each(h5: H5Page) -> None:
    """`realAuthUrl` of phones is a text or a list, with and without brackets and spaces."""
    home = h5.demo.home
    h5.open(after=f"{SERVER} mockWeChat.answer('preVerifyJSAPI', {{ err_msg: '{REFUSED}' }});")
    h5.page.evaluate(with_answer("answer.realAuthUrl = window.shape;"))
    h5.go("/h5/two")
    for shape, verified in SHAPES:
        given = json.loads(json.dumps(shape).replace("HOME", home))
        code, asked = h5.page.evaluate(
            """async ([shape, options]) => {
              Object.assign(window, { shape });
              const { error } = await configure(options);
              return [error.code, asked.splice(0)];
            }""",
            [given, {"jsApiList": [SHARE]}],
        )
        addresses = [f"{home}h5/two", *(home + path for path in verified), f"{home}h5"]
        reported = ["refused", addresses[1 if verified else 0]]
        assert (code, asked) == ("refused", [*(["signature", url] for url in addresses), reported]), shape


def test_ticket_that_ended_early_is_reported_once_and_replaced(fresh_h5: H5Page) -> None:
    url = fresh_h5.open()
    fresh_h5.configure()
    fresh_h5.demo.steer("revoke", appid="wx0000000000000001", credential="jsapi_ticket")
    fresh_h5.go("/h5/two")
    assert fresh_h5.ready()["config"]["url"] == f"{url}/two"
    assert fresh_h5.share() == f"{SHARE}:ok"
    assert [it["url"] for it in fresh_h5.reported()] == [f"{url}/two"]
    assert fresh_h5.signed() == [url, f"{url}/two", url]  # the entry address, too, once
    assert tickets_fetched(fresh_h5.demo) == 2


def test_an_address_that_the_server_does_not_sign_is_skipped(h5: H5Page) -> None:
    url = h5.open()
    h5.configure()
    h5.page.evaluate(
        f"""let answers = ["{REFUSED}", "preVerifyJSAPI:ok"];
        mockWeChat.answer("preVerifyJSAPI", () => ({{ err_msg: answers.shift() }}));"""
    )
    h5.page.route(
        "**/api/jssdk/signature",
        lambda route: (
            route.fulfill(status=403, json={}) if route.request.post_data_json["url"] == url else route.continue_()
        ),
    )
    h5.go("/h5/two")
    assert h5.ready()["config"]["url"] == f"{url}/two"
    assert h5.signed() == [url, f"{url}/two", url]
    assert [it["url"] for it in h5.reported()] == [f"{url}/two"]


DEVTOOLS = "config:fail,Error: 系统错误,错误码:63002,invalid signature [20201208 08:38:01][]"


@pytest.mark.parametrize("phone", PHONES)
def test_final_refusal_rejects_with_wechats_text_after_one_report(h5: H5Page, phone: str) -> None:
    h5.open(phone, before=f"mockWeChat.answer('preVerifyJSAPI', {{ err_msg: '{REFUSED}' }});")
    for reported, verified, message in ((1, 2, "config:invalid signature"), (2, 4, DEVTOOLS)):
        error = h5.configure()["error"]
        assert (error["code"], error["message"]) == ("refused", message)
        assert (len(h5.reported()), h5.verified()) == (reported, verified)
        assert h5.ready()["error"]["code"] == "refused"
        assert h5.verified() == verified  # nothing has changed: only configure tries again
        h5.page.evaluate("errMsg => mockWeChat.answer('preVerifyJSAPI', { errMsg })", DEVTOOLS)


def test_unknown_domain_is_not_tried_again(h5: H5Page) -> None:
    h5.open(after="mockWeChat.answer('preVerifyJSAPI', { err_msg: 'preVerifyJSAPI:fail_invalid_url_domain' })")
    assert h5.configure()["error"]["message"] == "config:invalid url domain"
    assert h5.verified() == 1
    assert h5.reported() == []
    h5.page.evaluate("mockWeChat.answer('preVerifyJSAPI', null)")
    assert "config" in h5.configure()


@pytest.mark.parametrize("version", ["1.0.3.52", "10.0.1"])
def test_version_whose_errors_the_sdk_hides_rejects_too(h5: H5Page, version: str) -> None:
    agent = f"OpenHarmony ArkWeb/4.1.6.1 MicroMessenger/{version}"
    refused = "mockWeChat.answer('preVerifyJSAPI', { err_msg: 'preVerifyJSAPI:fail_invalid_url_domain' });"
    h5.open("harmony", before=f"""Object.defineProperty(navigator, "userAgent", {{ value: "{agent}" }}); {refused}""")
    assert h5.configure()["error"]["message"] == "config:invalid url domain"
    h5.page.evaluate("mockWeChat.answer('preVerifyJSAPI', null)")
    assert "config" in h5.configure()


# Where it cannot work -------------------------------------------------------------------------------------------------


def test_browser_outside_wechat_rejects_at_once_and_sends_nothing(h5: H5Page) -> None:
    h5.page.goto(f"{h5.demo.home}healthz")
    h5.page.add_script_tag(url="/static/wx-config.js")
    rejected = "wxConfig.configure({ jsApiList: [] }).catch(({ code, message }) => [code, message])"
    assert h5.page.evaluate(rejected) == ["outside-wechat", "This browser is not WeChat's."]
    assert h5.asked == []


def test_iframe_is_rejected_only_on_harmonyos(h5: H5Page) -> None:
    h5.page.goto(f"{h5.demo.home}healthz")
    for phone, code in (("harmony", "iframe"), ("ios", None), ("android", None)):
        h5.put(f"/{phone}", phone)
        frame = h5.page.evaluate_handle(
            """src => new Promise((resolve) => {
              const frame = Object.assign(document.createElement("iframe"), { src });
              frame.addEventListener("load", () => resolve(frame));
              document.body.append(frame);
            })""",
            f"/{phone}",
        ).as_element()
        inside = frame and frame.content_frame()
        assert inside
        assert inside.evaluate("configure()").get("error", {}).get("code") == code, phone


def test_a_snapshot_page_is_rejected_with_that_reason(h5: H5Page) -> None:
    h5.open()
    assert h5.configure(snapshot=True)["error"]["code"] == "snapshot"
    assert h5.asked == []
    h5.page.evaluate("mockWeChat.answer('preVerifyJSAPI', { errMsg: 'config:fail, snapshot page' })")
    assert h5.configure()["error"]["code"] == "snapshot"


def test_wechat_that_does_not_answer_in_20_seconds_is_a_timeout(h5: H5Page) -> None:
    at_once = """const later = setTimeout;
    window.setTimeout = (run, wait, ...more) => later(run, wait === 20000 ? 0 : wait, ...more);"""
    h5.open(before=at_once, after="mockWeChat.answer('preVerifyJSAPI', () => new Promise(() => {}))")
    assert h5.configure()["error"]["code"] == "silent"
    assert h5.verified() == 1


def test_missing_sdk_is_named_and_a_bundled_one_can_be_passed(h5: H5Page) -> None:
    h5.open(after="const bundled = window.wx; delete window.wx;")
    assert h5.configure()["error"]["code"] == "sdk-missing"
    found = h5.page.evaluate("wxConfig.configure({ wx: bundled }).then(({ appId }) => appId)")
    assert found == "wx0000000000000001"


def test_problem_missing_answer_and_gateway_page_are_named(h5: H5Page) -> None:
    h5.open()
    error = h5.configure(account="unknown")["error"]
    assert error["code"] == "server"
    assert error["problem"]["type"] == "/problems/account-unknown"
    assert "unknown" in error["message"]
    h5.page.route("**/api/jssdk/signature", lambda route: route.abort())
    assert "No answer" in h5.configure()["error"]["message"]
    h5.page.unroute("**/api/jssdk/signature")
    h5.page.route("**/api/jssdk/signature", lambda route: route.fulfill(status=502, body="<html>"))
    assert h5.configure()["error"]["message"] == "HTTP 502"


def test_forbidden_storage_changes_nothing(h5: H5Page) -> None:
    forbidden = "Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('no') } });"
    landing = h5.open("ios", before=forbidden, helper="", after="history.replaceState(null, '', '/h5/late')")
    h5.page.add_script_tag(url="/static/wx-config.js")
    assert h5.configure()["config"]["url"] == landing
