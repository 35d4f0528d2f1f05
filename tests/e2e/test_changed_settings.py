"""HUP: settings from files that changed, right ones and wrong ones, under a running server."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from mock_wechat import MockWeChat
from tests.e2e.servers import KEY, Server, eventually, serving

OTHER_KEY = "another-key-that-is-made-for-this"


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    path = tmp_path / "wechat.toml"
    path.write_text("")
    return path


@pytest.fixture
def server(toml: Path, tmp_path: Path) -> Iterator[Server]:
    with (
        MockWeChat() as wechat,
        serving(tmp_path, {**wechat.environment, "WECHAT_CONFIG": str(toml)}, "--workers", "2") as server,
    ):
        eventually(lambda: len(workers(server)) == 2, "both workers are there")
        yield server


def opens(server: Server, key: str) -> bool:
    headers = {"Authorization": f"Bearer {key}", "Connection": "close"}
    return requests.get(f"{server.url}/readyz", headers=headers, timeout=10).ok


def workers(server: Server) -> set[int]:
    """The processes that serve."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text()
    return {int(pid) for pid in children.split()}


def hang_up(server: Server, times: int) -> None:
    """Send HUP, and wait until gunicorn has begun with it."""
    os.kill(server.process.pid, signal.SIGHUP)
    eventually(lambda: server.log.read_text().count("Hang up") == times, "the HUP arrives")


WRONG = f'[keys.other]\nkey = "{OTHER_KEY}"\nscope = ["ops"]\n'
RIGHT = f'[keys.other]\nkey = "{OTHER_KEY}"\nscopes = ["ops"]\n'


def test_wrong_settings_change_nothing_and_mended_ones_are_live(server: Server, toml: Path) -> None:
    before = workers(server)
    toml.write_text(WRONG)
    hang_up(server, 1)
    eventually(lambda: "not reloaded" in server.log.read_text(), "the log says why")
    assert "not reloaded, the settings of before stay: [keys.other] scope: is unknown" in server.log.read_text()
    assert workers(server) == before
    assert opens(server, KEY)
    assert not opens(server, OTHER_KEY)

    toml.write_text(RIGHT)
    hang_up(server, 2)
    eventually(lambda: not workers(server) & before, "the old workers leave")
    assert all(opens(server, OTHER_KEY) for _ in range(8))
    assert server.process.poll() is None
    assert OTHER_KEY not in server.log.read_text()


def test_worker_that_takes_a_dead_ones_place_has_the_settings_of_the_others(server: Server, toml: Path) -> None:
    toml.write_text("this is no TOML")
    before = workers(server)
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: len(workers(server) - before) == 2, "two new workers")
    eventually(server.answers, "they answer")
    assert opens(server, KEY)
    assert server.process.poll() is None
