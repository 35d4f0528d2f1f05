"""examples/h5_vue in Chromium: Vite's own server as docs/quickstart-h5.md starts it, and the built page."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, expect

from mock_wechat import OFFICIAL, MockWeChat, bridge
from tests.e2e.servers import ROOT, Server, answers, eventually, free_port, serving, stop

pytestmark = [pytest.mark.sdk, pytest.mark.usefixtures("official_sdk", "installed")]

FOLDER = ROOT / "examples" / "h5_vue"
VITE = FOLDER / "node_modules" / ".bin" / "vite"
ACCEPTED = "WeChat accepted the signature. Share this page."


@pytest.fixture
def installed() -> None:
    if not VITE.exists():
        reason = "Vite is missing: make test-sdks brings it"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def server(wechat: MockWeChat, port: int, tmp_path: Path) -> Iterator[Server]:
    """It signs for pages on the port."""
    origin = f"localhost:{port}"
    wechat.add_account(OFFICIAL.appid, OFFICIAL.secret, "official", js_domains=[origin])
    with serving(tmp_path, {**wechat.environment, "WECHAT_JS_DOMAINS": origin}) as server:
        yield server


@contextmanager
def vite(log: Path, environment: dict[str, str], *options: str) -> Iterator[str]:
    """A server of Vite; its address."""
    with log.open("wb") as output:
        process = subprocess.Popen([VITE, *options], cwd=FOLDER, env=environment, stdout=output, stderr=output)
    url = f"http://localhost:{options[-1]}/"
    try:
        eventually(lambda: answers(url) or process.poll() is not None, "Vite answers")
        assert process.poll() is None, log.read_text()
        yield url
    finally:
        stop(process)


def test_page_is_accepted(page: Page, wechat: MockWeChat, server: Server, port: int, tmp_path: Path) -> None:
    given = {"VITE_CENTRAL": server.url, "VITE_SDK": f"{wechat.url}/open/js/jweixin-1.6.0.js", "VITE_MOCK": wechat.url}
    environment = {"PATH": os.environ["PATH"], **given}
    with vite(tmp_path / "dev.log", environment, "--port", str(port)) as url:
        page.goto(url)
        expect(page.locator("#app p")).to_have_text(ACCEPTED)
        assert page.evaluate("mockWeChat.share('appMessage')")["title"] == "Spring"


def test_built_page_is_accepted_and_knows_no_mock(
    page: Page, wechat: MockWeChat, server: Server, port: int, tmp_path: Path
) -> None:
    environment = {"PATH": os.environ["PATH"], "VITE_CENTRAL": server.url}
    built = str(tmp_path / "dist")
    subprocess.run([VITE, "build", "--outDir", built], cwd=FOLDER, env=environment, check=True, capture_output=True)
    page.route("https://res.wx.qq.com/**", lambda route: route.fulfill(path=ROOT / bridge.SDK_FILE))
    page.add_init_script(requests.get(f"{wechat.url}/_mock/bridge.js?overlay=off", timeout=10).text)
    with vite(tmp_path / "preview.log", environment, "preview", "--outDir", built, "--port", str(port)) as url:
        page.goto(url)
        expect(page.locator("#app p")).to_have_text(ACCEPTED)
    assert "_mock" not in (tmp_path / "dist" / "index.html").read_text()
