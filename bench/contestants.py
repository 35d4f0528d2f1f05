"""Our server and its peers, each one gunicorn worker with the same settings."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from .processes import ROOT, free_port, running

PAGE = "https://h5.example.com/shop/item?id=42&from=singlemessage&name=%E8%8C%B6&isappinstalled=0"
_PATH = f"/api/jssdk/signature?url={quote(PAGE, safe='')}"

_SETTINGS = {
    "--workers": "1",  # so that it is per core
    "--threads": "48",
    "--keep-alive": "75",
    "--limit-request-line": "8190",
    "--forwarded-allow-ips": "",
    "--forwarder-headers": "",
}
_SWITCHES = ("--no-control-socket",)
GUNICORN = (sys.executable, "-m", "gunicorn", *_SWITCHES, *(f"{k}={v}" for k, v in _SETTINGS.items()))
"""the beginning of a command; it wins over any configuration file"""

_ACCOUNT = {"WECHAT_APPID": "wx0000000000000001", "WECHAT_SECRET": "mock-official-secret"}


@dataclass(frozen=True, slots=True)
class Contestant:
    """A server that signs PAGE; `command` starts it, with gunicorn's `--bind` added."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Server:
    """A running contestant that has signed once. `process` is its master's pid."""

    name: str
    url: str
    process: int


@contextmanager
def serving(contestant: Contestant, wechat: str, folder: Path, core: int) -> Iterator[Server]:
    """Run it on one core against the mock at `wechat`; its files are in a new folder in `folder`."""
    address = f"127.0.0.1:{free_port()}"
    command = (*contestant.command, f"--bind={address}")
    environment = {"WECHAT_API_BASE": wechat, **_ACCOUNT, **contestant.environment}
    url = f"http://{address}{_PATH}"
    with running(command, url, environment, folder / contestant.name, core) as process:
        yield Server(contestant.name, url, process)


@contextmanager
def mock(folder: Path, core: int) -> Iterator[str]:
    """Run a mock WeChat on one core; its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = (sys.executable, "-m", "mock_wechat", "--port", str(port))
    with running(command, f"{url}/_mock/state", {}, folder / "mock", core):
        yield url


OURS = Contestant(
    "ours",
    (*GUNICORN, f"--config={ROOT / 'gunicorn.conf.py'}", "wsgi:app"),
    {"WECHAT_STORE_URL": "sqlite:///credentials.db", "WECHAT_JS_DOMAINS": "h5.example.com"},
)
WECHATPY = Contestant(
    "wechatpy + Flask",
    (*GUNICORN, "--worker-class=gthread", "bench.peer_wechatpy:app"),
    {"PROMETHEUS_MULTIPROC_DIR": "."},  # ours counts for several processes as well
)
