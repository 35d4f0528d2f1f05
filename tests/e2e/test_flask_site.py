"""examples/flask_site under real servers: each page carries a signature that the mock accepts for its address."""

import html
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page

from mock_wechat import MockWeChat
from tests.e2e.servers import DEADLINE_SECONDS, ROOT, answers, eventually, free_port, serving, stop

APP = "examples.flask_site.shop:app"
SDK = "https://res.wx.qq.com/open/js/jweixin-1.6.0.js"
SDK_STUB = "window.wx = { config: (it) => { window.given = it }, ready() {}, error() {} };"
ADDRESSES = [
    "/",
    "/?",
    "/%E4%B8%AD%E6%96%87/%E7%BA%A2?q=%E6%B5%8B%E8%AF%95&a=1+1&b=%20",
    "/a%2Fb?x=%2F&from=singlemessage&isappinstalled=0",
    f"/long?{'%E4%B8%AD' * 210}",
]


@pytest.fixture(scope="module")
def wechat() -> Iterator[MockWeChat]:
    with MockWeChat() as mock:
        yield mock


@pytest.fixture(scope="module", params=["gunicorn", "werkzeug"])
def site(request: pytest.FixtureRequest, wechat: MockWeChat, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Scheme, host and port of the site."""
    folder, port = tmp_path_factory.mktemp("site"), free_port()
    environment = {**wechat.environment, "WECHAT_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    if request.param == "gunicorn":
        with serving(folder, environment, port=port, app=APP) as server:
            yield server.url
    else:
        with flask_run(folder, environment, port) as url:
            yield url


@contextmanager
def flask_run(folder: Path, environment: dict[str, str], port: int) -> Iterator[str]:
    """Werkzeug's server, as `flask run` starts it."""
    url = f"http://127.0.0.1:{port}"
    settings = {
        "PATH": os.environ["PATH"],
        "WECHAT_STORE_URL": f"sqlite:///{folder}/credentials.db",
        "WECHAT_JS_DOMAINS": f"127.0.0.1:{port}",
        **environment,
    }
    command = [sys.executable, "-m", "flask", "--app", APP, "run", "--port", str(port)]
    log = folder / "site.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=output, stderr=output)
    try:
        eventually(lambda: answers(url) or process.poll() is not None, "the site answers")
        assert process.poll() is None, log.read_text()
        yield url
    finally:
        stop(process)


def page_at(site: str, target: str) -> str:
    """The page for exactly this target, which requests would normalize."""
    connection = HTTPConnection(site.removeprefix("http://"), timeout=DEADLINE_SECONDS)
    connection.request("GET", target)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    assert response.status == 200, text
    return text


def accepted(wechat: MockWeChat, config: dict[str, Any], url: str) -> dict[str, Any]:
    """The mock's verdict for a phone at this address."""
    asked = {name: config[name] for name in ("timestamp", "nonceStr", "signature")}
    answer = requests.get(f"{wechat.url}/_mock/verify", {"appid": config["appId"], "url": url, **asked}, timeout=10)
    verdict: dict[str, Any] = answer.json()
    return verdict


@pytest.mark.parametrize("target", [*ADDRESSES, "/%e4%b8%ad%7e?%zz&&=", "/a'b(c)!*?</script>"])
def test_mock_accepts_the_page_for_the_requested_address(site: str, wechat: MockWeChat, target: str) -> None:
    page = page_at(site, target)
    match = re.search(r"wx\.config\((.*)\);</script>", page)
    assert match, page
    assert accepted(wechat, json.loads(match[1]), site + target) == {"valid": True}


@pytest.mark.parametrize("target", ["/?", ADDRESSES[2]])
def test_mock_accepts_the_page_for_the_browsers_address(page: Page, site: str, wechat: MockWeChat, target: str) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.route(SDK, lambda route: route.fulfill(body=SDK_STUB, content_type="text/javascript"))
    page.route("**/favicon.ico", lambda route: route.fulfill(body=""))
    page.goto(f"{site}{target}#top")
    config, address = page.evaluate("[window.given, location.href.split('#')[0]]")
    assert accepted(wechat, config, address) == {"valid": True}
    assert config["jsApiList"] == ["updateAppMessageShareData"]
    assert said == []  # the Content-Security-Policy included


def test_absolute_target_is_signed_for_our_own_host(site: str) -> None:
    match = re.search(r"wx\.config\((.*)\);</script>", page_at(site, "http://evil.example.com/a?b=1"))
    assert match
    assert json.loads(match[1])["url"] == f"{site}/a?b=1"


def test_endpoints_work_beside_the_pages(site: str) -> None:
    answer = requests.get(f"{site}/api/jssdk/signature", {"url": f"{site}/"}, timeout=10)
    assert answer.ok
    assert html.unescape(requests.get(f"{site}/api", timeout=10).text).count("<h1>api</h1>") == 1


def test_no_ticket_is_in_a_page(site: str, wechat: MockWeChat) -> None:
    page = page_at(site, "/")
    tickets = [json.loads(call.answer or "{}")["ticket"] for call in wechat.calls("/cgi-bin/ticket/getticket")]
    assert tickets
    assert [ticket for ticket in tickets if ticket in page] == []
