"""/metrics of two gunicorn workers: one sum, to whichever of them the scrape comes, and whatever becomes of them."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from mock_wechat import MockWeChat
from tests.e2e.servers import Server, eventually, serving, stop
from tests.exposition import value

SIGNATURE = "/api/jssdk/signature"
TWO = ("--workers", "2", "--threads", "8")


@pytest.fixture
def wechat() -> Iterator[MockWeChat]:
    with MockWeChat() as mock:
        yield mock


def workers(server: Server) -> set[int]:
    master = server.process.pid
    return {int(worker) for worker in Path(f"/proc/{master}/task/{master}/children").read_text("ascii").split()}


def mapped(worker: int, kind: str) -> set[Path]:
    """The files of this kind in which a worker counts."""
    try:
        maps = Path(f"/proc/{worker}/maps").read_text("utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return set()
    return {Path(path) for path in re.findall(rf"\S*/wechat-metrics-\w+/{kind}_\w*\.db", maps)}


def sign(server: Server) -> None:
    assert requests.get(server.url + SIGNATURE, {"url": f"{server.url}/"}, timeout=30).status_code == 200


def signed(server: Server) -> set[float | None]:
    """How many signatures were counted, as several scrapes say that go to either worker."""
    texts = [requests.get(f"{server.url}/metrics", timeout=30).text for _ in range(6)]
    return {value(text, "wechat_request_seconds_count", route=SIGNATURE, status="200") for text in texts}


def sign_until_both_have(server: Server, kind: str) -> int:
    """How many signatures it took until both workers have made one."""
    signatures = 0

    def one_more() -> bool:
        nonlocal signatures
        sign(server)
        signatures += 1
        both = workers(server)
        return len(both) == 2 and all(mapped(worker, kind) for worker in both)

    eventually(one_more, "both workers have signed")
    return signatures


def gauge(server: Server, name: str) -> float | None:
    return value(requests.get(f"{server.url}/metrics", timeout=30).text, name)


def until_both_serve(server: Server) -> None:
    """A worker that was just forked is deaf to signals."""
    eventually(lambda: gauge(server, "wechat_workers") == 2, "both workers serve")


def test_counts_of_two_workers_add_up_and_survive_their_deaths(wechat: MockWeChat, tmp_path: Path) -> None:
    with serving(tmp_path, wechat.environment, *TWO) as server:
        signatures = sign_until_both_have(server, "histogram")
        assert signed(server) == {signatures}
        first = workers(server)
        for worker, end in zip(first, (signal.SIGKILL, signal.SIGTERM), strict=True):
            os.kill(worker, end)  # a worker that ends in its own time runs what is registered at exit
        eventually(lambda: len(workers(server) - first) == 2 and server.answers(), "both workers are replaced")
        signatures += sign_until_both_have(server, "histogram")
        assert signed(server) == {signatures}
        assert gauge(server, "wechat_workers") == 2
        text = requests.get(f"{server.url}/metrics", timeout=30).text
        fetched = {"account": "default", "credential": "jsapi_ticket", "outcome": "fetched"}
        assert value(text, "wechat_refreshes_total", **fetched) == 1
        assert value(text, "wechat_credential_generation", account="default", credential="jsapi_ticket") == 1


def test_a_reload_keeps_the_counts(wechat: MockWeChat, tmp_path: Path) -> None:
    with serving(tmp_path, wechat.environment, *TWO) as server:
        until_both_serve(server)
        before = workers(server)
        sign(server)
        server.process.send_signal(signal.SIGHUP)
        eventually(lambda: not workers(server) & before and server.answers(), "both workers are replaced")
        sign(server)
        assert signed(server) == {2}
        eventually(lambda: gauge(server, "wechat_workers") == 2, "the old workers are marked")


def test_each_start_counts_anew_and_a_stop_leaves_nothing(wechat: MockWeChat, tmp_path: Path) -> None:
    for _ in range(2):
        with serving(tmp_path, wechat.environment, *TWO) as server:
            until_both_serve(server)
            sign(server)
            assert signed(server) == {1}
            (folder,) = {file.parent for worker in workers(server) for file in mapped(worker, "gauge")}
            assert folder.stat().st_mode & 0o777 == 0o700
            assert stop(server.process) == 0
        assert not folder.exists()
