"""A Flask site with our endpoints inside: its pages carry their signature, the rest of it stays its own."""

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app import create_app
from app.errors import SettingsError
from app.services import build_services
from app.settings import load_settings
from app.web import extension
from mock_wechat import MockWeChat
from tests.doubles import START, FakeClock

SCRIPT = '{% from "wechat/config.html" import wx_config_script %}'
DATA = '{% from "wechat/config.html" import wx_config_data %}'
ORIGIN = "https://h5.example.com"
NONCESTR = "Wm3WZYTPz0wzccnW"
KEY = "reader-reader-reader-key"


@pytest.fixture
def wechat() -> Iterator[MockWeChat]:
    with MockWeChat(clock=FakeClock()) as mock:
        yield mock


@pytest.fixture
def environment(wechat: MockWeChat) -> dict[str, str]:
    return {
        **wechat.environment,
        "WECHAT_STORE_URL": "memory://",
        "WECHAT_JS_DOMAINS": "h5.example.com",
        "WECHAT_PUBLIC_URL": ORIGIN,
        "WECHAT_API_KEYS": f"reader:token={KEY}",
    }


def site_of(environment: dict[str, str], template: str = "") -> Flask:
    """A site that answers every path with the template."""
    site = Flask("site")
    clock = FakeClock()
    settings = load_settings(environment)
    services = build_services(settings, clock=clock, sleep=clock.sleep, spawn=lambda work: work())
    extension.init_app(site, settings, services=services, noncestr=lambda: NONCESTR)

    @site.get("/", defaults={"path": ""})
    @site.get("/<path:path>")
    def _page(path: str) -> str:
        return render_template_string(template, path=path)

    return site


def body_of(site: Flask, target: str, **environ: Any) -> str:
    """What the site answers to this target of a request line, which no client of Werkzeug's leaves as it is."""
    wsgi = EnvironBuilder(
        path="/", environ_overrides={"RAW_URI": target, "REQUEST_URI": target, **environ}
    ).get_environ()
    chunks, status, _ = run_wsgi_app(site.wsgi_app, wsgi)
    text = b"".join(chunks).decode()
    assert status.startswith("200"), text
    return text


def config_in(page: str) -> dict[str, Any]:
    """The argument of wx.config, as a browser reads it."""
    match = re.fullmatch(r"\s*<script(?: nonce=\"[^\"]*\")?>wx\.config\((.*)\);</script>\s*", page)
    assert match, page
    found: dict[str, Any] = json.loads(match[1])
    return found


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/?",
        "/shop/%E4%B8%AD%E6%96%87?q=%E6%B5%8B%E8%AF%95",
        "/a%2Fb%3Fc",
        "/a?b=1&c=a%20b+c&from=singlemessage&isappinstalled=0",
        "//double//slash/",
        "/%e4%b8%ad?x=%7e",
        "/a?u=http://elsewhere.example.com/",
    ],
)
def test_a_page_is_signed_by_the_address_that_was_asked_for(
    environment: dict[str, str], wechat: MockWeChat, target: str
) -> None:
    config = config_in(body_of(site_of(environment, SCRIPT + "{{ wx_config_script(['scanQRCode']) }}"), target))
    assert config["url"] == ORIGIN + target
    assert config["jsApiList"] == ["scanQRCode"]
    assert (config["timestamp"], config["nonceStr"], config["debug"]) == (int(START), NONCESTR, False)
    (call,) = wechat.calls("/cgi-bin/ticket/getticket")
    ticket = json.loads(call.answer or "{}")["ticket"]
    string1 = f"jsapi_ticket={ticket}&noncestr={NONCESTR}&timestamp={int(START)}&url={ORIGIN}{target}"
    assert config["signature"] == hashlib.sha1(string1.encode()).hexdigest()


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("http://evil.example.com/a?b", f"{ORIGIN}/a?b"),
        ("http://evil.example.com", f"{ORIGIN}/"),
        ("http://evil.example.com?a=1", f"{ORIGIN}/?a=1"),
        ("//evil.example.com/a", f"{ORIGIN}//evil.example.com/a"),
        ("/a#fragment", f"{ORIGIN}/a"),
    ],
)
def test_no_host_but_the_public_one_is_signed(environment: dict[str, str], target: str, url: str) -> None:
    site = site_of(environment, SCRIPT + "{{ wx_config_script([]) }}")
    headers = {"HTTP_HOST": "evil.example.com", "HTTP_X_FORWARDED_HOST": "evil.example.com"}
    assert config_in(body_of(site, target, **headers))["url"] == url


@pytest.mark.parametrize(
    ("public_url", "origin"),
    [
        ("https://H5.Example.COM", ORIGIN),
        ("https://h5.example.com:443/", ORIGIN),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:80", "http://[::1]"),
    ],
)
def test_the_public_url_is_written_as_browsers_write_it(
    environment: dict[str, str], public_url: str, origin: str
) -> None:
    environment |= {
        "WECHAT_PUBLIC_URL": public_url,
        "WECHAT_JS_DOMAINS": "h5.example.com,127.0.0.1,127.0.0.1:8080,[::1]",
    }
    site = site_of(environment, SCRIPT + "{{ wx_config_script([]) }}")
    assert config_in(body_of(site, "/a"))["url"] == f"{origin}/a"


def test_address_cannot_break_out_of_the_script(environment: dict[str, str]) -> None:
    target = "/?</script><script>alert(1)</script>&'\"<!--"
    page = body_of(site_of(environment, SCRIPT + "{{ wx_config_script([]) }}"), target)
    assert page.count("<script") == page.count("</script>") == 1
    assert config_in(page)["url"] == ORIGIN + target


def test_nonce_lists_and_debug_go_where_they_belong(environment: dict[str, str]) -> None:
    call = "{{ wx_config_script(['a'], ['wx-open-launch-app'], debug=true, nonce='n\"n') }}"
    page = body_of(site_of(environment, SCRIPT + call), "/")
    assert page.startswith('<script nonce="n&#34;n">')
    config = config_in(page)
    assert (config["openTagList"], config["debug"]) == (["wx-open-launch-app"], True)


def test_the_config_may_stand_in_the_page_as_data(environment: dict[str, str]) -> None:
    page = body_of(site_of(environment, DATA + "{{ wx_config_data() }}"), "/?</script>")
    match = re.fullmatch(r'<script type="application/json" id="wx-config">(.*)</script>', page.strip())
    assert match
    assert json.loads(match[1])["url"] == f"{ORIGIN}/?</script>"


def test_page_is_rendered_unsigned_while_wechat_fails(
    environment: dict[str, str], wechat: MockWeChat, caplog: pytest.LogCaptureFixture
) -> None:
    wechat.fail("/cgi-bin/stable_token", 40125, times=None)
    site = site_of(environment, SCRIPT + "<p>still here</p>{{ wx_config_script([]) }}")
    assert body_of(site, "/").strip() == "<p>still here</p>"
    assert "page not signed: app=site" in caplog.text


def test_page_outside_the_js_domains_is_rendered_unsigned(environment: dict[str, str]) -> None:
    environment["WECHAT_JS_DOMAINS"] = "h5.example.com/shop"
    site = site_of(environment, SCRIPT + "{{ wx_config_script([]) }}")
    assert body_of(site, "/other").strip() == ""
    assert config_in(body_of(site, "/shop/1"))["url"] == f"{ORIGIN}/shop/1"


def test_an_account_may_be_named(environment: dict[str, str]) -> None:
    site = site_of(environment, SCRIPT + "{{ wx_config_script([], account='mini') }}")
    assert body_of(site, "/").strip() == ""
    site = site_of(environment, SCRIPT + "{{ wx_config_script([], account='default') }}")
    assert config_in(body_of(site, "/"))["appId"] == "wx0000000000000001"


def test_wsgi_server_without_the_request_target_is_an_error(environment: dict[str, str]) -> None:
    site = site_of(environment, SCRIPT + "{{ wx_config_script([]) }}")
    site.testing = True
    environ = EnvironBuilder(path="/").get_environ()
    del environ["RAW_URI"], environ["REQUEST_URI"]
    with pytest.raises(RuntimeError, match="REQUEST_URI or RAW_URI"):
        run_wsgi_app(site.wsgi_app, environ)


# The site -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def client(environment: dict[str, str]) -> FlaskClient:
    return site_of(environment, "the site's own {{ path }}").test_client()


def test_endpoints_below_api_are_in_the_site(client: FlaskClient) -> None:
    signed = client.get("/api/jssdk/signature?url=https%3A%2F%2Fh5.example.com%2F", headers={"Origin": ORIGIN})
    assert signed.status_code == 200
    assert signed.headers["Cache-Control"] == "no-store"
    assert signed.headers["Access-Control-Allow-Origin"] == ORIGIN
    token = client.get("/api/access_token", headers={"Authorization": f"Bearer {KEY}"})
    assert token.status_code == 200
    wrong = client.get("/api/jssdk/signature")
    assert (wrong.status_code, wrong.content_type) == (400, "application/problem+json")


def test_listener_is_a_setting(environment: dict[str, str]) -> None:
    client = site_of(environment | {"WECHAT_LISTENER": "public"}, "the site").test_client()
    assert client.get("/api/access_token").text == "the site"
    assert client.get("/api/jssdk/signature").status_code == 400


@pytest.mark.parametrize("path", ["", "healthz", "debugger.html", "metrics", "demo.json"])
def test_every_other_path_stays_the_sites(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/{path}")
    assert answer.text == f"the site's own {path}"
    assert "Content-Security-Policy" not in answer.headers


def test_errors_of_the_site_stay_the_sites(client: FlaskClient) -> None:
    answer = client.post("/")
    assert (answer.status_code, answer.mimetype) == (405, "text/html")


def test_two_sites_in_one_process_do_not_mix(environment: dict[str, str]) -> None:
    one = site_of(environment, SCRIPT + "{{ wx_config_script([]) }}")
    other_url = {"WECHAT_PUBLIC_URL": "https://other.example.com", "WECHAT_JS_DOMAINS": "other.example.com"}
    other = site_of(environment | other_url, SCRIPT + "{{ wx_config_script([]) }}")
    assert config_in(body_of(one, "/a"))["url"] == f"{ORIGIN}/a"
    assert config_in(body_of(other, "/a"))["url"] == "https://other.example.com/a"


@pytest.mark.parametrize("public_url", [None, "https://elsewhere.example.com", "https://h5.example.com:8443"])
def test_without_a_public_url_on_the_js_domains_the_site_does_not_start(
    environment: dict[str, str], public_url: str | None
) -> None:
    del environment["WECHAT_PUBLIC_URL"]
    given = {"WECHAT_PUBLIC_URL": public_url} if public_url else {}
    with pytest.raises(SettingsError, match="WECHAT_PUBLIC_URL"):
        extension.init_app(Flask("site"), environment | given)


def test_a_blueprint_in_our_own_app_may_sign_as_well(environment: dict[str, str]) -> None:
    app = create_app(environment)
    app.add_url_rule("/shop", view_func=lambda: extension.signed_config()["url"])
    assert app.test_client().get("/shop?a=%2F").text == f"{ORIGIN}/shop?a=%2F"
