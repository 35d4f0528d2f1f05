"""Notes for other workers: in the store, or an error; never in this process's memory alone."""

import pytest

from app.exceptions import StoreUnavailable
from app.stores import FallbackShelf, MemoryShelf, SharedNotes
from tests.doubles import FakeClock


class Breakable(MemoryShelf):
    """Fails while `broken`; counts how often it was asked."""

    broken = False
    asked = 0

    def get(self, name: str) -> str | None:
        self._ask()
        return super().get(name)

    def put(self, name: str, text: str, seconds: float) -> None:
        self._ask()
        super().put(name, text, seconds)

    def add(self, name: str, text: str, seconds: float) -> bool:
        self._ask()
        return super().add(name, text, seconds)

    def _ask(self) -> None:
        self.asked += 1
        if self.broken:
            raise StoreUnavailable("broken")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(clock: FakeClock) -> Breakable:
    return Breakable(clock)


@pytest.fixture
def notes(store: Breakable, clock: FakeClock) -> SharedNotes:
    return SharedNotes(FallbackShelf(store, clock))


def test_notes_are_those_of_the_store(notes: SharedNotes, store: Breakable) -> None:
    notes.put("a", "1", 60)
    assert notes.add("b", "2", 60)
    assert not notes.add("b", "3", 60)
    assert (store.get("a"), notes.get("b")) == ("1", "2")
    notes.forget("a")
    assert notes.get("a") is None


def test_while_the_store_fails_each_call_says_so(notes: SharedNotes, store: Breakable) -> None:
    store.broken = True
    for attempt in (
        lambda: notes.get("a"),
        lambda: notes.put("a", "1", 60),
        lambda: notes.add("a", "1", 60),
    ):
        with pytest.raises(StoreUnavailable):
            attempt()


def test_what_could_not_be_shared_does_not_pile_up_in_memory(notes: SharedNotes, store: Breakable) -> None:
    store.broken = True
    for number in range(100):
        with pytest.raises(StoreUnavailable):
            notes.put(f"media:{number}", "x" * 1000, 60)
    assert len(notes._shelf._notes._notes) <= 1


def test_store_that_is_back_is_used_again(notes: SharedNotes, store: Breakable, clock: FakeClock) -> None:
    store.broken = True
    with pytest.raises(StoreUnavailable):
        notes.put("a", "1", 60)
    store.broken = False
    clock.advance(1)
    notes.put("a", "2", 60)
    assert store.get("a") == "2"
