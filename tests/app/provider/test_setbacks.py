"""After a failed fetch: who leaves WeChat alone, until when, and who goes on."""

import threading
import time
from dataclasses import replace

import pytest

from app.credential import Key
from app.errcodes import refusal
from app.exceptions import AccessTokenRefused, WeChatBusy, WeChatUnavailable
from tests.app.provider.nursery import DOWN, KEY, Nursery

BUSY = refusal(-1, "system error", endpoint="/test")


def test_no_answer_pauses_only_the_nodes_behind_one_address(nursery: Nursery) -> None:
    here, too, there = (nursery.another_node(egress) for egress in ("nat-1", "nat-1", "nat-2"))
    nursery.wechat.failure = DOWN
    with pytest.raises(WeChatUnavailable):
        here.get()
    with pytest.raises(WeChatUnavailable):
        too.get()
    assert nursery.wechat.fetches == 1
    nursery.wechat.failure = None
    assert there.get().value == "t2"
    assert here.get().value == "t2"  # in the midst of its pause


def test_an_errcode_pauses_every_node(nursery: Nursery) -> None:
    nursery.wechat.failure = BUSY
    with pytest.raises(WeChatBusy):
        nursery.another_node("nat-1").get()
    with pytest.raises(WeChatBusy):
        nursery.another_node("nat-2").get()
    assert nursery.wechat.fetches == 1


def test_a_refresh_without_an_answer_is_put_off_only_behind_that_address(nursery: Nursery) -> None:
    here, there = (nursery.another_node(egress) for egress in ("nat-1", "nat-2"))
    here.get()
    nursery.clock.advance(6600)
    nursery.wechat.failure = DOWN
    assert here.get().value == "t1"
    nursery.wechat.failure = None
    assert here.get().value == "t1"
    assert nursery.wechat.fetches == 2
    there.get()
    assert there.get().value == here.get().value == "t3"


def test_trouble_is_over_when_another_node_has_fetched(nursery: Nursery) -> None:
    here, there = (nursery.another_node(egress) for egress in ("nat-1", "nat-2"))
    nursery.wechat.failure = DOWN
    with pytest.raises(WeChatUnavailable):
        here.get()
    assert here.trouble()
    nursery.clock.advance(0.5)
    nursery.wechat.failure = None
    there.get()
    assert here.trouble() is None


def test_success_forgets_pauses_and_retry_times(nursery: Nursery) -> None:
    nursery.provider.get()
    nursery.clock.advance(6600)
    nursery.wechat.failure = DOWN
    nursery.provider.get()
    assert nursery.provider.trouble()
    nursery.clock.advance(10)
    nursery.wechat.failure = None
    nursery.provider.get()
    assert nursery.provider.get().value == "t3"
    nursery.clock.advance(6600)
    nursery.wechat.failure = DOWN
    nursery.provider.get()
    trouble = nursery.provider.trouble()
    assert trouble
    assert trouble.count == 1


def test_the_retry_time_of_one_end_of_life_is_not_kept_for_the_next(nursery: Nursery) -> None:
    nursery.provider.get()
    nursery.clock.advance(6600)
    nursery.wechat.failure = DOWN
    nursery.provider.get()
    nursery.wechat.failure = None
    nursery.clock.advance(1)
    nursery.provider.renew()
    assert nursery.shelf.get("retry:wx0000000000000001:access_token:") in (None, "")


def test_a_failed_refresh_of_a_valid_one_pauses_nobody(nursery: Nursery) -> None:
    nursery.provider.get()
    nursery.clock.advance(6600)
    nursery.wechat.failure = DOWN
    nursery.provider.get()
    nursery.wechat.failure = None
    assert nursery.provider.refresh("t1").value == "t3"


# -- the refetch of a refused token fails


def test_the_failed_refetch_of_a_refused_token_is_told_to_all_who_wait(nursery: Nursery) -> None:
    nursery.provider.get()
    nursery.wechat.failure = DOWN
    for _ in range(20):
        with pytest.raises(WeChatUnavailable) as told:
            nursery.another_process().use(nursery.refuse("t1"))
        assert told.value.retry_after == 1
    assert nursery.wechat.fetches == 2


def test_the_refetch_of_a_refused_token_is_tried_after_1_2_5_10_s(nursery: Nursery) -> None:
    nursery.provider.get()
    nursery.wechat.failure = DOWN
    attempts = []
    for second in range(40):
        before = nursery.wechat.fetches
        with pytest.raises((WeChatUnavailable, AccessTokenRefused)):
            nursery.provider.use(nursery.refuse("t1"))
        attempts += [second] * (nursery.wechat.fetches - before)
        nursery.clock.advance(1)
    assert attempts[:3] == [0, 1, 3]


def test_meanwhile_everybody_else_is_served_the_current_one(nursery: Nursery) -> None:
    nursery.provider.get()
    nursery.wechat.failure = DOWN
    with pytest.raises(WeChatUnavailable):
        nursery.provider.use(nursery.refuse("t1"))
    assert nursery.provider.get().value == "t1"
    assert nursery.provider.use(nursery.refuse()) == "t1"
    assert nursery.provider.refresh("t1").value == "t1"
    assert nursery.wechat.fetches == 2


def test_a_refresh_that_fails_returns_the_current_one(nursery: Nursery) -> None:
    nursery.provider.get()
    nursery.wechat.failure = DOWN
    assert nursery.provider.refresh("t1").value == "t1"


def test_a_refresh_that_fails_at_the_end_of_its_life_returns_no_dead_one(nursery: Nursery) -> None:
    nursery.provider.get()
    nursery.clock.advance(7199)
    nursery.wechat.failure = DOWN
    nursery.wechat.meanwhile = lambda: nursery.clock.advance(1)
    with pytest.raises(WeChatUnavailable):
        nursery.provider.refresh("t1")


def test_success_forgets_the_failed_refetch(nursery: Nursery) -> None:
    nursery.provider.get()
    nursery.wechat.failure = DOWN
    with pytest.raises(WeChatUnavailable):
        nursery.provider.use(nursery.refuse("t1"))
    nursery.wechat.failure = None
    nursery.clock.advance(1)
    assert nursery.provider.use(nursery.refuse("t1")) == "t3"
    assert nursery.provider.use(nursery.refuse("t3")) == "t4"


def test_who_gets_the_lease_of_one_who_failed_does_not_try_again(nursery: Nursery) -> None:
    nursery.wechat.failure = DOWN
    acquire = nursery.shelf.acquire
    others = [nursery.another_process()]

    def another_fails_first(key: Key, owner: str, seconds: float) -> bool:
        if others:
            with pytest.raises(WeChatUnavailable):
                others.pop().get()
        return acquire(key, owner, seconds)

    nursery.shelf.acquire = another_fails_first  # type: ignore[method-assign]
    with pytest.raises(WeChatUnavailable):
        nursery.provider.get()
    assert nursery.wechat.fetches == 1
    assert nursery.shelf.acquire(KEY, "x", 1)


def test_many_threads_that_were_refused_hear_of_one_failed_refetch(nursery: Nursery) -> None:
    """Waiting moves no clock here: however long the holder of the lease is switched out, no deadline passes."""
    nursery.around = replace(nursery.around, sleep=lambda _seconds: time.sleep(0.001))
    provider = nursery.another_process()
    provider.get()
    nursery.wechat.failure = DOWN
    together = threading.Barrier(8, timeout=10)
    errors: list[Exception] = []

    def refused_together(_token: str) -> None:
        together.wait()
        raise refusal(40001, "invalid credential", endpoint="/wxa/msg_sec_check")

    def call() -> None:
        try:
            provider.use(refused_together)
        except WeChatUnavailable as error:
            errors.append(error)

    threads = [threading.Thread(target=call, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(errors) == 8
    assert nursery.wechat.fetches == 2
