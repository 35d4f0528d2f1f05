"""Logins as tests make them: a browser without pages, and examples/login_site in this process."""

import re
import runpy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import pytest
import requests
from werkzeug.serving import make_server

from mock_wechat import WEB, MockWeChat
from tests.e2e.conftest import assert_no_secret_in
from tests.e2e.servers import DEADLINE_SECONDS, KEY, ROOT, Server, free_port, serving

EXCHANGE = "/sns/oauth2/access_token"
VERIFIER, CHALLENGE = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""of RFC 7636, appendix B"""
SITE = ROOT / "examples" / "login_site" / "shop.py"


class Phone:
    """A user's browser: it keeps cookies, and follows redirects one at a time."""

    def __init__(self) -> None:
        self._session = requests.Session()

    def get(self, url: str) -> requests.Response:
        """The answer, which may be a redirect."""
        return self._session.get(url, timeout=DEADLINE_SECONDS, allow_redirects=False)

    def callback(self, server: str, **given: str) -> str:
        """Start a silent login and let WeChat answer: the address of the callback that the browser is sent to."""
        given = {"challenge": CHALLENGE, **given}
        start = self._session.get(
            f"{server}/api/oauth/start", params=given, timeout=DEADLINE_SECONDS, allow_redirects=False
        )
        assert start.status_code == 302, start.text
        return str(self.get(start.headers["Location"]).headers["Location"])


def ticket_of(answer: requests.Response) -> str:
    """The ticket that the browser takes to the site."""
    assert answer.status_code == 302, answer.text
    match = re.search(r"[?&]ticket=([\w-]+)", answer.headers["Location"])
    assert match, answer.headers["Location"]
    return match[1]


@contextmanager
def login_site(server: Server, port: int) -> Iterator[str]:
    """examples/login_site, whose users log in through `server`: its address."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CENTRAL", server.url)
        patch.setenv("KEY", KEY)
        app = runpy.run_path(str(SITE))["app"]  # an import would keep the server of the first one
    listener = make_server("127.0.0.1", port, app, threaded=True)
    thread = Thread(target=listener.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()


def origin() -> tuple[str, int]:
    """A free origin for a site."""
    port = free_port()
    return f"http://127.0.0.1:{port}", port


@dataclass(frozen=True)
class Login:
    """A server with its mock, a site whose users log in, and the server's clock."""

    server: Server
    wechat: MockWeChat
    site: str
    offset: Path

    def exchanges(self) -> int:
        """The number of codes that were sent to WeChat."""
        return len(self.wechat.calls(EXCHANGE))

    def callback(self, phone: Phone) -> str:
        """Where WeChat sends a browser that came from the site."""
        return phone.callback(self.server.url, next=f"{self.site}/logged-in", state="of-the-site")


@contextmanager
def running_login(folder: Path) -> Iterator[Login]:
    """All of it, in `folder`. Checks at the end that each code was exchanged once and that the log has no user data."""
    port = free_port()
    url, (site, site_port) = f"http://127.0.0.1:{port}", origin()
    offset = folder / "offset"
    offset.write_text("0")
    with MockWeChat() as wechat:
        environment = {
            **wechat.environment,
            "CLOCK_OFFSET_FILE": str(offset),
            "WECHAT_API_KEYS": f"e2e:oauth+ops={KEY}",
            "WECHAT_LOGIN_ORIGINS": f"{site},{url}",
            "WECHAT_PUBLIC_URL": url,
            "WECHAT_READ_TIMEOUT_SECONDS": "0.5",
            "WECHAT_WEB_APPID": WEB.appid,
            "WECHAT_WEB_SECRET": WEB.secret,
            "WECHAT_WEB_LOGIN_ORIGINS": url,
            "WECHAT_SECRET_KEY": "a-secret-key-of-the-login-tests!!",
        }
        with (
            serving(folder, environment, port=port, app="tests.e2e.wsgi_clock:app") as server,
            login_site(server, site_port) as site,
        ):
            yield Login(server, wechat, site, offset)
        codes = [call.query["code"] for call in wechat.calls(EXCHANGE)]
        assert len(codes) == len(set(codes)) > 0
        assert_no_secret_in([log := server.log.read_text()], [wechat])
        assert not re.search("(ticket|state|verifier)=", log)


def redeem(server: Server, ticket: str) -> requests.Response:
    """The answer to the site's backend."""
    return server.post("/api/oauth/redeem", json={"ticket": ticket, "verifier": VERIFIER})
