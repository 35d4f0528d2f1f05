"""gunicorn reloaded, its workers replaced: no caller notices."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_wechat import MockWeChat
from tests.e2e.nodes import (
    CREDENTIALS,
    FETCHED_FROM,
    WORKERS,
    all_fresh,
    assert_agreement,
    end_faults,
    fetches,
    known,
    logged,
    make_stale,
    node,
    warm_traffic,
    workers,
)
from tests.e2e.servers import Server, eventually
from tests.e2e.traffic import UNLIMITED, Traffic, check

CHECK = "/wxa/msg_sec_check"


@pytest.fixture
def wechat() -> Iterator[MockWeChat]:
    with MockWeChat(accounts=UNLIMITED) as mock:
        yield mock


@pytest.fixture
def server(wechat: MockWeChat, tmp_path: Path) -> Iterator[Server]:
    with node(tmp_path / "node", wechat) as server:
        yield server


def pids(server: Server, doing: str) -> list[int]:
    """The workers of which the log says that they are `Booting` or `exiting`, oldest first."""
    return [int(pid) for pid in re.findall(rf"{doing}[\w ]*\(?pid: (\d+)", server.log.read_text())]


def alive(server: Server) -> list[int]:
    """The workers that there are, oldest first."""
    gone = pids(server, "exiting ")
    return [pid for pid in pids(server, "Booting ") if pid not in gone]


def let_replace(server: Server, load: Traffic, before: list[int], count: int = WORKERS) -> None:
    """Wait until all workers in `before` are gone and `count` others serve."""

    def replaced() -> bool:
        now = alive(server)
        return not set(now) & set(before) and len(now) == count and workers(server) == count

    load.go_on_until(replaced, "the workers are replaced")


def assert_unnoticed(load: Traffic, server: Server, wechat: MockWeChat) -> None:
    assert load.failed == []
    assert fetches(wechat) == CREDENTIALS
    assert_agreement(server)


def test_a_reload_fails_no_call_and_fetches_nothing(server: Server, wechat: MockWeChat) -> None:
    with warm_traffic(server) as load:
        generations = known(server)
        for _ in range(3):
            before = alive(server)
            server.process.send_signal(signal.SIGHUP)
            let_replace(server, load, before)
    assert_unnoticed(load, server, wechat)
    assert known(server) == generations


def test_a_reload_waits_for_the_calls_that_are_under_way(server: Server, wechat: MockWeChat) -> None:
    with warm_traffic(server, calls=[check]) as load:
        wechat.fail(CHECK, times=None, delay_seconds=1)
        load.go_on(1)
        before, answered = alive(server), len(load.answers)
        server.process.send_signal(signal.SIGHUP)
        load.go_on(1)
        assert len(load.answers) > answered
        assert min(answer.seconds for answer in load.answers[answered:]) > 1  # all of them were under way
        end_faults(wechat)
        let_replace(server, load, before)
    assert_unnoticed(load, server, wechat)


def test_a_refresh_that_is_under_way_survives_a_reload(wechat: MockWeChat, tmp_path: Path) -> None:
    """A fetch that is cut off leaves its lease behind, and is made again when that runs out."""
    with node(tmp_path / "node", wechat) as server:
        with warm_traffic(server) as load:
            for path in FETCHED_FROM:
                wechat.fail(path, times=None, delay_seconds=1)
            make_stale(tmp_path / "node" / "credentials.db")
            before = alive(server)
            eventually(lambda: fetches(wechat) == 2 * CREDENTIALS, "all credentials are being fetched")
            server.process.send_signal(signal.SIGHUP)
            let_replace(server, load, before)
            load.go_on_until(lambda: all_fresh(server), "all is fresh")
        assert load.failed == []
        assert fetches(wechat) == 2 * CREDENTIALS


def test_a_worker_that_is_told_to_go_is_replaced_and_fails_no_call(server: Server, wechat: MockWeChat) -> None:
    with warm_traffic(server) as load:
        for _ in range(4):
            oldest = alive(server)[:1]
            os.kill(oldest[0], signal.SIGTERM)
            let_replace(server, load, oldest)
    assert_unnoticed(load, server, wechat)


def test_more_and_fewer_workers_fail_no_call(server: Server, wechat: MockWeChat) -> None:
    with warm_traffic(server) as load:
        for _ in range(2):
            server.process.send_signal(signal.SIGTTIN)
            let_replace(server, load, [], WORKERS + 1)
            oldest = alive(server)[:1]
            server.process.send_signal(signal.SIGTTOU)
            let_replace(server, load, oldest)
    assert_unnoticed(load, server, wechat)


def test_workers_that_live_for_so_many_requests_fail_no_call(wechat: MockWeChat, tmp_path: Path) -> None:
    options = {"GUNICORN_CMD_ARGS": "--max-requests 100 --max-requests-jitter 50"}
    with node(tmp_path / "node", wechat, options) as server:
        with warm_traffic(server) as load:
            load.go_on_until(lambda: logged(server, "Booting worker") >= 8, "workers have come and gone")
        assert_unnoticed(load, server, wechat)
