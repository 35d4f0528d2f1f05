"""A failing store: memory serves, one caller a second tries it, and one that takes no writes is still read."""

import threading
from dataclasses import replace
from typing import Any

import pytest

from app.errors import StoreUnavailable
from app.stores import Credential, FallbackStore, Key, MemoryStore, SharedEntries
from tests.app.stores.conftest import KEY, OTHER, T1, T2
from tests.doubles import FakeClock

READS, WRITES = ("load", "get"), ("save", "acquire", "put", "add", "forget")


class Flaky(MemoryStore):
    """Takes no writes while `full`, answers nothing while `broken`, and counts calls."""

    full = broken = False
    reads = writes = 0

    def __getattribute__(self, name: str) -> Any:
        if name in READS:
            self.reads += 1
            self.on_read()
        if name in WRITES:
            self.writes += 1
            if self.broken or self.full:
                raise StoreUnavailable("full")
        return super().__getattribute__(name)

    def on_read(self) -> None:
        if self.broken:
            raise StoreUnavailable("broken")

    def empty(self) -> None:
        self._credentials.clear()


@pytest.fixture
def inner(clock: FakeClock) -> Flaky:
    return Flaky(clock)


@pytest.fixture
def store(inner: Flaky, clock: FakeClock) -> FallbackStore:
    """Holds T1 and remembers it."""
    store = FallbackStore(inner, clock)
    store.save(KEY, T1, 0)
    return store


@pytest.fixture
def full(store: FallbackStore, inner: Flaky) -> FallbackStore:
    """The same, after a failed write."""
    inner.full = True
    with pytest.raises(StoreUnavailable):
        store.acquire(KEY, "a", 15)
    return store


# -- a store that does not answer


def test_memory_serves_until_the_credential_expires(store: FallbackStore, inner: Flaky, clock: FakeClock) -> None:
    inner.broken = True
    clock.advance(7199)
    assert store.load(KEY) == T1
    assert store.copies == 1
    clock.advance(1)
    assert store.copies == 0
    with pytest.raises(StoreUnavailable):
        store.load(KEY)


def test_unknown_credential_and_lease_are_unavailable(store: FallbackStore, inner: Flaky) -> None:
    inner.broken = True
    with pytest.raises(StoreUnavailable):
        store.load(OTHER)
    with pytest.raises(StoreUnavailable):
        store.acquire(KEY, "a", 15)


def test_broken_store_is_tried_once_a_second(store: FallbackStore, inner: Flaky, clock: FakeClock) -> None:
    inner.broken = True
    store.load(KEY)
    inner.reads = inner.writes = 0
    for _ in range(20):
        store.load(KEY)
        store.put("n", "", 1)
        clock.advance(0.25)
    assert inner.reads + inner.writes == 4  # at 1, 2, 3 and 4 s


def test_one_caller_tries_while_the_others_are_served(store: FallbackStore, inner: Flaky, clock: FakeClock) -> None:
    inner.broken = True
    store.load(KEY)
    clock.advance(1)
    trying, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        trying.set()
        go_on.wait(10)
        raise StoreUnavailable("broken")

    inner.on_read = slow  # type: ignore[method-assign]
    inner.reads = 0
    thread = threading.Thread(target=store.load, args=(KEY,))
    thread.start()
    try:
        assert trying.wait(10)
        assert [store.load(KEY) for _ in range(5)] == [T1] * 5
        assert inner.reads == 1
    finally:
        go_on.set()
        thread.join(10)


def test_mended_store_serves_again_for_reads_and_writes(full: FallbackStore, inner: Flaky, clock: FakeClock) -> None:
    inner.broken = True
    full.load(KEY)
    inner.broken = inner.full = False
    inner.save(KEY, T2, 1)
    assert full.load(KEY) == T1
    clock.advance(1)
    assert full.load(KEY) == T2
    assert full.failure is None
    assert full.acquire(KEY, "a", 15)


def test_entries_are_kept_in_memory_meanwhile(store: FallbackStore, inner: Flaky) -> None:
    inner.broken = True
    store.put("cooldown:x", "why", 60)
    assert store.get("cooldown:x") == "why"
    assert not store.add("cooldown:x", "again", 60)


def test_threads_that_fail_together_log_one_line(caplog: pytest.LogCaptureFixture) -> None:
    together = threading.Barrier(4)

    class Slow(MemoryStore):
        def load(self, key: Key) -> Credential | None:  # noqa: ARG002 -- as the protocol has it
            together.wait(10)
            raise StoreUnavailable("too slow")

    store = FallbackStore(Slow(FakeClock()), FakeClock())

    def ask() -> None:
        with pytest.raises(StoreUnavailable):
            store.load(KEY)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert [record.levelname for record in caplog.records] == ["ERROR"]


# -- a store that takes no writes


def test_store_that_takes_no_writes_is_read(full: FallbackStore, inner: Flaky) -> None:
    MemoryStore.save(inner, OTHER, T2, 0)  # by another process
    assert full.load(OTHER) == T2
    assert full.get("n") is None
    assert str(full.failure) == "full"


def test_writes_are_tried_once_a_second(full: FallbackStore, inner: Flaky, clock: FakeClock) -> None:
    inner.writes = 0
    for _ in range(20):
        with pytest.raises(StoreUnavailable):
            full.acquire(KEY, "a", 15)
        clock.advance(0.25)
    assert inner.writes == 4


def test_check_tries_a_failed_store_and_leaves_a_working_one_alone(
    full: FallbackStore, inner: Flaky, clock: FakeClock
) -> None:
    clock.advance(3600)
    assert str(full.check()) == "full"
    inner.full = False
    assert str(full.check()) == "full"  # it was tried less than a second ago
    clock.advance(1)
    assert full.check() is None
    inner.writes = 0
    assert full.check() is None
    assert inner.writes == 0


# -- a store that lost something


def test_emptied_store_gets_the_live_copy_back(store: FallbackStore, inner: Flaky) -> None:
    inner.empty()
    assert store.load(KEY) == T1
    assert inner.load(KEY) == T1


def test_expired_copy_is_not_written_back(store: FallbackStore, inner: Flaky, clock: FakeClock) -> None:
    inner.empty()
    clock.advance(7200)
    assert store.load(KEY) is None
    assert inner.load(KEY) is None


def test_store_that_was_set_back_gets_the_newer_copy(store: FallbackStore, inner: Flaky) -> None:
    store.save(KEY, T2, 1)
    inner.empty()
    inner.save(KEY, T1, 0)
    assert store.load(KEY) == T2
    assert inner.load(KEY) == T2


def test_unsaved_credential_is_served_and_saved_later(store: FallbackStore, inner: Flaky, clock: FakeClock) -> None:
    inner.full = True
    assert store.save(KEY, T2, 1)
    assert store.load(KEY) == T2
    inner.full = False
    clock.advance(1)
    assert store.load(KEY) == T2
    assert inner.load(KEY) == T2


def test_later_generation_of_a_node_with_a_slower_clock_is_kept(store: FallbackStore, inner: Flaky) -> None:
    theirs = replace(T1, value="t2", generation=2, obtained_at=T1.obtained_at - 2)
    inner.save(KEY, theirs, 1)
    assert store.load(KEY) == theirs


# -- entries for other workers


def test_shared_entries_are_in_the_store_or_nowhere(store: FallbackStore, inner: Flaky, clock: FakeClock) -> None:
    entries = SharedEntries(store)
    entries.put("a", "1", 60)
    assert not entries.add("a", "2", 60)
    assert inner.get("a") == entries.get("a") == "1"
    entries.forget("a")
    assert entries.get("a") is None
    inner.broken = True
    for attempt in (lambda: entries.get("a"), lambda: entries.put("a", "1", 60), lambda: entries.add("a", "1", 60)):
        with pytest.raises(StoreUnavailable):
            attempt()
    assert not store._entries._entries
    inner.broken = False
    clock.advance(1)
    entries.put("a", "3", 60)
    assert inner.get("a") == "3"
