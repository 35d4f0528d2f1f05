"""The refresher: what a STALE get does, without anybody asking."""

import logging
from random import Random

import pytest

from app.credentials import CredentialProvider, Refresher, lifetimes
from app.errors import WeChatUnavailable
from app.stores import Key, MemoryStore
from tests.doubles import FakeClock, Issuer, cooldowns, dependencies

KEY = Key("wx0000000000000001", "access_token")


class Warm:
    """A refresher over one classic token, on a fake clock."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = MemoryStore(self.clock)
        self.wechat = Issuer()
        self.provider = CredentialProvider(
            KEY,
            [self.wechat.source(lifetimes.classic_token)],
            cooldowns(self.store, self.clock),
            dependencies(self.store, self.clock),
        )
        self.refresher = Refresher([self.provider], 5, Random(1))  # noqa: S311 -- repeatable

    def value(self) -> str | None:
        credential = self.store.load(KEY)
        return credential.value if credential else None


@pytest.fixture
def warm() -> Warm:
    return Warm()


def test_the_first_look_fetches_what_is_missing(warm: Warm) -> None:
    warm.refresher.look()
    assert warm.value() == "t1"


def test_a_fresh_credential_is_left_alone(warm: Warm) -> None:
    for _ in range(1000):
        warm.refresher.look()
        warm.clock.advance(5)
    assert warm.wechat.fetches == 1


def test_a_stale_credential_is_replaced_before_anybody_asks(warm: Warm) -> None:
    warm.refresher.look()
    warm.clock.advance(6600)
    warm.refresher.look()
    assert warm.value() == "t2"


def test_while_wechat_is_down_it_tries_as_often_as_a_stale_get_would(warm: Warm) -> None:
    warm.refresher.look()
    warm.clock.advance(6600)
    warm.wechat.failure = WeChatUnavailable("down")
    for _ in range(300):
        warm.refresher.look()
        warm.clock.advance(1)
    assert 5 <= warm.wechat.fetches - 1 <= 8  # at 0, 5, 20, 80, 140, 200, 260 s, each wait up to a fifth off


def test_a_missing_credential_that_cannot_be_fetched_is_tried_after_each_pause(warm: Warm) -> None:
    warm.wechat.failure = WeChatUnavailable("down")
    for _ in range(120):
        warm.refresher.look()
        warm.clock.advance(1)
    assert warm.wechat.fetches == 15  # after 1, 2, 5, 10, 10, ... s
    warm.wechat.failure = None
    for _ in range(80):
        warm.refresher.look()
        warm.clock.advance(1)
    assert warm.value()


def test_a_fault_in_one_look_does_not_end_the_others(warm: Warm, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    warm.wechat.meanwhile = broken
    refresher = Refresher([warm.provider, warm.provider], 5, Random(1))  # noqa: S311 -- repeatable
    refresher.look()
    assert warm.wechat.fetches == 2
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2


def test_it_stops_when_it_is_told_to(warm: Warm) -> None:
    refresher = Refresher([], 3600, Random(1))  # noqa: S311 -- repeatable
    refresher.start()
    refresher.stop()
    refresher._thread.join(10)
    assert not refresher._thread.is_alive()
    assert warm.wechat.fetches == 0


def test_after_stop_nothing_more_is_looked_after(warm: Warm) -> None:
    warm.refresher.stop()
    warm.refresher.look()
    assert warm.value() is None
