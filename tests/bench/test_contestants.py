import subprocess
import sys
from pathlib import Path

import pytest

from bench.contestants import OURS, RELAY, WECHATPY, Contestant
from bench.processes import ROOT, environment
from mock_wechat import MockWeChat

OWN = {
    "bind",
    "child_exit",
    "config",
    "default_proc_name",
    "logger_class",
    "on_starting",
    "post_fork",
    "post_worker_init",
    "worker_tmp_dir",
    "wsgi_app",
}
"""settings of our server alone: its address, log format, heartbeat files and hooks"""


def gunicorn_settings(contestant: Contestant, wechat: MockWeChat, folder: Path) -> dict[str, str]:
    """All of gunicorn's settings, as `--print-config` shows them."""
    printed = subprocess.run(
        [*(part.replace("{port}", "8000") for part in contestant.command), "--print-config"],
        cwd=folder,
        env=environment({**wechat.environment, **contestant.environment}),
        check=True,
        capture_output=True,
        text=True,
    )
    pairs = (line.partition("=") for line in printed.stdout.splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, _, value in pairs}


@pytest.mark.parametrize("contestant", [WECHATPY, RELAY])
def test_all_contestants_run_under_the_same_gunicorn_settings(contestant: Contestant, tmp_path: Path) -> None:
    with MockWeChat() as wechat:
        ours, peer = (gunicorn_settings(one, wechat, tmp_path) for one in (OURS, contestant))
    assert ours["workers"] == "1"
    assert {name: value for name, value in ours.items() if name not in OWN} == {
        name: value for name, value in peer.items() if name not in OWN
    }


def test_our_server_is_measured_with_its_deployed_settings(tmp_path: Path) -> None:
    with MockWeChat() as wechat:
        measured = gunicorn_settings(OURS, wechat, tmp_path)
        command = (sys.executable, "-m", "gunicorn", f"--config={ROOT / 'gunicorn.conf.py'}", "wsgi:app")
        deployed = gunicorn_settings(Contestant("deployed", command, OURS.environment), wechat, tmp_path)
    assert measured | {"workers": deployed["workers"]} == deployed
