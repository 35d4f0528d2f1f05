"""The command line as a process of its own, with and without a terminal."""

import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from app.stores import SQLiteStore
from app.wechat import lift
from mock_wechat import MockWeChat
from tests.app.ops.cli.conftest import USED

ROOT = Path(__file__).parents[4]
COMMAND = [sys.executable, "-m", "app.serving.cli"]


@pytest.fixture
def environment(mock_wechat_server: MockWeChat, tmp_path: Path) -> dict[str, str]:
    lift(SQLiteStore(tmp_path / "credentials.db", time.time))  # as a server's start does
    return {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "WECHAT_STORE_URL": f"sqlite:///{tmp_path}/credentials.db",
        **mock_wechat_server.environment,
        **USED,
    }


def started(environ: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], cwd=ROOT, env=environ, capture_output=True, text=True, check=False)


def on_a_terminal(environ: Mapping[str, str], *arguments: str) -> str:
    """The output on a terminal, without errors and log."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *arguments], cwd=ROOT, env=environ, stdout=theirs, stderr=subprocess.DEVNULL
    ) as process:
        os.close(theirs)
        seen = b""
        try:
            while piece := os.read(ours, 65536):
                seen += piece
        except OSError:  # the process has closed it
            pass
        process.wait()
    os.close(ours)
    return seen.decode()


def test_store_is_shared_and_the_log_stays_out_of_the_output(environment: dict[str, str]) -> None:
    empty = started(environment, "status")
    assert empty.returncode == 1
    assert [line.split()[:3] for line in empty.stdout.splitlines()[1:]] == [
        ["default", "access_token", "missing"],
        ["default", "jsapi_ticket", "missing"],
        ["mini", "access_token", "missing"],
    ]
    fetched = started(environment, "refresh", "mini", "access_token")
    assert (fetched.returncode, len(fetched.stdout.splitlines())) == (0, 1)
    assert "app.credentials" in fetched.stderr
    assert "mini     access_token  fresh" in started(environment, "status").stdout


@pytest.mark.parametrize("command", ["status", "doctor"])
def test_wrong_settings_are_plain_lines_and_json_for_scripts(environment: dict[str, str], command: str) -> None:
    result = started({**environment, "WECHAT_APPID": "wx1", "WECHAT_LISTENER": "some"}, command, "--json")
    document = json.loads(result.stdout)
    assert (result.returncode, document["well"]) == (4, False)
    first, *problems = result.stderr.splitlines()
    assert first == "The settings are wrong."
    assert [line.partition(":")[0] for line in problems] == ["WECHAT_LISTENER", "WECHAT_APPID"]
    assert document["problems"] == problems


def test_help_needs_no_settings() -> None:
    result = started({"PATH": os.environ["PATH"]}, "doctor", "--help")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("Usage: wechat-central doctor")


def test_terminal_gets_marks_and_colours(environment: dict[str, str]) -> None:
    seen = on_a_terminal(environment, "doctor")
    assert "\x1b[32m✓\x1b[0m settings" in seen
    assert "All is well." in seen
    seen = on_a_terminal({**environment, "NO_COLOR": "1"}, "doctor")
    assert "  ✓ settings" in seen
    assert "\x1b" not in seen
