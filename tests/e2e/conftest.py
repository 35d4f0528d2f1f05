"""The product as a user starts it, a real browser, and a search for secrets after each test."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from mock_wechat import WEB, MockWeChat, bridge
from mock_wechat.wire import Request as WeChatRequest
from tests.e2e.servers import DEADLINE_SECONDS, KEY, ROOT, answers, eventually, free_port, logs, stop
from tests.e2e.uplink import UNLIMITED

DEMO_KEY = "demo-key-of-the-browser-tests"
CHROMIUM = next(filter(Path.exists, map(Path, ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium"))), None)
"""Debian's; a page costs a third of the CPU time in the one without a window"""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


Seen = list[str | bytes]
"""what callers were shown and must contain no secret, such as bodies of answers"""


@pytest.fixture(autouse=True)
def seen(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[Seen]:
    """A list for a test to fill. The test fails if the list or a log has a secret or user data of the test's mocks.

    Searched are the logs of its servers and the log of this process.
    """
    mocks: list[MockWeChat] = []
    make = MockWeChat.__init__

    def remember(mock: MockWeChat, *args: Any, **options: Any) -> None:
        make(mock, *args, **options)
        mocks.append(mock)

    monkeypatch.setattr(MockWeChat, "__init__", remember)
    caplog.set_level(logging.INFO, "app")
    before, seen = set(logs), Seen()
    yield seen
    own = map(logging.Formatter().format, caplog.get_records("call"))
    assert_no_secret_in([*seen, *own, *(log.read_bytes() for log in logs - before)], mocks)


def assert_no_secret_in(texts: Iterable[str | bytes], mocks: Iterable[MockWeChat]) -> None:
    """None of the texts has a secret, token, ticket or user's data of one of the mocks, nor these tests' API key."""
    secrets = {KEY}
    for mock in mocks:
        accounts = mock._state.accounts.values()
        secrets |= {account.secret for account in accounts}
        asked = WeChatRequest.parse("GET", "/_mock/state", {"host": "localhost"}, b"", "127.0.0.1")
        shown = json.loads(mock.respond(asked).body)["accounts"]
        secrets |= {credential["value"] for account in shown for credential in account["credentials"]}
        secrets |= set(of_users(mock))
    spellings = {spelling.encode() for secret in secrets for spelling in (secret, quote(secret, safe=""))}
    for content in {text.encode() if isinstance(text, str) else text for text in texts}:
        found = [secret for secret in spellings if secret in content]
        assert not found, f"{len(found)} secrets in: {content[:500]!r}"


def of_users(mock: MockWeChat) -> Iterator[str]:
    """The user data that no log may contain: openids, unionids, phone numbers, codes, user tokens, session keys."""
    state = mock._state
    for user in state.users.people.values():
        for seen_as in (user, user.virtual()):
            yield seen_as.unionid
            yield from (seen_as.openid(appid) for appid in state.accounts)
        if user.phone:
            yield user.phone
    yield from state.codes._codes
    yield from state.grants._by_access_token
    yield from state.grants._by_refresh_token
    yield from state.sessions._keys.values()


@dataclass(frozen=True)
class Demo:
    """What `make run` starts: a server and the mock it talks to. `home` is the page."""

    port: int
    mock: str

    @property
    def home(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def steer(self, call: str, **given: Any) -> None:
        """A control call to the mock."""
        answer = requests.post(f"{self.mock}/_mock/{call}", json=given, timeout=10)
        assert answer.ok, answer.text


@contextmanager
def demo_in(folder: Path) -> Iterator[Demo]:
    """The recipe of `make run`, on free ports, with its store in `folder`."""
    port, mock_port = free_port(), free_port()
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PORT": str(port),
        "WECHAT_STORE_URL": f"sqlite:///{folder}/demo.db",
        "WECHAT_JS_DOMAINS": f"127.0.0.1:{port},localhost:{port}",
        "WECHAT_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "WECHAT_LOGIN_ORIGINS": f"http://127.0.0.1:{port}",
        "WECHAT_WEB_APPID": WEB.appid,
        "WECHAT_WEB_SECRET": WEB.secret,
        "WECHAT_WEB_LOGIN_ORIGINS": f"http://127.0.0.1:{port}",
        "WECHAT_PRIVATE_MEDIA": "allow",
        "WECHAT_SECRET_KEY": "a-secret-key-of-the-browser-tests",
        "WECHAT_DEMO_KEY": DEMO_KEY,
    }
    push = ["--push-url", f"http://127.0.0.1:{port}/api/push/mini"]
    mock = ["-m", "mock_wechat", "run", "--port", str(mock_port)]
    command = [sys.executable, *mock, *push, "--", "gunicorn", "wsgi:app"]
    log = folder / "demo.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    demo = Demo(port, f"http://127.0.0.1:{mock_port}")
    try:
        eventually(lambda: answers(f"{demo.home}healthz") or process.poll() is not None, "the demo answers")
        assert process.poll() is None, log.read_text()
        yield demo
    finally:
        stop(process)


@pytest.fixture
def wechat() -> Iterator[MockWeChat]:
    """WeChat with its usual accounts, which may check as many texts as they like."""
    with MockWeChat(accounts=UNLIMITED) as mock:
        yield mock


@pytest.fixture(scope="session")
def official_sdk() -> None:
    """WeChat's own JS-SDK. Without it these tests are skipped, and fail where CI is set."""
    if not (ROOT / bridge.SDK_FILE).is_file():
        reason = "WeChat's JS-SDK is missing: npm ci --ignore-scripts brings it"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)


@pytest.fixture(params=["sqlite", "redis"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each kind of store that several processes can share, empty."""
    if request.param == "redis":
        return str(request.getfixturevalue("redis_server").url)
    return f"sqlite:///{tmp_path}/credentials.db"


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo for all tests that do not change its tickets."""
    with demo_in(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture
def fresh_demo(tmp_path: Path) -> Iterator[Demo]:
    """A demo for one test, which changes its tickets."""
    with demo_in(tmp_path) as demo:
        yield demo


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        reason = "/usr/bin/chromium is missing: no page was tested"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    expect.set_options(timeout=DEADLINE_SECONDS * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def context_with(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes contexts: each is a browser without history, with Playwright's own options."""
    with ExitStack() as contexts:
        yield lambda **options: contexts.enter_context(chromium.new_context(**{"locale": "en-US", **options}))


@pytest.fixture(scope="module")
def module_tab(chromium: Browser) -> Iterator[Page]:
    """A tab that the tests of a module use one after another: a new one for each test costs more than its test."""
    with chromium.new_context(locale="en-US") as context:
        yield context.new_page()


@pytest.fixture
def tab(module_tab: Page) -> Iterator[Page]:
    """The module's tab, for a test that opens its own page and leaves no init script, clock or listener behind."""
    yield module_tab
    clean(module_tab)


def clean(tab: Page) -> None:
    """Remove the routes of a test, and what its page has stored."""
    tab.unroute_all()
    tab.evaluate("localStorage.clear(); sessionStorage.clear()")


@pytest.fixture
def page(context_with: Callable[..., BrowserContext]) -> Page:
    """A tab of an English browser."""
    return context_with().new_page()
