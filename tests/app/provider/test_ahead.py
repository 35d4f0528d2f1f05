"""A look ahead: after it, this process is quiet for a while, and its thread leaves nothing open."""

import logging

import pytest

from app.credential import Key
from app.errcodes import refusal
from app.exceptions import StoreUnavailable, WeChatError
from tests.app.provider.nursery import DOWN, KEY, Nursery


@pytest.fixture
def old(nursery: Nursery) -> Nursery:
    """With a STALE credential."""
    nursery.provider.get()
    nursery.clock.advance(6600)
    return nursery


def test_after_an_error_this_process_does_not_look_for_a_while(old: Nursery) -> None:
    attempts = []

    def broken(key: Key, owner: str, seconds: float) -> bool:  # noqa: ARG001 -- as the shelf has it
        attempts.append(old.clock())
        raise StoreUnavailable("broken")

    old.shelf.acquire = broken  # type: ignore[method-assign]
    for _ in range(30):
        assert old.provider.get().value == "t1"
        old.clock.advance(0.1)
    assert len(attempts) == 3  # a second apart, as the error says


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


@pytest.mark.parametrize("failure", [refusal(40125, "invalid appsecret", endpoint="/test"), DOWN])
def test_failed_look_while_one_is_served_is_a_warning(
    old: Nursery, caplog: pytest.LogCaptureFixture, failure: WeChatError
) -> None:
    old.wechat.failure = failure
    old.provider.keep_warm()
    (line,) = caplog.records
    assert (line.levelno, "could not be refreshed ahead" in line.getMessage()) == (logging.WARNING, True)


@pytest.mark.parametrize("age", [None, 7200])
@pytest.mark.parametrize("failure", [refusal(40125, "invalid appsecret", endpoint="/test"), DOWN])
def test_failed_look_while_none_is_left_is_an_error(
    nursery: Nursery, caplog: pytest.LogCaptureFixture, failure: WeChatError, age: int | None
) -> None:
    if age:
        nursery.provider.get()
        nursery.clock.advance(age)
    caplog.clear()
    nursery.wechat.failure = failure
    nursery.provider.keep_warm()
    (line,) = caplog.records
    assert line.levelno == logging.ERROR
    assert line.getMessage() == f"no access_token of {KEY.appid} is left, and none could be fetched: {failure}"


def test_what_is_left_while_the_store_fails_is_none(nursery: Nursery, caplog: pytest.LogCaptureFixture) -> None:
    loads = [None]

    def load(_key: Key) -> None:
        if not loads:
            raise StoreUnavailable("disk full")
        loads.pop()

    nursery.shelf.load = load  # type: ignore[method-assign, assignment]
    nursery.wechat.failure = DOWN
    nursery.provider.keep_warm()
    (line,) = caplog.records
    assert line.levelno == logging.ERROR


def test_error_is_not_repeated_at_each_round(nursery: Nursery, caplog: pytest.LogCaptureFixture) -> None:
    nursery.wechat.failure = refusal(40125, "invalid appsecret", endpoint="/test", retry_after=60)
    for _ in range(12):
        nursery.provider.keep_warm()
        nursery.clock.advance(5)
    assert len(caplog.records) == 1
