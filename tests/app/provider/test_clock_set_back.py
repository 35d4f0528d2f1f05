"""NTP, or a machine that resumes, sets the clock back: nobody waits for hours, nothing is trusted for too long."""

import threading

import pytest

from app.credential import State
from app.exceptions import CredentialUnavailable, WeChatUnavailable
from app.provider import WaitingRoom, lifetimes
from app.stores import FallbackShelf
from app.wechat import Issued
from tests.app.provider.nursery import DOWN, KEY, Nursery
from tests.doubles import START, FakeClock

HOURS = 3 * 3600.0


def test_a_credential_of_the_future_is_served_and_looked_at(nursery: Nursery) -> None:
    nursery.provider.get()
    nursery.clock.advance(-HOURS)
    assert nursery.provider.get().value == "t1"
    second = nursery.provider.get()
    assert (second.value, second.expires_at) == ("t2", nursery.clock() + 7200)
    nursery.provider.get()
    assert nursery.wechat.fetches == 2


def test_the_clocks_of_two_nodes_may_be_a_minute_apart(nursery: Nursery) -> None:
    nursery.provider.get()
    nursery.clock.advance(-60)
    assert nursery.provider.get().state(nursery.clock()) is State.FRESH
    assert nursery.wechat.fetches == 1


def test_a_ticket_of_the_future_gets_new_times() -> None:
    first = lifetimes.ticket(None, Issued("k1", 7200), START)
    again = lifetimes.ticket(first, Issued("k1", 7200), START - HOURS)
    assert (again.stale_at, again.expires_at) == (START - HOURS + 300, START - HOURS + 7200)
    other = lifetimes.ticket(first, Issued("k2", 7200), START - HOURS)
    assert (other.stale_at, other.expires_at) == (START - HOURS + 300, START - HOURS + 7200)
    assert other.generation == 2


def test_a_pause_that_lies_in_the_future_is_over(nursery: Nursery) -> None:
    nursery.wechat.failure = DOWN
    with pytest.raises(WeChatUnavailable):
        nursery.provider.get()
    nursery.clock.advance(-HOURS)
    nursery.wechat.failure = None
    assert nursery.provider.get().value == "t2"


def test_a_pause_is_doubled_at_most(nursery: Nursery) -> None:
    nursery.wechat.failure = DOWN
    with pytest.raises(WeChatUnavailable):
        nursery.provider.get()
    nursery.clock.advance(-0.9)
    nursery.wechat.failure = None
    with pytest.raises(WeChatUnavailable) as told:
        nursery.provider.get()
    assert told.value.retry_after == pytest.approx(1.9)
    nursery.clock.advance(1.9)
    assert nursery.provider.get().value == "t2"


def test_a_put_off_refresh_that_lies_in_the_future_is_made(nursery: Nursery) -> None:
    nursery.provider.get()
    nursery.clock.advance(6600)
    nursery.wechat.failure = DOWN
    nursery.provider.get()
    nursery.wechat.failure = None
    nursery.clock.advance(-6600 - 100)  # misdated, so STALE
    nursery.provider.get()
    assert nursery.provider.get().value == "t3"


def test_who_leaves_the_look_to_another_looks_again(nursery: Nursery) -> None:
    nursery.provider.get()
    nursery.clock.advance(6600)
    nursery.shelf.acquire(KEY, "another", 15)
    nursery.provider.get()  # quiet for a second now
    nursery.clock.advance(-HOURS)
    nursery.provider.get()
    assert nursery.provider.get().value == "t2"


def test_a_lease_that_lies_in_the_future_keeps_nobody(nursery: Nursery) -> None:
    nursery.shelf.acquire(KEY, "killed", 15)
    nursery.clock.advance(-HOURS)
    assert nursery.provider.get().value == "t1"


def test_who_waits_when_it_happens_waits_no_longer_than_twice_lock_wait(nursery: Nursery) -> None:
    slept = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        nursery.clock.advance(seconds)
        if len(slept) == 100:
            nursery.clock.advance(-HOURS)
        nursery.shelf._leases[KEY] = ("another", nursery.clock() + 10)

    nursery.shelf.acquire(KEY, "another", 15)
    object.__setattr__(nursery.around, "sleep", sleep)
    with pytest.raises(CredentialUnavailable):
        nursery.provider.get()
    assert sum(slept) <= 10.1


def test_nobody_is_one_of_a_crowd_for_hours() -> None:
    clock = FakeClock()
    room = WaitingRoom(1, 2, clock)
    first_is_in, go_on = threading.Event(), threading.Event()

    def first() -> None:
        with room.seat():
            first_is_in.set()
            go_on.wait(10)

    thread = threading.Thread(target=first)
    thread.start()
    assert first_is_in.wait(10)
    try:
        with room.seat():
            clock.advance(-HOURS)
            with pytest.raises(CredentialUnavailable):
                room.leave_if_crowded()
    finally:
        go_on.set()
        thread.join(10)


def test_a_copy_of_the_future_does_not_replace_what_another_process_fetched(nursery: Nursery) -> None:
    here, there = (nursery.another_node("", FallbackShelf(nursery.shelf, nursery.clock)) for _ in range(2))
    here.get()
    nursery.clock.advance(-HOURS)
    there.get()
    assert there.get().value == "t2"
    assert [here.get().value, there.get().value, here.get().value] == ["t2"] * 3
    assert nursery.wechat.fetches == 2


def test_a_clock_set_forward_is_an_expiry_as_any_other(nursery: Nursery) -> None:
    nursery.provider.get()
    nursery.clock.advance(30 * 86_400)
    assert nursery.provider.get().value == "t2"
    assert nursery.wechat.fetches == 2
