"""A server whose SQLite file is locked, on a full disk, damaged, or unusable at the start."""

import os
import re
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from random import Random

import pytest

from mock_wechat import MockWeChat
from tests.e2e.nodes import (
    CREDENTIALS,
    FAILS,
    TAKES_NO_WRITES,
    WORKERS,
    all_fresh,
    assert_agreement,
    details,
    end_faults,
    every_worker_logged,
    fetches,
    is_ready,
    loaded,
    logged,
    make_stale,
    node,
    of_each_worker,
    refuse_fetches,
)
from tests.e2e.servers import Server, eventually

LOG_THROUGH_A_PIPE = ("bash", "-c", 'exec "$@" > >(exec cat) 2>&1', "--")
"""so that a limit on the size of files does not meet the log"""

UNPRIVILEGED = () if os.geteuid() else ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--")
"""so that the permissions of files bind root, too"""

LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """The file, in a folder of its own."""
    (tmp_path / "store").mkdir()
    return tmp_path / "store" / "credentials.db"


@contextmanager
def serving_from(store: Path, wechat: MockWeChat, *through: str, **settings: str) -> Iterator[Server]:
    settings["WECHAT_STORE_URL"] = f"sqlite:///{store}"
    with node(store.parent.parent / "node", wechat.environment, settings, through) as server:
        yield server


@pytest.fixture
def server(wechat: MockWeChat, store: Path) -> Iterator[Server]:
    with serving_from(store, wechat) as server:
        yield server


def garbage(size: int) -> bytes:
    return Random(7).randbytes(size)  # noqa: S311 -- repeatable


# -- a file that cannot be written


@contextmanager
def locked(store: Path, _server: Server) -> Iterator[None]:
    command = [sys.executable, "-c", LOCK, str(store)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"locked\n"
        yield
        process.communicate()


@contextmanager
def files_may_not_grow(_store: Path, server: Server) -> Iterator[None]:
    """A limit on each worker: as on a full disk."""
    pids = [int(pid) for pid in re.findall(r"Booting worker with pid: (\d+)", server.log.read_text())]
    limits = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in pids}
    for pid, (_soft, hard) in limits.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        for pid, limit in limits.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limit)


Cause = Callable[[Path, Server], AbstractContextManager[None]]


@pytest.mark.parametrize(
    ("cause", "said"),
    [(locked, "database is locked|still writing"), (files_may_not_grow, "disk I/O error|disk is full")],
)
def test_unwritable_store_serves_stale_and_fetches_once_afterwards(
    cause: Cause, said: str, store: Path, wechat: MockWeChat
) -> None:
    with serving_from(store, wechat, *LOG_THROUGH_A_PIPE) as server:
        with loaded(server) as load:
            refuse_fetches(wechat)
            make_stale(f"sqlite:///{store}")
            of_each_worker(server, "/readyz")  # reads all credentials in the store
            with cause(store, server):
                load.go_on_until(every_worker_logged(server, text=TAKES_NO_WRITES), "all workers know")
                end_faults(wechat)
                before = fetches(wechat)
                load.go_on()
                assert is_degraded(server)
                assert re.search(said, str(details(server)["store"]))
                assert fetches(wechat) == before
            load.go_on_until(lambda: all_fresh(server) and is_ready(server), "all is well")
        assert load.failed == []
        assert fetches(wechat) == before + len(CREDENTIALS)
        assert_agreement(server)
        assert logged(server, "Booting worker") == WORKERS


# -- a damaged file


def test_memory_serves_while_the_file_is_damaged(server: Server, store: Path, wechat: MockWeChat) -> None:
    with loaded(server) as load:
        fetched = fetches(wechat)
        with closing(sqlite3.connect(store)) as connection:  # else its log would mend the file
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        os.truncate(store, 0)
        load.go_on(40)  # a worker may not notice: SQLite has read the pages before
    assert load.failed == []
    assert fetches(wechat) == fetched
    assert logged(server, "Booting worker") == WORKERS


def is_degraded(server: Server) -> bool:
    """In service, but not well, whichever worker is asked."""
    return all(answer.json()["status"] == "degraded" for answer in of_each_worker(server, "/readyz"))


def put_garbage(store: Path) -> None:
    store.write_bytes(garbage(100_000))


def protect_the_folder(store: Path) -> None:
    store.parent.chmod(0o500)


UNUSABLE = (put_garbage, protect_the_folder)


@pytest.mark.parametrize("spoil", UNUSABLE, ids=lambda spoil: spoil.__name__)
def test_store_unusable_at_start_is_told_and_used_once_mended(
    spoil: Callable[[Path], None], store: Path, wechat: MockWeChat
) -> None:
    spoil(store)
    with serving_from(store, wechat, *UNPRIVILEGED) as server:
        assert {answer.status_code for answer in of_each_worker(server, "/readyz")} == {503}
        for refused in of_each_worker(server, "/api/access_token"):
            assert refused.status_code == 503
            assert refused.json()["type"] == "/problems/store-unavailable"
        assert server.answers()
        assert fetches(wechat) == 0
        assert re.search(f"{FAILS}.*SQLite store {re.escape(str(store))}: .+", server.log.read_text())
        store.parent.rename(store.parent.with_name("spoiled"))
        eventually(lambda: is_ready(server), "all is well")
        assert_agreement(server)
        assert logged(server, "Booting worker") == WORKERS
    assert fetches(wechat) == len(CREDENTIALS)
