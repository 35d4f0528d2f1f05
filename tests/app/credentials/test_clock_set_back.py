"""A clock that is set back: no caller waits for hours, no credential or cooldown lasts too long."""

import pytest

from app.errors import CredentialUnavailable, WeChatUnavailable
from app.stores import FallbackStore
from app.web.credentials import promised_seconds
from tests.app.credentials.harness import DOWN, KEY, Harness

HOURS = 3 * 3600.0


def test_credential_of_the_future_is_served_and_refreshed(classic: Harness) -> None:
    classic.provider.get()
    classic.clock.advance(-HOURS)
    assert classic.provider.get().value == "t1"
    second = classic.provider.get()
    assert (second.value, second.expires_at) == ("t2", classic.clock() + 7200)
    classic.provider.get()
    assert classic.wechat.fetches == 2


def test_credential_of_the_future_is_promised_no_longer_than_wechat_said(classic: Harness) -> None:
    credential = classic.provider.get()
    assert promised_seconds(credential, classic.clock()) == 6600
    assert promised_seconds(credential, classic.clock() - 400_000) == 6600


@pytest.mark.parametrize("age", [0, 6600])
def test_cooldown_of_the_future_is_over(classic: Harness, age: float) -> None:
    if age:
        classic.age(age)
    classic.wechat.failure = DOWN
    if age:
        classic.provider.get()
    else:
        with pytest.raises(WeChatUnavailable):
            classic.provider.get()
    classic.wechat.failure = None
    classic.clock.advance(-age - HOURS)
    fetches = classic.wechat.fetches
    classic.provider.get()
    assert classic.wechat.fetches == fetches + 1


def test_background_refresh_of_the_future_is_forgotten(classic: Harness) -> None:
    classic.age(6600)
    classic.store.acquire(KEY, "another", 15)
    classic.provider.get()  # no other refresh within a second
    classic.clock.advance(-HOURS)
    classic.provider.get()
    assert classic.provider.get().value == "t2"


def test_waiter_waits_no_longer_than_twice_lock_wait(classic: Harness) -> None:
    slept = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        classic.clock.advance(seconds)
        if len(slept) == 100:
            classic.clock.advance(-HOURS)
        classic.store._leases[KEY] = ("another", classic.clock() + 10)

    classic.store.acquire(KEY, "another", 15)
    with pytest.raises(CredentialUnavailable):
        classic.with_dependencies(sleep=sleep).get()
    assert sum(slept) <= 10.1


def test_copy_of_the_future_does_not_replace_a_later_fetch(classic: Harness) -> None:
    here, there = (classic.another_node("", FallbackStore(classic.store, classic.clock)) for _ in range(2))
    here.get()
    classic.clock.advance(-HOURS)
    there.get()
    assert there.get().value == "t2"
    assert [here.get().value, there.get().value, here.get().value] == ["t2"] * 3
    assert classic.wechat.fetches == 2
