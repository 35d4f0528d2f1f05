"""A look ahead: after it, this process is quiet for a while, and its thread leaves nothing open."""

import threading

import pytest

from app.credential import Key
from app.errcodes import refusal
from app.exceptions import StoreUnavailable
from tests.app.provider.nursery import DOWN, Nursery


@pytest.fixture
def old(nursery: Nursery) -> Nursery:
    """With a STALE credential."""
    nursery.provider.get()
    nursery.clock.advance(6600)
    return nursery


def test_after_an_error_this_process_does_not_look_for_a_while(old: Nursery) -> None:
    knocks = []

    def broken(key: Key, owner: str, seconds: float) -> bool:  # noqa: ARG001 -- as the shelf has it
        knocks.append(old.clock())
        raise StoreUnavailable("broken")

    old.shelf.acquire = broken  # type: ignore[method-assign]
    for _ in range(30):
        assert old.provider.get().value == "t1"
        old.clock.advance(0.1)
    assert len(knocks) == 3  # a second apart, as the error says


def test_what_puts_the_endpoint_on_hold_leaves_no_retry_time_behind(old: Nursery) -> None:
    old.wechat.failure = refusal(40164, "invalid ip 1.2.3.4, not in whitelist", endpoint="/test")
    old.provider.get()
    assert old.provider.trouble() is None
    old.wechat.failure = None
    old.another_process().get()
    assert old.provider.get().value == "t3"


def test_a_held_look_is_made_again_after_five_seconds(old: Nursery) -> None:
    old.wechat.hold = refusal(40164, "invalid ip 1.2.3.4, not in whitelist", endpoint="/test")
    old.provider.get()
    old.wechat.hold = None
    old.clock.advance(4.9)
    old.provider.get()
    assert old.wechat.fetches == 1
    old.clock.advance(0.1)
    old.provider.get()
    assert old.wechat.fetches == 2


@pytest.mark.parametrize("fails", [False, True])
def test_the_thread_closes_what_it_opened(old: Nursery, *, fails: bool) -> None:
    closed = []
    old.shelf.close = lambda: closed.append(threading.get_ident())  # type: ignore[method-assign]
    if fails:
        old.wechat.failure = refusal(-1, "system error", endpoint="/test")
    old.provider.get()
    assert closed == [threading.get_ident()]


def test_one_try_comes_shortly_before_the_end(old: Nursery) -> None:
    """However long the next wait would have been: an outage that is over by then, nobody notices."""
    old.clock.advance(600 - 40)
    old.wechat.failure = DOWN
    for left in range(40, 4, -1):
        if left == 15:
            old.wechat.failure = None
        old.provider.get()
        old.clock.advance(1)
    assert old.provider.get().value != "t1"
