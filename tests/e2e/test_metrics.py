"""/metrics of two workers: one sum, whichever worker answers, also after workers were replaced."""

import os
import re
import signal
from pathlib import Path

import pytest
import requests

from mock_wechat import MockWeChat
from tests.e2e.nodes import workers
from tests.e2e.servers import Server, eventually, serving, stop
from tests.exposition import value

SIGNATURE = "/api/jssdk/signature"
TWO = ("--workers", "2", "--threads", "8")


def mapped(worker: int, kind: str = "histogram") -> set[Path]:
    """The files of this kind that a worker counts in."""
    try:
        maps = Path(f"/proc/{worker}/maps").read_text("utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return set()
    return {Path(path) for path in re.findall(rf"\S*/wechat-metrics-\w+/{kind}_\w*\.db", maps)}


def sign(server: Server) -> None:
    assert requests.get(server.url + SIGNATURE, {"url": f"{server.url}/"}, timeout=30).status_code == 200


def signed(server: Server) -> set[float | None]:
    """The number of signatures in each of several scrapes, which either worker may answer."""
    texts = [server.get("/metrics").text for _ in range(6)]
    return {value(text, "wechat_request_seconds_count", route=SIGNATURE, status="200") for text in texts}


def sign_until_both_have(server: Server) -> int:
    """Sign until both workers have made a signature; the number it took."""
    signatures = 0

    def one_more() -> bool:
        nonlocal signatures
        sign(server)
        signatures += 1
        both = server.workers()
        return len(both) == 2 and all(mapped(worker) for worker in both)

    eventually(one_more, "both workers have signed")
    return signatures


@pytest.mark.parametrize("granian", [False, True], ids=["gunicorn", "granian"])
def test_counts_of_two_workers_add_up_and_survive_deaths_and_a_reload(
    wechat: MockWeChat, granian: bool, tmp_path: Path
) -> None:
    with serving(tmp_path, wechat.environment, *TWO, granian=granian) as server:
        signatures = sign_until_both_have(server)
        assert signed(server) == {signatures}
        first = server.workers()
        for worker, end in zip(first, (signal.SIGKILL, signal.SIGTERM), strict=True):
            os.kill(worker, end)  # SIGTERM runs what is registered at exit
        eventually(lambda: len(server.workers() - first) == 2 and server.answers(), "both workers are replaced")
        signatures += sign_until_both_have(server)
        assert signed(server) == {signatures}
        assert workers(server) == 2
        text = server.get("/metrics").text
        fetched = {"account": "default", "credential": "jsapi_ticket", "outcome": "fetched"}
        assert value(text, "wechat_refreshes_total", **fetched) == 1
        assert value(text, "wechat_credential_generation", account="default", credential="jsapi_ticket") == 1
        for status in (server.get("/api/ops/status").json() for _ in range(6)):
            assert status["places"] == {"free": 12, "taken": 0, "waiting": 0}  # of both workers
            assert "jsapi_ticket" in [
                event["credential"] for event in status["accounts"][0]["events"]
            ]  # one fetched it
        before = server.workers()
        server.process.send_signal(signal.SIGHUP)
        eventually(lambda: not server.workers() & before and server.answers(), "both workers are replaced")
        eventually(lambda: workers(server) == 2, "the old workers count as gone")
        sign(server)
        assert signed(server) == {signatures + 1}


def test_each_start_counts_from_zero_and_a_stop_leaves_no_file(wechat: MockWeChat, tmp_path: Path) -> None:
    for _ in range(2):
        with serving(tmp_path, wechat.environment, *TWO) as server:
            eventually(lambda: workers(server) == 2, "both workers serve")  # a new worker ignores signals
            sign(server)
            assert signed(server) == {1}
            (folder,) = {file.parent for worker in server.workers() for file in mapped(worker, "gauge")}
            assert folder.stat().st_mode & 0o777 == 0o700
            assert stop(server.process) == 0
        assert not folder.exists()
