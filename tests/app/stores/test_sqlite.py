"""SQLite alone: private files, processes, locks, full disks, damage."""

import multiprocessing
import os
import resource
import signal
import sqlite3
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from app.errors import StoreUnavailable
from app.stores import FallbackStore, Key, SQLiteStore
from app.stores import sqlite as sqlite_module
from tests.app.stores.conftest import KEY, T1, T2
from tests.doubles import FakeClock


@pytest.fixture
def sqlite(path: Path, clock: FakeClock) -> SQLiteStore:
    return SQLiteStore(path, clock)


@pytest.fixture
def filled(sqlite: SQLiteStore) -> SQLiteStore:
    sqlite.save(KEY, T1, 0)
    return sqlite


def in_a_child(work: Callable[[], bool]) -> bool:
    """Whether `work` holds in a forked process."""
    child = os.fork()
    if child == 0:
        passed = False
        try:
            passed = work()
        finally:
            os._exit(0 if passed else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_all_three_files_are_private(sqlite: SQLiteStore, path: Path) -> None:
    before = os.umask(0)
    try:
        sqlite.save(KEY, T1, 0)
    finally:
        os.umask(before)
    names = sorted(file.name for file in path.parent.iterdir())
    assert names == ["credentials.db", "credentials.db-shm", "credentials.db-wal"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_readable_file_is_made_private(sqlite: SQLiteStore, path: Path) -> None:
    path.parent.mkdir()
    path.touch(0o644)
    sqlite.load(KEY)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_another_process_sees_what_was_saved(filled: SQLiteStore, path: Path, clock: FakeClock) -> None:
    assert SQLiteStore(path, clock).load(KEY) == T1
    filled.close()


def test_many_threads_need_few_descriptors(filled: SQLiteStore) -> None:
    before = len([*Path("/proc/self/fd").iterdir()])
    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(filled.load, [KEY] * 64)) == [T1] * 64
        assert len([*Path("/proc/self/fd").iterdir()]) <= before + 3


def test_file_that_another_process_is_switching_to_wal_is_tried_again(
    sqlite: SQLiteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.parent.mkdir()
    another = sqlite3.connect(path, isolation_level=None)
    another.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr("app.stores.sqlite.time.sleep", lambda _seconds: another.close())
    assert sqlite.save(KEY, T1, 0)


def test_all_workers_may_open_a_new_file_at_once(path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.stores.sqlite._BUSY_SECONDS", 30.0)  # on a busy machine
    fork = multiprocessing.get_context("fork")
    together = fork.Barrier(4)

    def work() -> None:
        together.wait(60)
        store = SQLiteStore(path, clock)
        with ThreadPoolExecutor(8) as threads:
            for future in [threads.submit(store.acquire, Key(f"wx{n}", "access_token"), "a", 15) for n in range(8)]:
                future.result()

    workers = [fork.Process(target=work, daemon=True) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0, 0]


# -- locks


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Another process holds the write lock."""
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        yield


def test_locked_file_is_read_and_not_written_to(
    filled: SQLiteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.stores.sqlite._BUSY_SECONDS", 0.01)
    filled.close()
    with writing(path):
        assert filled.load(KEY) == T1
        with pytest.raises(StoreUnavailable, match="locked"):
            filled.save(KEY, T2, 1)
    assert filled.save(KEY, T2, 1)


def test_lease_is_given_once_though_two_saw_none(filled: SQLiteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_module, "_LEASED", "SELECT 1 WHERE 0")
    assert filled.acquire(KEY, "first", 15)
    assert not filled.acquire(KEY, "second", 15)


def test_lease_that_ends_later_than_it_can_is_over(filled: SQLiteStore, clock: FakeClock) -> None:
    assert filled.acquire(KEY, "a", 15)
    clock.advance(-0.5)
    assert not filled.acquire(KEY, "b", 15)
    clock.advance(-3600)
    assert filled.acquire(KEY, "b", 15)
    assert not filled.acquire(KEY, "c", 15)


# -- full disks


def on_a_full_disk(work: Callable[[], bool]) -> bool:
    """Whether `work` holds in a child process in which no file may grow."""

    def limited() -> bool:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        return work()

    return in_a_child(limited)


@pytest.mark.parametrize("closed", [False, True], ids=["while others use it", "at the first start"])
def test_on_a_full_disk_it_is_read_and_not_written_to(
    path: Path, clock: FakeClock, filled: SQLiteStore, *, closed: bool
) -> None:
    def work() -> bool:
        store = FallbackStore(SQLiteStore(path, clock), clock)
        if store.load(KEY) != T1 or store.get("n") is not None:
            return False
        with pytest.raises(StoreUnavailable):
            store.acquire(KEY, "a", 15)
        return store.load(KEY) == T1 and store.failure is not None

    if closed:
        filled.close()
    else:
        filled.load(KEY)
    assert on_a_full_disk(work)


# -- damage


@pytest.mark.parametrize("column", ["obtained_at", "stale_at", "expires_at", "generation", "birth_seen"])
@pytest.mark.parametrize("garbage", ["soon", b"\xff", "inf"])
def test_row_with_garbage_counts_as_none(filled: SQLiteStore, path: Path, column: str, garbage: object) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(f"UPDATE credentials SET {column} = ?", (garbage,))  # noqa: S608 -- names of this file
    assert filled.load(KEY) is None
    assert filled.save(KEY, T2, 0)
    assert filled.load(KEY) == T2


def test_garbage_in_place_of_the_file_is_unavailable(sqlite: SQLiteStore, path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"garbage " * 1000)
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match=r"credentials\.db"):
            sqlite.load(KEY)


def test_folder_that_cannot_be_made_is_unavailable(tmp_path: Path, clock: FakeClock) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable):
        SQLiteStore(tmp_path / "file" / "c.db", clock).load(KEY)


def overwrite(path: Path) -> None:
    path.write_bytes(b"garbage " * 4096)


def truncate(path: Path) -> None:
    os.truncate(path, 0)


@pytest.mark.parametrize("damage", [overwrite, truncate])
def test_memory_serves_while_the_open_file_is_damaged(
    path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, damage: Callable[[Path], None]
) -> None:
    monkeypatch.setattr("app.stores.sqlite._BUSY_SECONDS", 0.05)
    store, another = (FallbackStore(SQLiteStore(path, clock), clock) for _ in range(2))
    store.save(KEY, T1, 0)
    assert another.load(KEY) == T1
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    damage(path)
    for _ in range(20):
        assert [store.load(KEY), another.load(KEY)] == [T1, T1]
        clock.advance(0.3)


def test_expired_entries_are_found_by_an_index(sqlite: SQLiteStore, path: Path) -> None:
    """Some are images of a megabyte: without it, putting one of 200 took half a second."""
    sqlite.put("a", "1", 60)
    with closing(sqlite3.connect(path)) as connection:
        plan = connection.execute("EXPLAIN QUERY PLAN DELETE FROM entries WHERE until <= 1").fetchall()
    assert "INDEX entries_by_end" in str(plan)
