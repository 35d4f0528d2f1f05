"""A store that takes no writes is still read; one thread probes; nobody else waits."""

import threading
from dataclasses import replace

import pytest

from app.credential import Credential, Key
from app.exceptions import StoreUnavailable
from app.stores import FallbackShelf, MemoryShelf
from tests.doubles import START, FakeClock

KEY = Key("wx0000000000000001", "access_token")
OTHER = Key("wx0000000000000002", "access_token")
T1 = Credential("t1", START, START + 6600, START + 7200, 1, START)


class ReadOnly(MemoryShelf):
    """Takes no writes while `full`, answers nothing while `broken`, and counts who knocks."""

    full = False
    broken = False
    writes = 0
    reads = 0

    def load(self, key: Key) -> Credential | None:
        self._read()
        return super().load(key)

    def get(self, name: str) -> str | None:
        self._read()
        return super().get(name)

    def save(self, key: Key, credential: Credential, expected_generation: int) -> bool:
        self._write()
        return super().save(key, credential, expected_generation)

    def acquire(self, key: Key, owner: str, seconds: float) -> bool:
        self._write()
        return super().acquire(key, owner, seconds)

    def put(self, name: str, text: str, seconds: float) -> None:
        self._write()
        super().put(name, text, seconds)

    def _read(self) -> None:
        self.reads += 1
        if self.broken:
            raise StoreUnavailable("broken")

    def _write(self) -> None:
        self.writes += 1
        if self.broken or self.full:
            raise StoreUnavailable("full")


class Slow:
    """A store's read or write that takes until it may `go_on`."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.go_on = threading.Event()
        self.times = 0

    def __call__(self) -> None:
        self.times += 1
        self.begun.set()
        self.go_on.wait(60)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def inner(clock: FakeClock) -> ReadOnly:
    inner = ReadOnly(clock)
    inner.save(OTHER, T1, 0)
    inner.full = True
    return inner


@pytest.fixture
def shelf(inner: ReadOnly, clock: FakeClock) -> FallbackShelf:
    shelf = FallbackShelf(inner, clock, look_seconds=600)
    with pytest.raises(StoreUnavailable):
        shelf.acquire(KEY, "a", 15)
    return shelf


def test_after_a_failed_write_first_reads_go_on(shelf: FallbackShelf) -> None:
    assert shelf.load(OTHER) == T1
    assert shelf.get("n") is None
    assert str(shelf.failure) == "full"


def test_writes_are_probed_once_a_second(shelf: FallbackShelf, inner: ReadOnly, clock: FakeClock) -> None:
    inner.writes = 0
    for _ in range(20):
        with pytest.raises(StoreUnavailable):
            shelf.acquire(KEY, "a", 15)
        clock.advance(0.25)
    assert inner.writes == 4


def test_a_write_that_succeeds_ends_it(shelf: FallbackShelf, inner: ReadOnly, clock: FakeClock) -> None:
    inner.full = False
    clock.advance(1)
    assert shelf.acquire(KEY, "a", 15)
    assert shelf.failure is None


def test_a_failed_write_is_told_until_somebody_looks_and_finds_it_mended(
    shelf: FallbackShelf, inner: ReadOnly, clock: FakeClock
) -> None:
    clock.advance(3600)
    assert str(shelf.look()) == "full"
    inner.full = False
    assert str(shelf.look()) == "full"  # it was tried less than a second ago
    clock.advance(1)
    assert shelf.look() is None
    assert shelf.failure is None


def test_a_look_at_a_store_that_works_writes_nothing(inner: ReadOnly, clock: FakeClock) -> None:
    inner.writes = 0
    assert FallbackShelf(inner, clock).look() is None
    assert inner.writes == 0


def test_who_looks_does_not_wait_for_a_store_that_is_slow_and_the_next_one_is_told(
    inner: ReadOnly, clock: FakeClock
) -> None:
    shelf = FallbackShelf(inner, clock, look_seconds=0.01)
    shelf.put("n", "", 1)
    slow = Slow()
    inner._write = slow  # type: ignore[method-assign]
    for _ in range(5):
        clock.advance(1)
        assert str(shelf.look()) == "full"
        assert slow.begun.wait(30)
    assert slow.times == 1  # those who look do not add up behind it
    slow.go_on.set()
    for thread in threading.enumerate():
        if thread.name == "store look":
            thread.join(30)
    assert shelf.failure is None


def test_while_reads_fail_nobody_writes_either(shelf: FallbackShelf, inner: ReadOnly, clock: FakeClock) -> None:
    inner.broken = True
    clock.advance(1)
    with pytest.raises(StoreUnavailable):
        shelf.load(OTHER)
    inner.writes = inner.reads = 0
    with pytest.raises(StoreUnavailable):
        shelf.acquire(KEY, "a", 15)
    with pytest.raises(StoreUnavailable):
        shelf.load(OTHER)
    assert (inner.reads, inner.writes) == (0, 0)


def test_a_store_that_is_back_is_back_for_writes_as_well(
    shelf: FallbackShelf, inner: ReadOnly, clock: FakeClock
) -> None:
    inner.broken = True
    with pytest.raises(StoreUnavailable):
        shelf.load(OTHER)
    inner.broken = inner.full = False
    clock.advance(1)
    assert shelf.load(OTHER) == T1
    assert shelf.failure is None
    assert shelf.acquire(KEY, "a", 15)


def test_a_note_that_could_not_be_written_is_remembered(shelf: FallbackShelf) -> None:
    shelf.put("hold:x", "why", 60)
    assert shelf.get("hold:x") == "why"


def test_what_cannot_be_written_back_is_served_all_the_same(shelf: FallbackShelf, inner: ReadOnly) -> None:
    shelf.load(OTHER)
    inner._credentials.clear()
    assert shelf.load(OTHER) == T1


def test_what_could_not_be_saved_is_served_here(shelf: FallbackShelf, clock: FakeClock) -> None:
    newer = replace(T1, value="t2", generation=2, obtained_at=START + 1)
    clock.advance(1)
    assert shelf.save(OTHER, newer, 1)
    assert shelf.load(OTHER) == newer


def test_a_later_generation_is_not_replaced_by_a_copy_of_a_node_whose_clock_is_ahead(
    inner: ReadOnly, clock: FakeClock
) -> None:
    inner.full = False
    shelf = FallbackShelf(inner, clock)
    shelf.save(KEY, replace(T1, obtained_at=START + 5), 0)
    theirs = replace(T1, value="t2", generation=2, obtained_at=START + 2)
    inner.save(KEY, theirs, 1)
    assert shelf.load(KEY) == theirs


def test_one_thread_probes_while_the_others_are_told(inner: ReadOnly, clock: FakeClock) -> None:
    shelf = FallbackShelf(inner, clock)
    shelf.load(OTHER)
    inner.broken = True
    shelf.load(OTHER)
    clock.advance(1)
    probing, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        inner.reads += 1
        probing.set()
        go_on.wait(10)
        raise StoreUnavailable("broken")

    inner._read = slow  # type: ignore[method-assign]
    inner.reads = 0
    thread = threading.Thread(target=shelf.load, args=(OTHER,))
    thread.start()
    try:
        assert probing.wait(10)
        assert [shelf.load(OTHER) for _ in range(5)] == [T1] * 5
        assert inner.reads == 1
    finally:
        go_on.set()
        thread.join(10)


def test_a_clock_that_was_set_back_does_not_keep_a_mended_store_waiting(
    shelf: FallbackShelf, inner: ReadOnly, clock: FakeClock
) -> None:
    inner.full = False
    clock.advance(-3600)
    assert shelf.acquire(KEY, "a", 15)


def test_threads_that_fail_together_are_one_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    together = threading.Barrier(4)

    class Slow(MemoryShelf):
        def load(self, key: Key) -> Credential | None:  # noqa: ARG002 -- as the shelf has it
            together.wait(10)
            raise StoreUnavailable("too slow")

    shelf = FallbackShelf(Slow(FakeClock()), FakeClock())

    def ask() -> None:
        with pytest.raises(StoreUnavailable):
            shelf.load(KEY)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
