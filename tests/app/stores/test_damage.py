"""What others do to the stores: a clear error, or as if nothing were there; never a crash."""

import os
import resource
import signal
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import redis

from app.credential import Credential, Key
from app.exceptions import StoreUnavailable
from app.stores import FallbackShelf, RedisShelf, SQLiteShelf
from app.stores import sqlite as sqlite_module
from tests.doubles import START, FakeClock
from tests.redis_server import RedisServer

KEY = Key("wx0000000000000001", "access_token")
HASH = "test:credential:wx0000000000000001:access_token"
T1 = Credential("t1", START, START + 6600, START + 7200, 1, START)
T2 = Credential("t2", START + 10, START + 6610, START + 7210, 2, START + 10)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "c.db"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def sqlite(path: Path, clock: FakeClock) -> SQLiteShelf:
    shelf = SQLiteShelf(path, clock)
    shelf.save(KEY, T1, 0)
    return shelf


# -- SQLite


@pytest.mark.parametrize("column", ["obtained_at", "stale_at", "expires_at", "generation", "birth_seen"])
@pytest.mark.parametrize("garbage", ["soon", b"\xff", float("inf")])
def test_a_row_with_garbage_is_as_good_as_none(sqlite: SQLiteShelf, path: Path, column: str, garbage: object) -> None:
    if column == "birth_seen" and garbage == float("inf"):
        garbage = "inf"
    with sqlite3.connect(path) as other:
        other.execute(f"UPDATE credentials SET {column} = ?", (garbage,))  # noqa: S608 -- names of this file
    other.close()
    assert sqlite.load(KEY) is None
    assert sqlite.save(KEY, T2, 0)
    assert sqlite.load(KEY) == T2


def test_a_file_overwritten_with_garbage_is_unavailable_until_it_is_gone(sqlite: SQLiteShelf, path: Path) -> None:
    path.write_bytes(b"garbage " * 4096)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).write_bytes(b"garbage")
    sqlite.close()
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match=r"c\.db"):
            sqlite.load(KEY)
    for file in list(path.parent.iterdir()):
        file.unlink()
    assert sqlite.load(KEY) is None
    assert sqlite.save(KEY, T1, 0)


def test_who_learns_last_of_a_new_file_leaves_its_log_alone(sqlite: SQLiteShelf, path: Path) -> None:
    with ThreadPoolExecutor(1) as idle:
        assert idle.submit(sqlite.load, KEY).result() == T1
        other = sqlite3.connect(path)
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with path.open("r+b") as opened:
            opened.write(b"garbage " * 4096)
        other.close()
        with pytest.raises(StoreUnavailable):
            sqlite.load(KEY)
        path.unlink()
        assert sqlite.save(KEY, T1, 0)
        assert idle.submit(sqlite.load, KEY).result() == T1
        assert sqlite.save(KEY, T2, 1)
        assert idle.submit(sqlite.load, KEY).result() == T2
        idle.submit(sqlite.close).result()
        assert idle.submit(sqlite.load, KEY).result() == T2
        assert sqlite.load(KEY) == T2


def test_a_locked_file_is_read_and_not_written_to(sqlite: SQLiteShelf, path: Path) -> None:
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    assert sqlite.load(KEY) == T1
    with pytest.raises(StoreUnavailable, match="locked"):
        sqlite.save(KEY, T2, 1)
    writer.execute("ROLLBACK")
    writer.close()
    assert sqlite.save(KEY, T2, 1)


def test_a_writer_is_waited_for_a_second(sqlite: SQLiteShelf) -> None:
    with sqlite._connection() as connection:
        assert connection.execute("PRAGMA busy_timeout").fetchone() == (1000,)


def with_a_full_disk(work: Callable[[], int]) -> int:
    """What a child process in which no file may grow returns from `work`."""
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        os._exit(work())
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_on_a_full_disk_it_is_read_and_not_written_to(path: Path, clock: FakeClock, sqlite: SQLiteShelf) -> None:
    def work() -> int:
        shelf = FallbackShelf(SQLiteShelf(path, clock), clock)
        if shelf.load(KEY) != T1:
            return 1
        try:
            shelf.acquire(KEY, "a", 15)
        except StoreUnavailable:
            return 0 if shelf.load(KEY) == T1 and shelf.failure else 2
        return 3

    assert sqlite.load(KEY) == T1  # keeps the log open, so that reading needs no writing
    assert with_a_full_disk(work) == 0


def test_who_saw_no_lease_and_writes_second_gets_none(sqlite: SQLiteShelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_module, "_LEASED", "SELECT 1 WHERE 0")
    assert sqlite.acquire(KEY, "first", 15)
    assert not sqlite.acquire(KEY, "second", 15)


def test_a_child_process_never_uses_its_parents_connection(sqlite: SQLiteShelf) -> None:
    sqlite.load(KEY)
    with sqlite._connection() as parents:
        child = os.fork()
        if child == 0:
            with sqlite._connection() as childs:
                os._exit(0 if childs is not parents else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_lease_further_away_than_it_can_be_is_over(sqlite: SQLiteShelf, clock: FakeClock) -> None:
    assert sqlite.acquire(KEY, "a", 15)
    clock.advance(-0.5)
    assert not sqlite.acquire(KEY, "b", 15)
    clock.advance(-3600)
    assert sqlite.acquire(KEY, "b", 15)
    assert not sqlite.acquire(KEY, "c", 15)


# -- Redis


@pytest.fixture
def shelf(redis_server: RedisServer) -> RedisShelf:
    shelf = RedisShelf(redis_server.url, "test:")
    shelf.save(KEY, T1, 0)
    return shelf


@pytest.mark.parametrize("field", ["value", "obtained_at", "stale_at", "expires_at", "generation", "first_seen_at"])
@pytest.mark.parametrize("garbage", [None, "", "nan"])
def test_a_hash_with_garbage_is_as_good_as_none(
    shelf: RedisShelf, redis_server: RedisServer, field: str, garbage: str | None
) -> None:
    if (field, garbage) == ("value", "nan"):
        return  # a token may be called so
    if garbage is None:
        redis_server.client.hdel(HASH, field)
    else:
        redis_server.client.hset(HASH, field, garbage)
    assert shelf.load(KEY) is None
    assert shelf.save(KEY, T2, 0)
    assert shelf.load(KEY) == T2


def test_a_key_of_another_type_is_unavailable_and_left_alone(shelf: RedisShelf, redis_server: RedisServer) -> None:
    redis_server.client.set(HASH, "somebody else's")
    with pytest.raises(StoreUnavailable, match="WRONGTYPE"):
        shelf.load(KEY)
    with pytest.raises(StoreUnavailable, match="Redis: "):
        shelf.save(KEY, T2, 0)
    assert redis_server.client.get(HASH) == "somebody else's"


def test_a_value_that_is_no_utf8_is_unavailable(shelf: RedisShelf, redis_server: RedisServer) -> None:
    redis_server.client.hset(HASH, "value", b"\xff\xfe")
    with pytest.raises(StoreUnavailable, match="UnicodeDecodeError"):
        shelf.load(KEY)
    redis_server.client.delete(HASH)
    assert shelf.load(KEY) is None


def test_a_replica_is_read_and_not_written_to(redis_server: RedisServer, clock: FakeClock) -> None:
    shelf = FallbackShelf(RedisShelf(redis_server.url, "test:"), clock)
    shelf.save(KEY, T1, 0)
    redis_server.client.replicaof("127.0.0.1", "1")  # a primary that is not there
    try:
        with pytest.raises(StoreUnavailable, match="ReadOnlyError"):
            shelf.acquire(KEY, "a", 15)
        assert FallbackShelf(RedisShelf(redis_server.url, "test:"), clock).load(KEY) == T1
        assert shelf.load(KEY) == T1
        assert shelf.failure
    finally:
        redis_server.client.replicaof("NO", "ONE")
    clock.advance(1)
    assert shelf.acquire(KEY, "a", 15)
    assert shelf.failure is None


def test_a_redis_that_is_loading_is_unavailable(shelf: RedisShelf, monkeypatch: pytest.MonkeyPatch) -> None:
    def loading(_name: str) -> None:
        raise redis.BusyLoadingError("Redis is loading the dataset in memory")

    monkeypatch.setattr(shelf._redis, "hgetall", loading)
    with pytest.raises(StoreUnavailable, match="BusyLoadingError"):
        shelf.load(KEY)


def test_after_redis_was_emptied_all_agree_on_the_newest_copy(redis_server: RedisServer, clock: FakeClock) -> None:
    nodes = [FallbackShelf(RedisShelf(redis_server.url, "test:"), clock) for _ in range(3)]
    nodes[0].save(KEY, T1, 0)
    assert [node.load(KEY) for node in nodes] == [T1] * 3
    nodes[1].save(KEY, T2, 1)
    redis_server.client.flushall()
    assert nodes[0].load(KEY) == T1  # all it knows
    assert [node.load(KEY) for node in (*nodes[1:], *nodes)] == [T2] * 5
