"""The product as a user starts it, and a real browser to look at it."""

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from mock_wechat import MockWeChat
from tests.e2e.callers import Callers
from tests.e2e.leaks import Seen, assert_no_secret_in
from tests.e2e.servers import DEADLINE_SECONDS, ROOT, answers, eventually, free_port, logs, stop

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(autouse=True)
def seen(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[Seen]:
    """Every test fails if a secret of a mock that it makes stands in what goes onto this list, or in a log:

    its servers' or, where a server lives in this process, its own.
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
        "WECHAT_PRIVATE_MEDIA": "allow",
        "WECHAT_SECRET_KEY": "a-secret-key-of-the-browser-tests",
        "WECHAT_DEMO_KEY": "demo-key-of-the-browser-tests",
    }
    push = ["--push-url", f"http://127.0.0.1:{port}/api/push/mini"]
    command = [
        sys.executable,
        "-m",
        "mock_wechat",
        "run",
        "--port",
        str(mock_port),
        *push,
        "--",
        "gunicorn",
        "wsgi:app",
    ]
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


@pytest.fixture(scope="session")
def callers() -> Iterator[Callers]:
    """Processes that call, for all tests."""
    with Callers() as callers:
        yield callers


@pytest.fixture(params=["sqlite", "redis"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each kind of store that several processes can share, empty."""
    if request.param == "redis":
        return str(request.getfixturevalue("redis_server").url)
    return f"sqlite:///{tmp_path}/credentials.db"


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One for all tests that leave it as it is."""
    with demo_in(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture
def fresh_demo(tmp_path: Path) -> Iterator[Demo]:
    """One for a test that spoils it."""
    with demo_in(tmp_path) as demo:
        yield demo


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        reason = f"{CHROMIUM} is missing: the page was not looked at in a browser"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    expect.set_options(timeout=DEADLINE_SECONDS * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def context_with(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes contexts: each is a browser without a past, set up by Playwright's own options."""
    with ExitStack() as contexts:
        yield lambda **options: contexts.enter_context(chromium.new_context(**{"locale": "en-US", **options}))


@pytest.fixture
def page(context_with: Callable[..., BrowserContext]) -> Page:
    """A tab of an English browser."""
    return context_with().new_page()
