"""A server whose SQLite file is deleted, replaced, locked, write-protected, spoiled, or on a full disk."""

import os
import re
import resource
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from random import Random

import pytest

from mock_wechat import MINI, OFFICIAL, MockWeChat
from tests.e2e.nodes import (
    CREDENTIALS,
    FAILS,
    TAKES_NO_WRITES,
    WORKERS,
    all_fresh,
    assert_agreement,
    assert_served_well,
    details,
    end_faults,
    every_worker_says,
    fetches,
    is_ready,
    known,
    let_every_worker_look,
    logged,
    make_stale,
    node,
    of_each_worker,
    refuse_fetches,
    warm_traffic,
)
from tests.e2e.servers import Server, eventually
from tests.e2e.traffic import UNLIMITED

OUTAGE_SECONDS = 2.0

LOG_THROUGH_A_PIPE = ("bash", "-c", 'exec "$@" > >(exec cat) 2>&1', "--")
"""so that a limit on the size of files does not meet the log"""

UNPRIVILEGED = () if os.geteuid() else ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--")
"""so that root, too, heeds the permissions of files"""

LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def wechat() -> Iterator[MockWeChat]:
    with MockWeChat(accounts=UNLIMITED) as mock:
        yield mock


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """The file, in a folder of its own."""
    (tmp_path / "store").mkdir()
    return tmp_path / "store" / "credentials.db"


@contextmanager
def serving_from(store: Path, wechat: MockWeChat, *through: str, **settings: str) -> Iterator[Server]:
    settings["WECHAT_STORE_URL"] = f"sqlite:///{store}"
    with node(store.parent.parent / "node", wechat, settings, through) as server:
        yield server


@pytest.fixture
def server(wechat: MockWeChat, store: Path) -> Iterator[Server]:
    with serving_from(store, wechat) as server:
        yield server


def all_files(store: Path) -> list[Path]:
    """The database, its write-ahead log, its shared memory."""
    return sorted(store.parent.glob(store.name + "*"))


def garbage(size: int) -> bytes:
    return Random(7).randbytes(size)  # noqa: S311 -- repeatable


def overwrite(file: Path) -> None:
    """With as many bytes, in the same file. What is still in its log is written first, or it would mend the file."""
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with file.open("r+b") as opened:
        opened.write(garbage(file.stat().st_size))
    connection.close()


def assert_unharmed(server: Server, wechat: MockWeChat, fetched: int, generations: set[tuple[str, str, int]]) -> None:
    """All is as it was, and no worker had to be started anew."""
    assert fetches(wechat) == fetched
    assert known(server) == generations
    assert_agreement(server)
    assert logged(server, "Booting worker") == WORKERS
    wechat.assert_no_dead_token_used()


# -- another file, or none


def delete_the_file(store: Path) -> None:
    store.unlink()


def delete_all_files(store: Path) -> None:
    for file in all_files(store):
        file.unlink()


def replace_by_an_empty_file(store: Path) -> None:
    other = store.with_name("other")
    other.touch()
    other.replace(store)


def put_back_an_old_copy(store: Path) -> None:
    """As a restored backup does: what it holds is dead."""
    other = store.with_name("other")
    with sqlite3.connect(store) as now, sqlite3.connect(other) as old:
        now.backup(old)
        old.execute("UPDATE credentials SET value = 'dead-' || credential, obtained_at = obtained_at - 3600")
    now.close()
    old.close()
    other.replace(store)


REPLACEMENTS = (delete_the_file, delete_all_files, replace_by_an_empty_file, put_back_an_old_copy) * 2


def test_a_new_file_is_given_what_memory_knows(server: Server, store: Path, wechat: MockWeChat) -> None:
    with warm_traffic(server) as load:
        fetched, generations = fetches(wechat), known(server)
        for replace in REPLACEMENTS:
            replace(store)
            load.go_on_until(lambda: stored(store) == generations, replace.__name__)
        eventually(lambda: is_ready(server), "all is well")
    assert_served_well(load)
    assert_unharmed(server, wechat, fetched, generations)
    assert "dead-" not in "".join(answer.text for answer in load.answers)
    assert {stat.S_IMODE(file.stat().st_mode) for file in all_files(store)} == {0o600}


def stored(store: Path) -> set[tuple[str, str, int]]:
    """Account, credential and generation of all that another process finds in the file and that is not dead."""
    names = {OFFICIAL.appid: "default", MINI.appid: "mini"}
    found = "SELECT appid, credential, generation FROM credentials WHERE value NOT LIKE 'dead-%'"
    try:
        with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as connection:
            rows = connection.execute(found).fetchall()
    except sqlite3.DatabaseError:  # there is no file yet, no table, or half of both
        return set()
    connection.close()
    return {(names[appid], credential, generation) for appid, credential, generation in rows}


# -- a file that nobody can write


@contextmanager
def locked(store: Path, _server: Server) -> Iterator[None]:
    command = [sys.executable, "-c", LOCK, str(store)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"locked\n"
        yield
        process.communicate()


@contextmanager
def immutable(store: Path, _server: Server) -> Iterator[None]:
    files = [str(file) for file in all_files(store)]
    if subprocess.run(["chattr", "+i", *files], check=False, capture_output=True).returncode:
        pytest.skip("files cannot be made immutable here")
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", *files], check=True)


@contextmanager
def files_may_not_grow(_store: Path, server: Server) -> Iterator[None]:
    """For the workers: as on a full disk, but needs no disk."""
    pids = [int(pid) for pid in re.findall(r"Booting worker with pid: (\d+)", server.log.read_text())]
    limits = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in pids}
    for pid, (_soft, hard) in limits.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        for pid, limit in limits.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limit)


@contextmanager
def disk_full(store: Path, _server: Server) -> Iterator[None]:
    filling = store.with_name("filling")
    try:
        with filling.open("wb", buffering=0) as opened:
            while opened.write(bytes(512)):
                pass
    except OSError:
        pass
    try:
        yield
    finally:
        filling.unlink()


@pytest.fixture
def small_disk(store: Path) -> Iterator[None]:
    """The store's folder is a file system of its own."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k,mode=0700", "tmpfs", str(store.parent)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    yield
    subprocess.run(["umount", "--lazy", str(store.parent)], check=True)


Cause = Callable[[Path, Server], AbstractContextManager[None]]

CAUSES = [
    pytest.param(locked, "database is locked", id="locked by another process"),
    pytest.param(immutable, "readonly database|not permitted", id="write-protected"),
    pytest.param(files_may_not_grow, "disk I/O error", id="no file may grow"),
    pytest.param(disk_full, "database or disk is full", id="on a full disk"),
]


@pytest.mark.parametrize(("cause", "said"), CAUSES)
def test_what_is_stale_is_served_while_nothing_can_be_written_and_fetched_once_afterwards(
    cause: Cause, said: str, store: Path, wechat: MockWeChat, request: pytest.FixtureRequest
) -> None:
    if cause is disk_full:
        request.getfixturevalue("small_disk")
    with serving_from(store, wechat, *LOG_THROUGH_A_PIPE) as server:
        with warm_traffic(server) as load:
            refuse_fetches(wechat)
            make_stale(store)
            let_every_worker_look(server)
            with cause(store, server):
                load.go_on_until(every_worker_says(server, text=TAKES_NO_WRITES), "all workers know")
                end_faults(wechat)
                before = fetches(wechat)
                eventually(lambda: re.search(said, str(details(server)["store"])), "the operator is told")
                load.go_on(OUTAGE_SECONDS)
                assert fetches(wechat) == before
            load.go_on_until(lambda: all_fresh(server) and is_ready(server), "all is well")
        assert_served_well(load)
        assert fetches(wechat) == before + CREDENTIALS
        assert_agreement(server)
        assert logged(server, "Booting worker") == WORKERS
        assert re.search(f"{TAKES_NO_WRITES}.*({said})", server.log.read_text())


def test_the_operator_is_told_all_the_while_that_nothing_can_be_written(store: Path, wechat: MockWeChat) -> None:
    patient = {"WECHAT_TIMING__RETRY_SECONDS": "5"}
    with serving_from(store, wechat, *LOG_THROUGH_A_PIPE, **patient) as server, warm_traffic(server) as load:
        with files_may_not_grow(store, server):
            make_stale(store)
            load.go_on_until(every_worker_says(server, text=TAKES_NO_WRITES), "all workers know")
            load.go_on(OUTAGE_SECONDS)
            assert is_degraded(server)
        assert logged(server, TAKES_NO_WRITES) == WORKERS


# -- a file that is none


def test_garbage_in_the_file_is_told_and_forgotten_with_the_file(
    server: Server, store: Path, wechat: MockWeChat
) -> None:
    with warm_traffic(server) as load:
        fetched, generations = fetches(wechat), known(server)
        overwrite(store)
        eventually(lambda: re.search("not a database|malformed", str(details(server)["store"])), "the operator is told")
        load.go_on(OUTAGE_SECONDS)
        store.unlink()
        load.go_on_until(lambda: is_ready(server), "all is well")
    assert_served_well(load)
    assert_unharmed(server, wechat, fetched, generations)
    assert re.search(f"{FAILS}.*(not a database|malformed)", server.log.read_text())


def is_degraded(server: Server) -> bool:
    """In service, but not well, whichever worker is asked."""
    return all(answer.json()["status"] == "degraded" for answer in of_each_worker(server, "/readyz"))


def put_garbage(store: Path) -> None:
    store.write_bytes(garbage(100_000))


def put_a_folder(store: Path) -> None:
    store.mkdir()


def protect_the_folder(store: Path) -> None:
    store.parent.chmod(0o500)


UNUSABLE = (put_garbage, put_a_folder, protect_the_folder)


@pytest.mark.parametrize("spoil", UNUSABLE, ids=lambda spoil: spoil.__name__)
def test_a_store_that_is_unusable_at_start_is_told_and_used_once_it_is_mended(
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
    assert fetches(wechat) == CREDENTIALS
