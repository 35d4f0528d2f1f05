"""The refresher: what a STALE `get` does, without callers."""

import logging
from random import Random

import pytest

from app.credentials import Refresher
from app.errors import StoreUnavailable
from app.stores import Key
from tests.app.credentials.harness import DOWN, Harness


def refresher(harness: Harness, providers: int = 1) -> Refresher:
    return Refresher([harness.provider] * providers, 5, Random(1))  # noqa: S311 -- repeatable


def check_each_second(harness: Harness, seconds: int) -> None:
    checked = refresher(harness)
    for _ in range(seconds):
        checked.check()
        harness.clock.advance(1)


def test_missing_is_fetched_once_and_stale_is_replaced(classic: Harness) -> None:
    check_each_second(classic, 6600)
    assert classic.wechat.fetches == 1
    check_each_second(classic, 1)
    assert classic.wechat.fetches == 2


def test_stale_credential_is_tried_as_often_as_by_callers(classic: Harness) -> None:
    classic.age(6600)
    classic.wechat.failure = DOWN
    check_each_second(classic, 300)
    assert classic.wechat.fetches - 1 == 7  # at 0, 5, 20, 80, 140, 200, 260 s


def test_missing_credential_is_tried_after_each_cooldown(classic: Harness) -> None:
    classic.wechat.failure = DOWN
    check_each_second(classic, 120)
    assert classic.wechat.fetches == 15  # after 1, 2, 5, 10, 10, ... s
    classic.wechat.failure = None
    check_each_second(classic, 11)
    assert classic.provider.peek()


def test_fault_in_one_provider_does_not_end_the_others(classic: Harness, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    classic.wechat.meanwhile = broken
    refresher(classic, providers=2).check()
    assert classic.wechat.fetches == 2
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2


def test_failing_store_ends_the_check_without_a_log_line(classic: Harness, caplog: pytest.LogCaptureFixture) -> None:
    def broken(_key: Key) -> None:
        raise StoreUnavailable("broken")

    classic.store.load = broken  # type: ignore[method-assign, assignment]
    refresher(classic).check()
    assert caplog.records == []


def test_stopped_refresher_checks_nothing_and_its_thread_ends(classic: Harness) -> None:
    stopped = refresher(classic)
    stopped.stop()
    stopped.check()
    stopped.start()
    stopped.stop(10)
    assert not stopped._thread.is_alive()
    assert classic.wechat.fetches == 0
