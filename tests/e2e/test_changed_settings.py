"""Settings from files that changed: a HUP under a running server, and the check before it."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from mock_wechat import MockWeChat
from tests.e2e.servers import DEADLINE_SECONDS, GRANIAN, GUNICORN, ROOT, Server, eventually, free_port, serving

OTHER_KEY = "another-key-that-these-tests-add"


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    path = tmp_path / "wechat.toml"
    path.write_text("")
    return path


@pytest.fixture
def server(wechat: MockWeChat, toml: Path, tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path, {**wechat.environment, "WECHAT_CONFIG": str(toml)}, "--workers", "2") as server:
        eventually(lambda: len(server.workers()) == 2, "both workers are there")
        yield server


def opens(server: Server, key: str) -> bool:
    headers = {"Authorization": f"Bearer {key}", "Connection": "close"}
    return requests.get(f"{server.url}/readyz", headers=headers, timeout=10).ok


WRONG = f'[keys.other]\nkey = "{OTHER_KEY}"\nscope = ["ops"]\n'
RIGHT = f'[keys.other]\nkey = "{OTHER_KEY}"\nscopes = ["ops"]\n'


def test_changed_settings_are_live_after_a_reload(server: Server, toml: Path) -> None:
    assert not opens(server, OTHER_KEY)
    before = server.workers()
    toml.write_text(RIGHT)
    os.kill(server.process.pid, signal.SIGHUP)
    eventually(lambda: not server.workers() & before, "the old workers leave")
    assert all(opens(server, OTHER_KEY) for _ in range(8))
    assert OTHER_KEY not in server.log.read_text()


@pytest.mark.parametrize("command", [GUNICORN, (*GUNICORN, "--check-config"), GRANIAN])
def test_wrong_setting_is_named_without_a_traceback(toml: Path, command: tuple[str, ...]) -> None:
    """A start prints it, and `gunicorn --check-config` before a reload."""
    toml.write_text(WRONG)
    environment = {"PATH": os.environ["PATH"], "PORT": str(free_port()), "WECHAT_CONFIG": str(toml)}
    tried = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False
    )
    assert tried.returncode == 4
    assert "[keys.other] scope: is unknown" in tried.stderr
    assert "Traceback" not in tried.stderr
    assert OTHER_KEY not in tried.stderr


def test_right_settings_pass_the_check_before_a_reload(tmp_path: Path) -> None:
    account = {"WECHAT_APPID": "wx0000000000000001", "WECHAT_SECRET": "mock-official-secret"}
    environment = {"PATH": os.environ["PATH"], **account, "WECHAT_STORE_URL": f"sqlite:///{tmp_path}/store.db"}
    command = (*GUNICORN, "--check-config")
    assert subprocess.run(command, cwd=ROOT, env=environment, timeout=DEADLINE_SECONDS, check=False).returncode == 0
    assert list(tmp_path.iterdir()) == []
