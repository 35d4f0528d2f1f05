"""`make run`, as a newcomer types it."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
import requests
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from tests.e2e.servers import DEADLINE_SECONDS, ROOT, eventually, free_port

pytestmark = pytest.mark.skipif(not (ROOT / ".venv" / "ready").exists(), reason="make has not set up .venv here")


class Run:
    """A running `make run` in a session of its own, as in a terminal."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.port, self.mock_port = free_port(), free_port()
        self.output = folder / "output"
        command = ["make", "run", f"PORT={self.port}", f"MOCK_PORT={self.mock_port}", *options]
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
        environment |= {"WECHAT_CONFIG": "/of/another/server.toml", "WECHAT_WORKERS": "no number"}
        with self.output.open("wb") as file:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=file, stderr=file, start_new_session=True
            )

    def welcome(self) -> str:
        """Its output, once it reports that all is up."""
        eventually(lambda: "readyz\n" in self.printed() or self.process.poll() is not None, "the welcome")
        assert self.process.poll() is None, self.printed()
        return self.printed()

    def printed(self) -> str:
        return self.output.read_text()

    def processes(self) -> list[int]:
        """The processes of its session."""
        listed = subprocess.run(
            ["ps", "-o", "pid=", "-s", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        return [int(pid) for pid in listed.stdout.split()]


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Run]:
    run = Run(folder, *options)
    try:
        yield run
    finally:
        for pid in run.processes():
            os.kill(pid, signal.SIGKILL)
        run.process.wait(DEADLINE_SECONDS)


def signed_and_verified(run: Run, page: str = "") -> bool:
    server = f"http://127.0.0.1:{run.port}/"
    config = requests.get(f"{server}api/jssdk/signature", {"url": page or server}, timeout=10).json()
    config["appid"] = config.pop("appId")
    verdict = requests.get(f"http://127.0.0.1:{run.mock_port}/_mock/verify", config, timeout=10).json()
    return bool(verdict["valid"])


@pytest.mark.parametrize(("how", "server"), [("Ctrl-C", "gunicorn"), ("SIGTERM", "granian")])
def test_it_signs_and_stops_without_leaving_a_process_behind(tmp_path: Path, how: str, server: str) -> None:
    """Also a page at each given origin. The second case starts with a new store, whatever the first one stored."""
    with running(tmp_path, "ORIGIN=http://localhost:5173/ http://127.0.0.1:3000", f"SERVER={server}") as run:
        run.welcome()
        assert signed_and_verified(run)
        assert signed_and_verified(run, "http://localhost:5173/page?a=1")
        assert signed_and_verified(run, "http://127.0.0.1:3000/")
        if how == "Ctrl-C":
            os.killpg(run.process.pid, signal.SIGINT)
        else:
            run.process.send_signal(signal.SIGTERM)
        run.process.wait(DEADLINE_SECONDS)
        eventually(lambda: not run.processes(), "every process is gone")
        assert "Traceback" not in run.printed()


def test_messages_reach_the_developers_own_server(tmp_path: Path) -> None:
    server = make_server("127.0.0.1", 0, Response("success"))
    Thread(target=server.serve_forever, daemon=True).start()
    message = {"appid": "wx0000000000000002", "type": "text", "content": "你好"}
    with running(tmp_path, f"FORWARD=http://127.0.0.1:{server.port}/push?from=wechat&a=1") as run:
        run.welcome()
        sent = requests.post(f"http://127.0.0.1:{run.mock_port}/_mock/messages", json=message, timeout=10).json()
    server.shutdown()
    assert [one["answer"] for one in sent["pushes"]] == ["success"]


def test_every_command_that_it_prints_works(tmp_path: Path) -> None:
    assert shutil.which("curl"), "curl is needed to try what make run prints"
    with running(tmp_path) as run:
        lines = re.findall(r"^  (.*curl .*)$", run.welcome(), re.MULTILINE)
        paths = re.compile(r":\d+(/(?:api|cgi-bin|healthz|readyz)[a-z_/-]*)")
        endpoints = {path for line in lines for path in paths.findall(line)}
        assert endpoints == {
            "/api/jssdk/signature",
            "/api/jssdk/refused",
            "/api/jssdk/diagnose",
            "/api/access_token",
            "/api/access_token/refresh",
            "/api/jsapi_ticket",
            "/api/jsapi_ticket/refresh",
            "/api/moderation/text",
            "/api/moderation/text/batch",
            "/api/moderation/image",
            "/api/moderation/media",
            "/cgi-bin/token",
            "/cgi-bin/getcallbackip",
            "/healthz",
            "/readyz",
        }
        for line in lines:
            tried = subprocess.run(
                ["bash", "-c", line.replace("curl ", "curl -sSf ")], capture_output=True, text=True, check=False
            )
            assert tried.returncode == 0, (line, tried.stderr)
            assert tried.stdout.startswith("{")


@pytest.mark.parametrize("taken", ["PORT", "MOCK_PORT"])
def test_taken_port_is_named(taken: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number = listener.getsockname()[1]
        ports = {"PORT": free_port(), "MOCK_PORT": free_port(), taken: number}
        command = ["make", "run", *(f"{name}={port}" for name, port in ports.items())]
        tried = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=DEADLINE_SECONDS)
    printed = tried.stdout + tried.stderr
    assert tried.returncode != 0
    assert f"Port {number} is taken" in printed
    assert "Traceback" not in printed


def test_help_lists_every_command() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("run", "test", "check-fast", "bench", "format", "lock", "clean"):
        assert f"make {target}" in shown
    assert "ORIGIN=" in shown


def test_this_suite_runs_on_the_python_that_make_installed() -> None:
    if os.environ.get("CI"):
        assert Path(sys.prefix) == ROOT / ".venv"
