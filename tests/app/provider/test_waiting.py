"""The waiting room: who may wait, and who is told at once."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from app.exceptions import CredentialUnavailable, WeChatUnavailable
from app.provider import WaitingRoom
from tests.app.provider.nursery import DOWN, Nursery
from tests.doubles import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def room(clock: FakeClock) -> WaitingRoom:
    return WaitingRoom(1, 2, clock)


@contextmanager
def somebody_waits(room: WaitingRoom) -> Iterator[None]:
    """Within this block another thread has a seat."""
    seated, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        with room.seat():
            seated.set()
            go_on.wait(10)

    thread = threading.Thread(target=wait)
    thread.start()
    assert seated.wait(10)
    try:
        yield
    finally:
        go_on.set()
        thread.join(10)


def test_a_crowd_may_wait_two_seconds(room: WaitingRoom, clock: FakeClock) -> None:
    with somebody_waits(room), room.seat():
        clock.advance(1.9)
        room.leave_if_crowded()
        clock.advance(0.1)
        with pytest.raises(CredentialUnavailable):
            room.leave_if_crowded()


def test_who_came_first_may_stay(room: WaitingRoom, clock: FakeClock) -> None:
    with room.seat(), somebody_waits(room):
        clock.advance(10)
        room.leave_if_crowded()


def test_after_a_failed_fetch_there_is_no_crowd(room: WaitingRoom) -> None:
    with somebody_waits(room), pytest.raises(CredentialUnavailable), room.seat(crowd=False):
        pytest.fail("one too many")


def test_who_waits_already_needs_no_second_seat(room: WaitingRoom, clock: FakeClock) -> None:
    """A ticket's fetch wants an access_token."""
    with room.seat(), ExitStack() as inner:
        clock.advance(10)
        inner.enter_context(room.seat(crowd=False))
        inner.close()
        room.leave_if_crowded()  # still seated
        with pytest.raises(CredentialUnavailable), somebody_waits_too(room):
            pass


@contextmanager
def somebody_waits_too(room: WaitingRoom) -> Iterator[None]:
    """Another thread's error becomes ours."""
    errors: list[CredentialUnavailable] = []

    def wait() -> None:
        try:
            with room.seat():
                pass
        except CredentialUnavailable as error:
            errors.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    thread.join(10)
    for error in errors:
        raise error
    yield


def test_an_empty_room_has_forgotten_the_drought(room: WaitingRoom, clock: FakeClock) -> None:
    with room.seat():
        clock.advance(10)
    with somebody_waits(room), room.seat():
        room.leave_if_crowded()


def test_while_fetches_fail_only_the_seats_are_taken() -> None:
    nursery = Nursery(seats=1)
    nursery.wechat.failure = DOWN
    with pytest.raises(WeChatUnavailable):
        nursery.provider.get()
    nursery.clock.advance(1)
    with somebody_waits(nursery.around.room), pytest.raises(CredentialUnavailable, match="Many requests"):
        nursery.provider.get()
    assert nursery.wechat.fetches == 1


def test_a_drought_is_as_long_as_its_oldest_guest_waits(room: WaitingRoom, clock: FakeClock) -> None:
    with ExitStack() as first:
        first.enter_context(somebody_waits(room))
        clock.advance(1.9)
        with somebody_waits(room):
            first.close()
            with room.seat():
                clock.advance(0.2)
                room.leave_if_crowded()
