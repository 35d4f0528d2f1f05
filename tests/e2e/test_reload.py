"""A server reloaded, its workers replaced: no call fails."""

import os
import signal
from pathlib import Path

import pytest

from mock_wechat import MockWeChat
from tests.e2e.callers import Load
from tests.e2e.nodes import (
    CREDENTIALS,
    FETCHED_FROM,
    WORKERS,
    all_fresh,
    assert_agreement,
    details,
    fetches,
    known,
    loaded,
    logged,
    make_stale,
    node,
    workers,
)
from tests.e2e.servers import Server, eventually
from tests.e2e.uplink import CHECK, UNHURRIED, Uplink


def await_replacement(server: Server, load: Load, before: set[int]) -> None:
    """Until all workers in `before` are gone and others serve."""

    def replaced() -> bool:
        now = server.workers()
        return not now & before and len(now) == WORKERS == workers(server)

    load.go_on_until(replaced, "the workers are replaced")


def assert_unnoticed(load: Load, server: Server, wechat: MockWeChat) -> None:
    assert load.failed == []
    assert fetches(wechat) == len(CREDENTIALS)
    assert_agreement(server)


@pytest.mark.parametrize("granian", [False, True], ids=["gunicorn", "granian"])
def test_reload_fails_no_call_and_fetches_nothing(wechat: MockWeChat, granian: bool, tmp_path: Path) -> None:
    with node(tmp_path / "node", wechat.environment, granian=granian) as server:
        with loaded(server) as load:
            generations, before = known(details(server)), server.workers()
            server.process.send_signal(signal.SIGHUP)
            await_replacement(server, load, before)
        assert_unnoticed(load, server, wechat)
        assert known(details(server)) == generations


def test_reload_waits_for_calls_and_fetches_under_way(wechat: MockWeChat, tmp_path: Path) -> None:
    """A fetch that is cut off would leave its lease behind, and be made again."""
    with Uplink(wechat) as uplink, node(tmp_path / "node", uplink.environment, UNHURRIED) as server:
        with loaded(server) as load:
            before = server.workers()
            for path in FETCHED_FROM:
                wechat.fail(path, times=None, delay_seconds=1)
            make_stale(f"sqlite:///{tmp_path}/node/credentials.db")
            uplink.hold(CHECK)
            eventually(lambda: fetches(wechat) == 2 * len(CREDENTIALS), "all credentials are being fetched")
            eventually(lambda: uplink.waiting >= WORKERS, "checks are under way")
            server.process.send_signal(signal.SIGHUP)
            eventually(lambda: logged(server, "Booting worker") == 2 * WORKERS, "new workers start")
            assert before & server.workers()
            uplink.release()
            await_replacement(server, load, before)
            load.go_on_until(lambda: all_fresh(server), "all is fresh")
        assert load.failed == []
        assert fetches(wechat) == 2 * len(CREDENTIALS)


def test_worker_that_gets_sigterm_is_replaced_and_fails_no_call(wechat: MockWeChat, tmp_path: Path) -> None:
    with node(tmp_path / "node", wechat.environment) as server:
        with loaded(server) as load:
            for _ in range(2):
                oldest = min(server.workers())
                os.kill(oldest, signal.SIGTERM)
                await_replacement(server, load, {oldest})
        assert_unnoticed(load, server, wechat)


def test_workers_that_live_for_so_many_requests_fail_no_call(wechat: MockWeChat, tmp_path: Path) -> None:
    options = {"GUNICORN_CMD_ARGS": "--max-requests 100 --max-requests-jitter 50"}
    with node(tmp_path / "node", wechat.environment, options) as server:
        with loaded(server) as load:
            load.go_on_until(lambda: logged(server, "Booting worker") >= 6, "workers were replaced")
        assert_unnoticed(load, server, wechat)
