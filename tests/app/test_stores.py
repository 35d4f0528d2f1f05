"""One contract for every store, and what only SQLite or the fallback has to keep."""

import multiprocessing
import os
import sqlite3
import stat
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from app.credential import Credential, Key, Shelf
from app.exceptions import StoreUnavailable
from app.stores import FallbackShelf, MemoryShelf, RedisShelf, SealedShelf, SQLiteShelf, open_shelf
from tests.doubles import START, FakeClock
from tests.redis_server import RedisServer

KEY = Key("wx0000000000000001", "access_token")
OTHER = Key("wx0000000000000002", "access_token")
STORE_KEY = "c3RvcmUta2V5LW9uZS1vZi1leGFjdGx5LTMyLWJ5dGU="


def credential(value: str = "t1", generation: int = 1) -> Credential:
    return Credential(value, START, START + 6905.5, START + 7200, generation, START - 60, birth_seen=True)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["memory", "sqlite", "redis", "fallback over sqlite", "sealed sqlite"])
def shelf(request: pytest.FixtureRequest, clock: FakeClock, tmp_path: Path) -> Shelf:
    def redis(clock: FakeClock) -> Shelf:
        server: RedisServer = request.getfixturevalue("redis_server")
        clock.others.append(server.pass_time)
        return RedisShelf(server.url, "test:")

    openers: dict[str, Callable[[FakeClock], Shelf]] = {
        "memory": MemoryShelf,
        "sqlite": lambda clock: SQLiteShelf(tmp_path / "c.db", clock),
        "redis": redis,
        "fallback over sqlite": lambda clock: open_shelf(f"sqlite:///{tmp_path}/c.db", "", clock),
        "sealed sqlite": lambda clock: SealedShelf(SQLiteShelf(tmp_path / "c.db", clock), [STORE_KEY]),
    }
    return openers[request.param](clock)


# -- the contract


def test_nothing_is_there_at_first(shelf: Shelf) -> None:
    assert shelf.load(KEY) is None


def test_what_was_saved_is_loaded_whole(shelf: Shelf) -> None:
    assert shelf.save(KEY, credential(), expected_generation=0)
    assert shelf.load(KEY) == credential()
    assert shelf.load(OTHER) is None


def test_an_expired_credential_stays_until_it_is_replaced(shelf: Shelf, clock: FakeClock) -> None:
    shelf.save(KEY, credential(), 0)
    clock.advance(100_000)
    assert shelf.load(KEY) == credential()


@pytest.mark.parametrize("expected", [0, 2])
def test_saving_over_another_generation_is_refused_and_changes_nothing(shelf: Shelf, expected: int) -> None:
    shelf.save(KEY, credential(), 0)
    assert not shelf.save(KEY, credential("t2", 2), expected)
    assert shelf.load(KEY) == credential()


def test_saving_over_a_missing_one_is_refused(shelf: Shelf) -> None:
    assert not shelf.save(KEY, credential("t2", 2), 1)
    assert shelf.load(KEY) is None


def test_saving_over_the_expected_generation_replaces_it(shelf: Shelf) -> None:
    shelf.save(KEY, credential(), 0)
    assert shelf.save(KEY, credential("t2", 2), 1)
    assert shelf.load(KEY) == credential("t2", 2)


def test_a_lease_is_one_owners_until_it_is_released(shelf: Shelf) -> None:
    assert shelf.acquire(KEY, "a", 15)
    assert not shelf.acquire(KEY, "b", 15)
    assert shelf.acquire(OTHER, "b", 15)
    shelf.release(KEY, "a")
    assert shelf.acquire(KEY, "b", 15)


def test_a_dead_owners_lease_runs_out(shelf: Shelf, clock: FakeClock) -> None:
    shelf.acquire(KEY, "a", 15)
    clock.advance(14)
    assert not shelf.acquire(KEY, "b", 15)
    clock.advance(1)
    assert shelf.acquire(KEY, "b", 15)


def test_only_its_owner_releases_a_lease(shelf: Shelf, clock: FakeClock) -> None:
    shelf.acquire(KEY, "a", 15)
    clock.advance(15)
    shelf.acquire(KEY, "b", 15)
    shelf.release(KEY, "a")
    assert not shelf.acquire(KEY, "c", 15)


def test_one_of_many_threads_gets_the_lease(shelf: Shelf) -> None:
    got: list[bool] = []
    threads = [threading.Thread(target=lambda n=n: got.append(shelf.acquire(KEY, str(n), 15))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [False] * 7 + [True]


def test_a_note_lasts_as_long_as_it_should(shelf: Shelf, clock: FakeClock) -> None:
    assert shelf.get("hold:x") is None
    shelf.put("hold:x", "why", 60)
    clock.advance(59)
    assert shelf.get("hold:x") == "why"
    clock.advance(1)
    assert shelf.get("hold:x") is None


def test_a_note_is_replaced_by_put_but_not_by_add(shelf: Shelf) -> None:
    assert shelf.add("n", "first", 60)
    assert not shelf.add("n", "second", 60)
    assert shelf.get("n") == "first"
    shelf.put("n", "third", 60)
    assert shelf.get("n") == "third"


def test_a_note_may_be_added_when_the_last_one_is_over(shelf: Shelf, clock: FakeClock) -> None:
    shelf.add("n", "first", 60)
    clock.advance(60)
    assert shelf.add("n", "second", 60)
    assert shelf.get("n") == "second"


def test_a_note_put_for_no_time_is_forgotten(shelf: Shelf) -> None:
    shelf.put("n", "first", 60)
    shelf.put("n", "", 0)
    assert shelf.get("n") is None
    assert shelf.add("n", "second", 60)


def test_forget_takes_all_names_that_begin_so_and_no_others(shelf: Shelf) -> None:
    for name in ("hold:a", "hold:b", "holding", "pause:%", "pause:a"):
        shelf.put(name, "x", 60)
    shelf.forget("hold:")
    shelf.forget("pause:%")
    assert [name for name in ("hold:a", "hold:b", "holding", "pause:%", "pause:a") if shelf.get(name)] == [
        "holding",
        "pause:a",
    ]


def test_closing_loses_nothing(shelf: Shelf) -> None:
    shelf.save(KEY, credential(), 0)
    shelf.close()
    assert shelf.load(KEY) == credential()


# -- SQLite


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "instance" / "credentials.db"


@pytest.fixture
def sqlite(path: Path, clock: FakeClock) -> SQLiteShelf:
    return SQLiteShelf(path, clock)


def test_others_can_read_none_of_sqlites_three_files(sqlite: SQLiteShelf, path: Path) -> None:
    before = os.umask(0)
    try:
        sqlite.save(KEY, credential(), 0)
    finally:
        os.umask(before)
    names = sorted(file.name for file in path.parent.iterdir())
    assert names == ["credentials.db", "credentials.db-shm", "credentials.db-wal"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_file_that_others_could_read_is_made_private(sqlite: SQLiteShelf, path: Path) -> None:
    path.parent.mkdir()
    path.touch(0o644)
    sqlite.load(KEY)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_another_process_sees_what_was_saved(sqlite: SQLiteShelf, path: Path, clock: FakeClock) -> None:
    sqlite.save(KEY, credential(), 0)
    assert SQLiteShelf(path, clock).load(KEY) == credential()


def test_a_file_replaced_under_us_is_noticed(sqlite: SQLiteShelf, path: Path, clock: FakeClock) -> None:
    sqlite.save(KEY, credential(), 0)
    other = SQLiteShelf(path.with_name("other.db"), clock)
    other.save(KEY, credential("t9", 9), 0)
    other.close()
    path.with_name("other.db").replace(path)
    assert sqlite.load(KEY) == credential("t9", 9)


def test_a_deleted_file_is_made_anew(sqlite: SQLiteShelf, path: Path) -> None:
    sqlite.save(KEY, credential(), 0)
    for file in list(path.parent.iterdir()):
        file.unlink()
    assert sqlite.load(KEY) is None
    assert sqlite.save(KEY, credential(), 0)


def test_a_child_process_opens_a_connection_of_its_own(sqlite: SQLiteShelf) -> None:
    sqlite.save(KEY, credential(), 0)
    child = os.fork()
    if child == 0:
        os._exit(0 if sqlite.save(KEY, credential("t2", 2), 1) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert sqlite.load(KEY) == credential("t2", 2)


def test_a_file_that_another_process_is_switching_to_wal_is_tried_again(
    sqlite: SQLiteShelf, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.parent.mkdir()
    another = sqlite3.connect(path, isolation_level=None)
    another.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr("app.stores.sqlite._BUSY_SECONDS", 0.0)
    monkeypatch.setattr("app.stores.sqlite.time.sleep", lambda _seconds: another.close())
    assert sqlite.save(KEY, credential(), 0)


@pytest.mark.parametrize("_time", range(5))
def test_all_workers_may_open_a_new_file_at_once(
    path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, _time: int
) -> None:
    """They have time for one that is held up just when it has the lock."""
    monkeypatch.setattr("app.stores.sqlite._BUSY_SECONDS", 20.0)
    monkeypatch.setattr("app.stores.sqlite._SWITCH_ATTEMPTS", 400)

    fork = multiprocessing.get_context("fork")
    together = fork.Barrier(4)

    def work() -> None:
        together.wait(60)
        shelf = SQLiteShelf(path, clock)  # as each worker has one, for all its threads
        with ThreadPoolExecutor(8) as threads:
            for future in [threads.submit(shelf.acquire, Key(f"wx{n}", "access_token"), "a", 15) for n in range(8)]:
                future.result()

    workers = [fork.Process(target=work, daemon=True) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0, 0]


def test_garbage_in_place_of_the_file_is_unavailable_not_a_crash(sqlite: SQLiteShelf, path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"garbage " * 1000)
    with pytest.raises(StoreUnavailable, match=r"credentials\.db"):
        sqlite.load(KEY)


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path, clock: FakeClock) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable):
        SQLiteShelf(tmp_path / "file" / "c.db", clock).load(KEY)


def test_reading_goes_on_while_another_process_writes(sqlite: SQLiteShelf, path: Path) -> None:
    sqlite.save(KEY, credential(), 0)
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    assert sqlite.load(KEY) == credential()
    writer.close()


# -- Redis


def test_every_key_in_redis_begins_with_the_prefix_and_holds_no_value(redis_server: RedisServer) -> None:
    shelf = RedisShelf(redis_server.url, "shop[1]*:")
    shelf.save(KEY, credential("a-token-value"), 0)
    shelf.acquire(KEY, "a", 15)
    shelf.put("hold:x", "why", 60)
    names = sorted(redis_server.client.keys())
    assert names == [
        "shop[1]*:credential:wx0000000000000001:access_token",
        "shop[1]*:lease:wx0000000000000001:access_token",
        "shop[1]*:note:hold:x",
    ]


def test_forgetting_in_redis_keeps_to_the_prefix(redis_server: RedisServer) -> None:
    ours, theirs = RedisShelf(redis_server.url, "shop[1]*:"), RedisShelf(redis_server.url, "shop1:")
    ours.put("hold:x", "ours", 60)
    theirs.put("hold:x", "theirs", 60)
    ours.forget("hold:")
    assert (ours.get("hold:x"), theirs.get("hold:x")) == (None, "theirs")


def test_a_redis_that_is_not_there_is_unavailable_and_its_password_is_not_told() -> None:
    shelf = RedisShelf("redis://user:mock-redis-password@127.0.0.1:1/0", "test:")
    with pytest.raises(StoreUnavailable) as caught:
        shelf.load(KEY)
    assert caught.value.__context__ is None
    assert "mock-redis-password" not in str(caught.value)


def test_a_redis_that_does_not_answer_is_unavailable(redis_server: RedisServer) -> None:
    shelf = RedisShelf(redis_server.url, "test:")
    shelf.load(KEY)
    with redis_server.frozen(), pytest.raises(StoreUnavailable):
        shelf.load(KEY)
    assert shelf.load(KEY) is None


# -- the fallback


class Breakable(MemoryShelf):
    """A store that can be broken, and counts who knocks."""

    broken = False
    knocks = 0

    def load(self, key: Key) -> Credential | None:
        self._knock()
        return super().load(key)

    def save(self, key: Key, credential: Credential, expected_generation: int) -> bool:
        self._knock()
        return super().save(key, credential, expected_generation)

    def acquire(self, key: Key, owner: str, seconds: float) -> bool:
        self._knock()
        return super().acquire(key, owner, seconds)

    def get(self, name: str) -> str | None:
        self._knock()
        return super().get(name)

    def put(self, name: str, text: str, seconds: float) -> None:
        self._knock()
        super().put(name, text, seconds)

    def empty(self) -> None:
        self._credentials.clear()

    def _knock(self) -> None:
        self.knocks += 1
        if self.broken:
            raise StoreUnavailable("broken")


@pytest.fixture
def inner(clock: FakeClock) -> Breakable:
    return Breakable(clock)


@pytest.fixture
def fallback(inner: Breakable, clock: FakeClock) -> FallbackShelf:
    fallback = FallbackShelf(inner, clock)
    fallback.save(KEY, credential(), 0)
    return fallback


def test_memory_serves_until_the_credential_expires(
    fallback: FallbackShelf, inner: Breakable, clock: FakeClock
) -> None:
    inner.broken = True
    clock.advance(7199)
    assert fallback.load(KEY) == credential()
    clock.advance(1)
    with pytest.raises(StoreUnavailable):
        fallback.load(KEY)


def test_what_was_never_seen_cannot_be_served(fallback: FallbackShelf, inner: Breakable) -> None:
    inner.broken = True
    with pytest.raises(StoreUnavailable):
        fallback.load(OTHER)


def test_a_broken_store_is_probed_once_a_second(fallback: FallbackShelf, inner: Breakable, clock: FakeClock) -> None:
    inner.broken = True
    fallback.load(KEY)
    inner.knocks = 0
    for _ in range(20):
        fallback.load(KEY)
        clock.advance(0.25)
    assert inner.knocks == 4  # at 1, 2, 3 and 4 s


def test_a_mended_store_serves_again(fallback: FallbackShelf, inner: Breakable, clock: FakeClock) -> None:
    inner.broken = True
    fallback.load(KEY)
    assert fallback.failure
    inner.broken = False
    inner.save(KEY, credential("t2", 2), 1)
    clock.advance(1)
    assert fallback.load(KEY) == credential("t2", 2)
    assert fallback.failure is None


def test_nobody_gets_a_lease_from_memory(fallback: FallbackShelf, inner: Breakable) -> None:
    inner.broken = True
    with pytest.raises(StoreUnavailable):
        fallback.acquire(KEY, "a", 15)


def test_an_emptied_store_gets_the_live_copy_back(fallback: FallbackShelf, inner: Breakable) -> None:
    inner.empty()
    assert fallback.load(KEY) == credential()
    assert inner.load(KEY) == credential()


def test_an_expired_copy_is_not_written_back(fallback: FallbackShelf, inner: Breakable, clock: FakeClock) -> None:
    inner.empty()
    clock.advance(7200)
    assert fallback.load(KEY) is None
    assert inner.load(KEY) is None


def test_what_could_not_be_saved_is_served_and_saved_later(
    fallback: FallbackShelf, inner: Breakable, clock: FakeClock
) -> None:
    inner.broken = True
    newer = replace(credential("t2", 2), obtained_at=START + 10)
    assert fallback.save(KEY, newer, 1)
    assert fallback.load(KEY) == newer
    inner.broken = False
    clock.advance(1)
    assert fallback.load(KEY) == newer
    assert inner.load(KEY) == newer


def test_a_store_that_was_set_back_gets_the_newer_copy(fallback: FallbackShelf, inner: Breakable) -> None:
    newer = replace(credential("t2", 2), obtained_at=START + 10)
    fallback.save(KEY, newer, 1)
    inner.empty()
    inner.save(KEY, credential(), 0)
    assert fallback.load(KEY) == newer
    assert inner.load(KEY) == newer


def test_who_writes_back_second_takes_what_the_first_one_wrote(fallback: FallbackShelf, inner: Breakable) -> None:
    newer = replace(credential("t2"), generation=2)
    inner.save(KEY, newer, 1)
    inner_load = inner.load
    answers = [None]
    inner.load = lambda key: answers.pop() if answers else inner_load(key)  # type: ignore[method-assign] # emptied, then filled by another
    assert fallback.load(KEY) == newer


def test_notes_are_kept_in_memory_while_the_store_is_broken(fallback: FallbackShelf, inner: Breakable) -> None:
    inner.broken = True
    fallback.put("hold:x", "why", 60)
    assert fallback.get("hold:x") == "why"


def test_memory_tells_how_many_credentials_it_could_serve(fallback: FallbackShelf, clock: FakeClock) -> None:
    assert fallback.copies == 1
    clock.advance(7200)
    assert fallback.copies == 0


def test_notes_whose_time_is_over_are_found_without_reading_the_others(tmp_path: Path, clock: FakeClock) -> None:
    """Some are images of a megabyte: 200 of them, and each note that was put took half a second."""
    SQLiteShelf(tmp_path / "c.db", clock).put("a", "1", 60)
    connection = sqlite3.connect(tmp_path / "c.db")
    plan = connection.execute("EXPLAIN QUERY PLAN DELETE FROM notes WHERE until <= 1").fetchall()
    connection.close()
    assert "INDEX notes_by_end" in str(plan)
