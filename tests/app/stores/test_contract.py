"""One contract for every store."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from app.stores import MemoryStore, SealedStore, SQLiteStore, Store, open_store
from app.stores.redis import RedisStore
from tests.app.stores.conftest import KEY, OTHER, T1, T2
from tests.doubles import FakeClock
from tests.redis_server import RedisServer

STORE_KEY = "c3RvcmUta2V5LW9uZS1vZi1leGFjdGx5LTMyLWJ5dGU="


@pytest.fixture(params=["memory", "sqlite", "redis", "fallback over sqlite", "sealed sqlite"])
def store(request: pytest.FixtureRequest, clock: FakeClock, path: Path) -> Store:
    def redis(clock: FakeClock) -> Store:
        server: RedisServer = request.getfixturevalue("redis_server")
        clock.others.append(server.pass_time)
        return RedisStore(server.url, "test:")

    openers: dict[str, Callable[[FakeClock], Store]] = {
        "memory": MemoryStore,
        "sqlite": lambda clock: SQLiteStore(path, clock),
        "redis": redis,
        "fallback over sqlite": lambda clock: open_store(f"sqlite:///{path}", "", clock),
        "sealed sqlite": lambda clock: SealedStore(SQLiteStore(path, clock), [STORE_KEY]),
    }
    return openers[request.param](clock)


def test_credential_of_any_age_is_loaded_whole(store: Store, clock: FakeClock) -> None:
    assert store.load(KEY) is None
    assert store.save(KEY, T1, expected_generation=0)
    clock.advance(100_000)
    assert store.load(KEY) == T1
    assert store.load(OTHER) is None


@pytest.mark.parametrize("expected", [0, 2])
def test_saving_over_another_generation_changes_nothing(store: Store, expected: int) -> None:
    store.save(KEY, T1, 0)
    assert not store.save(KEY, T2, expected)
    assert store.load(KEY) == T1


def test_saving_over_a_missing_one_is_refused(store: Store) -> None:
    assert not store.save(KEY, T2, 1)
    assert store.load(KEY) is None


def test_saving_over_the_expected_generation_replaces_it(store: Store) -> None:
    store.save(KEY, T1, 0)
    assert store.save(KEY, T2, 1)
    assert store.load(KEY) == T2


def test_lease_has_one_owner_until_it_is_released(store: Store) -> None:
    assert store.acquire(KEY, "a", 15)
    assert not store.acquire(KEY, "b", 15)
    assert store.acquire(OTHER, "b", 15)
    store.release(KEY, "a")
    assert store.acquire(KEY, "b", 15)


def test_lease_runs_out_and_only_its_owner_releases_it(store: Store, clock: FakeClock) -> None:
    store.acquire(KEY, "a", 15)
    clock.advance(14)
    assert not store.acquire(KEY, "b", 15)
    clock.advance(1)
    assert store.acquire(KEY, "b", 15)
    store.release(KEY, "a")
    assert not store.acquire(KEY, "c", 15)


def test_one_of_many_threads_gets_the_lease(store: Store) -> None:
    got: list[bool] = []
    threads = [threading.Thread(target=lambda n=n: got.append(store.acquire(KEY, str(n), 15))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [False] * 7 + [True]


def test_entry_lasts_as_long_as_it_should(store: Store, clock: FakeClock) -> None:
    assert store.get("n") is None
    store.put("n", "first", 60)
    clock.advance(59)
    assert store.get("n") == "first"
    assert not store.add("n", "second", 60)
    clock.advance(1)
    assert store.get("n") is None
    assert store.add("n", "third", 60)


def test_entry_is_replaced_by_put_but_not_by_add(store: Store) -> None:
    assert store.add("n", "first", 60)
    assert not store.add("n", "second", 60)
    assert store.get("n") == "first"
    store.put("n", "third", 60)
    assert store.get("n") == "third"


def test_entries_are_read_together_in_the_order_of_their_names(store: Store) -> None:
    store.put("b", "2", 60)
    store.put("a", "1", 60)
    assert store.get_all(["a", "none", "b"]) == ["1", None, "2"]


def test_entry_put_for_no_time_is_forgotten(store: Store) -> None:
    store.put("n", "first", 60)
    store.put("n", "", 0)
    assert store.get("n") is None
    assert store.add("n", "second", 60)


def test_forget_takes_all_names_with_the_prefix_and_no_others(store: Store) -> None:
    names = ("job:a", "job:b", "jobs", "budget:%", "budget:a")
    for name in names:
        store.put(name, "x", 60)
    store.forget("job:")
    store.forget("budget:%")
    assert [name for name in names if store.get(name)] == ["jobs", "budget:a"]


def test_closing_loses_nothing(store: Store) -> None:
    store.save(KEY, T1, 0)
    store.close()
    assert store.load(KEY) == T1
