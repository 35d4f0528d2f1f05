"""Our server and its peers, each one worker process; those under gunicorn have the same settings."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from .processes import ROOT, free_port, http, running

_DOMAIN = "h5.example.com"
PAGE = f"https://{_DOMAIN}/shop/item?id=42&from=singlemessage&name=%E8%8C%B6&isappinstalled=0"
QUERY = f"url={quote(PAGE, safe='')}"
PATH = "/api/jssdk/signature"
ACCOUNT = {"WECHAT_APPID": "wx0000000000000001", "WECHAT_SECRET": "mock-official-secret"}
MINI = {"WECHAT_MINI_APPID": "wx0000000000000002", "WECHAT_MINI_SECRET": "mock-mini-secret"}

_SWITCHES = "--workers=1 --threads=48 --keep-alive=75 --limit-request-line=8190 --no-control-socket"  # 1: per core
_NO_FORWARDING = ("--forwarded-allow-ips=", "--forwarder-headers=")
GUNICORN = (sys.executable, "-m", "gunicorn", *_SWITCHES.split(), *_NO_FORWARDING)
"""the beginning of a command; it wins over any configuration file"""
_GRANIAN = (sys.executable, "-m", "app.serving.cli", "serve", "--granian")


class Contestant(NamedTuple):
    """A server that signs PAGE on 127.0.0.1. It gets its port as PORT in the environment or for {port} in `command`."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]


class Server(NamedTuple):
    """A running contestant that has signed once. `process` is the pid of its first process, `folder` its directory."""

    name: str
    url: str
    process: int
    folder: Path

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return "/".join(self.url.split("/")[:3])


@contextmanager
def serving(contestant: Contestant, wechat: str, folder: Path, core: int) -> Iterator[Server]:
    """Run it on one core against the mock at `wechat`; its files are in a new folder in `folder`."""
    port, own = str(free_port()), folder / contestant.name
    command = [part.replace("{port}", port) for part in contestant.command]
    environment = {"WECHAT_API_BASE": wechat, "PORT": port, **ACCOUNT, **contestant.environment}
    url = f"http://127.0.0.1:{port}{PATH}?{QUERY}"
    with running(command, url, environment, own, core) as process:
        yield Server(contestant.name, url, process, own)


@contextmanager
def mock(folder: Path, core: int) -> Iterator[str]:
    """Run a mock WeChat on one core; its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = (sys.executable, "-m", "mock_wechat", "--port", str(port))
    with running(command, f"{url}/_mock/state", {}, folder / "mock", core):
        account = {"appid": ACCOUNT["WECHAT_APPID"], "js_domains": [_DOMAIN]}
        http.post(f"{url}/_mock/accounts", json=account, timeout=10).raise_for_status()
        yield url


_OURS = {"WECHAT_STORE_URL": "sqlite:///credentials.db", "WECHAT_JS_DOMAINS": _DOMAIN}
OURS = Contestant("ours, gunicorn", (*GUNICORN, f"--config={ROOT / 'gunicorn.conf.py'}", "wsgi:app"), _OURS)
GRANIAN = Contestant("ours, granian", _GRANIAN, {**_OURS, "WECHAT_WORKERS": "1"})
_PEER = (*GUNICORN, "--worker-class=gthread", "--bind=127.0.0.1:{port}")
WECHATPY = Contestant("wechatpy + Flask", (*_PEER, "bench.peer_wechatpy:app"), {})
RELAY = Contestant("smallest relay", (*_PEER, "bench.peer_relay:app"), MINI)
EMPTY = Contestant("empty app, gunicorn", (*_PEER, "bench.peer_empty:app"), {})
EXPRESS = Contestant(
    "wechat-jssdk + Express", ("node", str(ROOT / "bench" / "peer_express.js")), {"NODE_ENV": "production"}
)
