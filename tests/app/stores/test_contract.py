"""One contract for every store."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from app.credential import Shelf
from app.stores import MemoryShelf, RedisShelf, SealedShelf, SQLiteShelf, open_shelf
from tests.app.stores.conftest import KEY, OTHER, T1, T2
from tests.doubles import FakeClock
from tests.redis_server import RedisServer

STORE_KEY = "c3RvcmUta2V5LW9uZS1vZi1leGFjdGx5LTMyLWJ5dGU="


@pytest.fixture(params=["memory", "sqlite", "redis", "fallback over sqlite", "sealed sqlite"])
def shelf(request: pytest.FixtureRequest, clock: FakeClock, path: Path) -> Shelf:
    def redis(clock: FakeClock) -> Shelf:
        server: RedisServer = request.getfixturevalue("redis_server")
        clock.others.append(server.pass_time)
        return RedisShelf(server.url, "test:")

    openers: dict[str, Callable[[FakeClock], Shelf]] = {
        "memory": MemoryShelf,
        "sqlite": lambda clock: SQLiteShelf(path, clock),
        "redis": redis,
        "fallback over sqlite": lambda clock: open_shelf(f"sqlite:///{path}", "", clock),
        "sealed sqlite": lambda clock: SealedShelf(SQLiteShelf(path, clock), [STORE_KEY]),
    }
    return openers[request.param](clock)


def test_credential_is_loaded_whole_whatever_its_age(shelf: Shelf, clock: FakeClock) -> None:
    assert shelf.load(KEY) is None
    assert shelf.save(KEY, T1, expected_generation=0)
    clock.advance(100_000)
    assert shelf.load(KEY) == T1
    assert shelf.load(OTHER) is None


@pytest.mark.parametrize("expected", [0, 2])
def test_saving_over_another_generation_changes_nothing(shelf: Shelf, expected: int) -> None:
    shelf.save(KEY, T1, 0)
    assert not shelf.save(KEY, T2, expected)
    assert shelf.load(KEY) == T1


def test_saving_over_a_missing_one_is_refused(shelf: Shelf) -> None:
    assert not shelf.save(KEY, T2, 1)
    assert shelf.load(KEY) is None


def test_saving_over_the_expected_generation_replaces_it(shelf: Shelf) -> None:
    shelf.save(KEY, T1, 0)
    assert shelf.save(KEY, T2, 1)
    assert shelf.load(KEY) == T2


def test_lease_has_one_owner_until_it_is_released(shelf: Shelf) -> None:
    assert shelf.acquire(KEY, "a", 15)
    assert not shelf.acquire(KEY, "b", 15)
    assert shelf.acquire(OTHER, "b", 15)
    shelf.release(KEY, "a")
    assert shelf.acquire(KEY, "b", 15)


def test_lease_runs_out_and_only_its_owner_releases_it(shelf: Shelf, clock: FakeClock) -> None:
    shelf.acquire(KEY, "a", 15)
    clock.advance(14)
    assert not shelf.acquire(KEY, "b", 15)
    clock.advance(1)
    assert shelf.acquire(KEY, "b", 15)
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


def test_note_lasts_as_long_as_it_should(shelf: Shelf, clock: FakeClock) -> None:
    assert shelf.get("n") is None
    shelf.put("n", "first", 60)
    clock.advance(59)
    assert shelf.get("n") == "first"
    assert not shelf.add("n", "second", 60)
    clock.advance(1)
    assert shelf.get("n") is None
    assert shelf.add("n", "third", 60)


def test_note_is_replaced_by_put_but_not_by_add(shelf: Shelf) -> None:
    assert shelf.add("n", "first", 60)
    assert not shelf.add("n", "second", 60)
    assert shelf.get("n") == "first"
    shelf.put("n", "third", 60)
    assert shelf.get("n") == "third"


def test_note_put_for_no_time_is_forgotten(shelf: Shelf) -> None:
    shelf.put("n", "first", 60)
    shelf.put("n", "", 0)
    assert shelf.get("n") is None
    assert shelf.add("n", "second", 60)


def test_forget_takes_all_names_with_the_prefix_and_no_others(shelf: Shelf) -> None:
    names = ("hold:a", "hold:b", "holding", "pause:%", "pause:a")
    for name in names:
        shelf.put(name, "x", 60)
    shelf.forget("hold:")
    shelf.forget("pause:%")
    assert [name for name in names if shelf.get(name)] == ["holding", "pause:a"]


def test_closing_loses_nothing(shelf: Shelf) -> None:
    shelf.save(KEY, T1, 0)
    shelf.close()
    assert shelf.load(KEY) == T1
