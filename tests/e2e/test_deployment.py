"""What stands in deploy/, as far as it can be run without systemd."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mock_wechat import MockWeChat
from tests.e2e.servers import ROOT, eventually, serving

SCRIPT = ROOT / "deploy" / "wechat.py"


def run_beside(unit_pid: int, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The script, where systemctl says that this process is the unit's."""
    systemctl = folder / "systemctl"
    systemctl.write_text(f"#!/bin/sh\necho {unit_pid}\n")
    systemctl.chmod(0o700)
    bare = {"PATH": f"{folder}:{os.environ['PATH']}"}
    command = [sys.executable, str(SCRIPT), *arguments]
    return subprocess.run(command, cwd="/", env=bare, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("command", "says"), [("status", "fresh"), ("doctor", "All is well")])
def test_a_command_runs_with_the_settings_of_the_running_server(tmp_path: Path, command: str, says: str) -> None:
    with MockWeChat() as wechat, serving(tmp_path, wechat.environment) as server:
        eventually(lambda: server.get("/api/jsapi_ticket").ok, "the credentials are there")
        eventually(lambda: server.get("/api/access_token", account="mini").ok, "the credentials are there")
        run = run_beside(server.process.pid, tmp_path, command)
    assert run.returncode == 0, run
    assert says in run.stdout


def test_a_unit_that_does_not_run_is_named(tmp_path: Path) -> None:
    run = run_beside(0, tmp_path, "status")
    assert run.returncode == 1
    assert "wechat-central-server@internal.service does not run" in run.stderr
