"""The waiter limit: which threads may wait, and which get an error at once."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from app.credentials import WaiterLimit
from app.errors import CredentialUnavailable, WeChatUnavailable
from tests.app.credentials.harness import DOWN, KEY, Harness
from tests.doubles import FakeClock


@pytest.fixture
def limit(clock: FakeClock) -> WaiterLimit:
    return WaiterLimit(1, 2, clock)


@contextmanager
def another_waits(limit: WaiterLimit) -> Iterator[None]:
    """Within this block another thread waits as well. Its error is raised here."""
    waits, go_on = threading.Event(), threading.Event()
    errors: list[CredentialUnavailable] = []

    def wait() -> None:
        try:
            with limit.waiting(grace=True):
                waits.set()
                go_on.wait(10)
        except CredentialUnavailable as error:
            errors.append(error)
            waits.set()

    thread = threading.Thread(target=wait)
    thread.start()
    assert waits.wait(10)
    try:
        for error in errors:
            raise error
        yield
    finally:
        go_on.set()
        thread.join(10)


@pytest.mark.parametrize("move", [2.0, -3600.0])
def test_all_may_wait_for_the_first_2_s(limit: WaiterLimit, clock: FakeClock, move: float) -> None:
    with another_waits(limit), limit.waiting(grace=True) as check:
        clock.advance(1.9)
        check()
        clock.advance(move - 1.9)
        with pytest.raises(CredentialUnavailable):
            check()


def test_first_threads_up_to_the_limit_may_stay(limit: WaiterLimit, clock: FakeClock) -> None:
    with limit.waiting(grace=True) as check, another_waits(limit):
        clock.advance(10)
        check()


def test_after_a_failed_fetch_there_is_no_grace(limit: WaiterLimit) -> None:
    with another_waits(limit), pytest.raises(CredentialUnavailable), limit.waiting(grace=False):
        pytest.fail("one too many")


def test_thread_that_waits_already_counts_once(limit: WaiterLimit, clock: FakeClock) -> None:
    """Fetching a ticket may wait for an access_token."""
    with limit.waiting(grace=True) as check:
        clock.advance(10)
        with limit.waiting(grace=False) as inner:
            inner()
        check()
        with pytest.raises(CredentialUnavailable), another_waits(limit):
            pass


def test_grace_counts_from_the_oldest_that_still_waits(limit: WaiterLimit, clock: FakeClock) -> None:
    with ExitStack() as first:
        first.enter_context(another_waits(limit))
        clock.advance(1.9)
        with another_waits(limit):
            first.close()
            with limit.waiting(grace=True) as check:
                clock.advance(0.2)
                check()


def test_provider_refuses_callers_beyond_the_limit_after_2_s() -> None:
    harness = Harness(waiters=1)
    harness.store.acquire(KEY, "another", 15)
    waits, go_on = threading.Event(), threading.Event()

    def sleep(seconds: float) -> None:
        if threading.current_thread() is thread:
            waits.set()
            go_on.wait(10)
        harness.clock.advance(seconds)

    provider = harness.with_dependencies(sleep=sleep)

    def is_refused(get: Callable[[], object]) -> None:
        with pytest.raises(CredentialUnavailable):
            get()

    thread = threading.Thread(target=is_refused, args=[provider.get])
    thread.start()
    assert waits.wait(10)
    before = harness.clock()
    for _ in range(2):  # the second one at once
        is_refused(provider.get)
        assert harness.clock() - before == pytest.approx(2, abs=0.05)
    go_on.set()
    thread.join(10)


def test_provider_gives_no_grace_while_fetches_fail() -> None:
    harness = Harness(waiters=1)
    harness.wechat.failure = DOWN
    with pytest.raises(WeChatUnavailable):
        harness.provider.get()
    harness.clock.advance(1)
    with another_waits(harness.dependencies.waiters), pytest.raises(CredentialUnavailable):
        harness.provider.get()
    assert harness.wechat.fetches == 1
