"""CredentialProvider: when it fetches, who may, and what callers get in each state."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from app.credentials import CredentialProvider, Refresh, lifetimes
from app.errors import (
    AddressRefused,
    CentralServerError,
    CredentialUnavailable,
    StoreUnavailable,
    WeChatError,
    WeChatRefused,
    WeChatUnavailable,
)
from app.stores import FallbackStore, Key, MemoryStore
from app.wechat import refusal
from tests.app.credentials.harness import DOWN, KEY, Harness
from tests.doubles import Issuer

ADDRESS = refusal(40164, "invalid ip 1.2.3.4, not in whitelist", endpoint="/test")


def fetch_times(harness: Harness, ask: Callable[[], object], seconds: int) -> list[int]:
    """When fetches are made, if callers ask once a second."""
    times = []
    for second in range(seconds):
        before = harness.wechat.fetches
        ask()
        times += [second] * (harness.wechat.fetches - before)
        harness.clock.advance(1)
    return times


def gaps(times: list[int]) -> list[int]:
    return [later - earlier for earlier, later in pairwise(times)]


# -- FRESH


def test_first_caller_fetches_and_all_processes_get_the_same(classic: Harness) -> None:
    providers = [classic.provider, classic.provider, classic.another_process()]
    assert [provider.get().value for provider in providers] == ["t1"] * 3
    assert classic.wechat.fetches == 1


def test_lifetime_counts_from_before_the_request(classic: Harness) -> None:
    asked_at = classic.clock()
    classic.wechat.meanwhile = lambda: classic.clock.advance(4)
    assert classic.provider.get().expires_at == asked_at + 7200


def test_recent_credential_is_read_from_the_store_after_10_ms(classic: Harness) -> None:
    classic.provider.get()
    classic.provider.get_recent()
    classic.store.save(KEY, replace(classic.issued("theirs"), generation=2), 1)
    assert classic.provider.get_recent().value == "t1"
    classic.clock.advance(0.011)
    assert classic.provider.get_recent().value == "theirs"


def test_recent_credential_is_not_served_when_refused_or_stale(classic: Harness) -> None:
    assert classic.provider.get_recent().value == "t1"
    assert classic.provider.refresh("t1").value == "t2"
    assert classic.provider.get_recent().value == "t2"
    classic.clock.advance(6600 - 0.005)
    classic.provider.get_recent()
    classic.clock.advance(0.005)
    classic.provider.get_recent()
    assert classic.wechat.fetches == 3


def test_recent_credential_is_served_stale_once_a_refresh_has_begun(classic: Harness) -> None:
    classic.provider.get()
    classic.clock.advance(6700)
    classic.wechat.failure = WeChatUnavailable("WeChat does not answer.")
    assert classic.provider.recent() is None
    assert classic.provider.get().value == "t1"
    recent = classic.provider.recent()
    assert recent is not None
    assert recent.value == "t1"
    classic.clock.advance(1)
    assert classic.provider.recent() is None  # `get` tries again


def test_recent_credential_may_be_forgotten_by_another_thread_meanwhile(
    classic: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    classic.provider.get()
    assert classic.provider.recent()
    is_settled = classic.provider._is_settled

    def forgotten(*given: Any) -> bool:
        classic.provider._recent = None
        return is_settled(*given)

    monkeypatch.setattr(classic.provider, "_is_settled", forgotten)
    recent = classic.provider.recent()
    assert recent is not None
    assert recent.value == "t1"


# -- STALE


def test_stale_is_served_while_the_background_refreshes(classic: Harness) -> None:
    classic.age(6600)
    assert [classic.provider.get().value for _ in range(3)] == ["t1", "t2", "t2"]


def test_failed_refresh_while_stale_serves_warns_and_cools_down(
    classic: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    classic.age(6600)
    classic.wechat.failure = DOWN

    def ask() -> None:
        assert classic.provider.get().value == classic.another_process().get().value == "t1"

    times = fetch_times(classic, ask, 230)
    assert gaps(times) == [5, 15, 60, 60, 60]
    assert [record.levelname for record in caplog.records] == ["WARNING"] * len(times)


def test_lease_of_another_process_leaves_stale_callers_alone(classic: Harness) -> None:
    classic.age(6600)
    classic.store.acquire(KEY, "killed", 15)
    assert fetch_times(classic, classic.provider.get, 17) == [15]  # a dead holder costs no more than its lease


def test_background_refresh_starts_once_a_second_at_most(classic: Harness) -> None:
    classic.age(6600)
    tried = []

    def broken(key: Key, owner: str, seconds: float) -> bool:  # noqa: ARG001 -- as the store has it
        tried.append(classic.clock())
        raise StoreUnavailable("broken")

    classic.store.acquire = broken  # type: ignore[method-assign]
    for _ in range(30):
        assert classic.provider.get().value == "t1"
        classic.clock.advance(0.1)
    assert len(tried) == 3


def test_thread_that_cannot_be_started_fails_no_caller(classic: Harness) -> None:
    def no_thread(_work: Callable[[], None]) -> None:
        raise RuntimeError("can't start new thread")

    classic.age(6600)
    provider = classic.with_dependencies(spawn=no_thread)
    assert provider.get().value == "t1"
    provider.keep_warm()
    assert provider.get().value == "t2"


def test_same_stable_token_again_is_no_error(stable: Harness) -> None:
    stable.wechat.value = "t1"
    stable.age(6905)
    stable.wechat.expires_in = 295
    assert fetch_times(stable, stable.provider.get, 30) == [0, 15]


@pytest.mark.parametrize("failure", [refusal(40125, "invalid appsecret", endpoint="/test"), DOWN])
@pytest.mark.parametrize(("age", "level"), [(6600, logging.WARNING), (7200, logging.ERROR), (None, logging.ERROR)])
def test_failed_refresh_is_logged_by_whether_one_is_left(
    classic: Harness, caplog: pytest.LogCaptureFixture, failure: WeChatError, age: int | None, level: int
) -> None:
    if age:
        classic.age(age)
    caplog.clear()
    classic.wechat.failure = failure
    classic.provider.keep_warm()
    [line] = caplog.records
    assert line.levelno == level
    assert str(failure) in line.getMessage()


def test_error_of_a_cooldown_is_not_logged_again(classic: Harness, caplog: pytest.LogCaptureFixture) -> None:
    classic.cooldowns.begin("/test", refusal(40125, "invalid appsecret", endpoint="/test"))
    for _ in range(11):
        classic.provider.keep_warm()
        classic.clock.advance(5)
    assert caplog.records == []


# -- EXPIRED


def test_after_expiry_the_caller_gets_a_new_one_and_never_the_old(classic: Harness) -> None:
    classic.age(7200)
    classic.wechat.failure = DOWN
    with pytest.raises(WeChatUnavailable):
        classic.provider.get()
    classic.wechat.failure = None
    classic.clock.advance(1)
    assert classic.provider.get().value == "t3"


def test_failure_without_a_credential_is_raised_at_once_for_1_2_5_10_s(classic: Harness) -> None:
    classic.wechat.failure = refusal(-1, "system error", "64b0ba1d-74e53e36-717abb43", endpoint="/test")

    def ask() -> None:
        for process in (classic.provider, classic.another_process()):
            before = classic.clock()
            with pytest.raises(WeChatRefused) as caught:
                process.get()
            assert (caught.value.errcode, caught.value.rid) == (-1, "64b0ba1d-74e53e36-717abb43")
            assert 0 < (caught.value.retry_after or 0) <= 10
            assert classic.clock() == before

    assert gaps(fetch_times(classic, ask, 30)) == [1, 2, 5, 10, 10]


def test_success_ends_the_cooldown_and_its_count(classic: Harness) -> None:
    for _ in range(2):
        classic.wechat.failure = DOWN
        with pytest.raises(WeChatUnavailable):
            classic.provider.get()
        cooldown = classic.provider.cooldown()
        assert cooldown
        assert (cooldown.attempt, cooldown.until) == (1, classic.clock() + 1)
        classic.clock.advance(1)
        classic.wechat.failure = None
        classic.provider.get()
        assert classic.provider.cooldown() is None
        classic.clock.advance(7200)


def test_cooldown_of_one_node_is_over_when_another_has_fetched(classic: Harness) -> None:
    here, there = (classic.another_node(egress) for egress in ("nat-1", "nat-2"))
    classic.wechat.failure = DOWN
    with pytest.raises(WeChatUnavailable):
        here.get()
    assert here.cooldown()
    classic.clock.advance(0.5)
    classic.wechat.failure = None
    assert there.get().value == here.get().value == "t2"
    assert here.cooldown() is None


def test_cooldown_begun_while_stale_does_not_bind_the_expired(classic: Harness) -> None:
    classic.age(7199)
    classic.wechat.failure = DOWN
    assert classic.provider.get().value == "t1"
    classic.wechat.failure = None
    classic.clock.advance(1)
    assert classic.provider.get().value == "t3"


def test_waiter_gets_what_another_process_fetches(classic: Harness) -> None:
    classic.store.acquire(KEY, "another", 15)
    sleeps = []

    def another_saves(seconds: float) -> None:
        sleeps.append(seconds)
        classic.clock.advance(seconds)
        if len(sleeps) == 3:
            classic.store.save(KEY, classic.issued("theirs"), 0)

    assert classic.with_dependencies(sleep=another_saves).get().value == "theirs"
    assert classic.wechat.fetches == 0


def test_waiter_gives_up_after_5_s(classic: Harness) -> None:
    classic.store.acquire(KEY, "another", 15)
    before = classic.clock()
    with pytest.raises(CredentialUnavailable) as caught:
        classic.provider.get()
    assert classic.clock() - before == pytest.approx(5, abs=0.1)
    assert caught.value.retry_after == 1


def before_the_lease(harness: Harness, event: Callable[[], None]) -> None:
    """Let something happen just before the next lease is taken."""
    acquire, events = harness.store.acquire, [event]

    def acquired(key: Key, owner: str, seconds: float) -> bool:
        if events:
            events.pop()()
        return acquire(key, owner, seconds)

    harness.store.acquire = acquired  # type: ignore[method-assign]


def test_lease_holder_loads_again(classic: Harness) -> None:
    before_the_lease(classic, classic.saving(classic.issued("theirs")))
    assert classic.provider.get().value == "theirs"
    assert classic.wechat.fetches == 0


def test_lease_holder_after_a_failed_one_does_not_fetch(classic: Harness) -> None:
    classic.wechat.failure = DOWN

    def another_fails() -> None:
        with pytest.raises(WeChatUnavailable):
            classic.another_process().get()

    before_the_lease(classic, another_fails)
    with pytest.raises(WeChatUnavailable):
        classic.provider.get()
    assert classic.wechat.fetches == 1
    assert classic.store.acquire(KEY, "x", 1)  # released after failures


def test_fetch_starts_over_when_too_little_of_its_lease_is_left(classic: Harness) -> None:
    owners: list[str] = []
    acquire, load = classic.store.acquire, classic.store.load

    def counted(key: Key, owner: str, seconds: float) -> bool:
        owners.append(owner)
        return acquire(key, owner, seconds)

    def slow_once(key: Key) -> object:
        if len(owners) == 1:
            classic.clock.advance(6)  # 9 of 15 s are left, a fetch may take 10
        return load(key)

    classic.store.acquire = counted  # type: ignore[method-assign]
    classic.store.load = slow_once  # type: ignore[method-assign, assignment]
    assert classic.provider.get().value == "t1"
    assert (len(owners), classic.wechat.fetches) == (2, 1)


# -- cooldowns of endpoints, sources, the store


def test_valid_credential_is_served_through_an_endpoints_cooldown(classic: Harness) -> None:
    classic.age(6600)
    classic.cooldowns.begin("/test", ADDRESS)
    assert classic.provider.get().value == "t1"
    with pytest.raises(AddressRefused):
        classic.provider.renew()
    assert classic.wechat.fetches == 1


def test_without_quota_at_one_source_the_next_is_asked(classic: Harness) -> None:
    spare = Issuer("s")
    day = refusal(45009, "reach max api daily quota limit", endpoint="/test")
    sources = [classic.source, replace(spare.source(lifetimes.stable_token), endpoint="/spare")]
    provider = CredentialProvider(KEY, sources, classic.cooldowns, classic.dependencies)
    classic.wechat.failure = day
    credential = provider.get()
    assert (credential.value, credential.stale_at - credential.obtained_at) == ("s1", 6905)
    classic.cooldowns.begin("/test", day)
    assert provider.renew().value == "s2"
    classic.cooldowns.begin("/spare", ADDRESS)
    with pytest.raises(AddressRefused):
        provider.renew()


class Broken(MemoryStore):
    def load(self, _key: Key) -> None:
        raise StoreUnavailable("broken")


def test_broken_store_is_an_error_and_no_fetch(classic: Harness) -> None:
    provider = classic.with_dependencies(store=FallbackStore(Broken(classic.clock), classic.clock))
    with pytest.raises(StoreUnavailable):
        provider.get()
    assert classic.wechat.fetches == 0


def test_one_failure_of_the_store_fails_no_caller(classic: Harness) -> None:
    def fail() -> None:
        raise StoreUnavailable("Redis: TimeoutError")

    before_the_lease(classic, fail)
    assert classic.provider.get().value == "t1"


def test_lasting_failure_of_the_store_is_raised_within_2_s(classic: Harness) -> None:
    def gone(key: Key, owner: str, seconds: float) -> bool:  # noqa: ARG001 -- as the store has it
        raise StoreUnavailable("Redis: ConnectionError")

    classic.store.acquire = gone  # type: ignore[method-assign]
    before = classic.clock()
    with pytest.raises(StoreUnavailable):
        classic.provider.get()
    assert classic.clock() - before < 2
    assert classic.wechat.fetches == 0


# -- the observer


def test_observer_gets_the_result_of_each_refresh(classic: Harness) -> None:
    seen: list[Refresh] = []
    provider = classic.with_dependencies(observe=seen.append)
    classic.wechat.failure = DOWN
    for _ in range(2):  # the second time WeChat is not asked
        with pytest.raises(WeChatUnavailable):
            provider.get()
    classic.clock.advance(10)
    classic.wechat.failure = None
    classic.wechat.meanwhile = classic.saving(classic.issued("theirs"))
    provider.get()
    classic.wechat.meanwhile = lambda: None
    for _ in range(5):
        provider.refresh(provider.get().value)
    assert [one.result for one in seen] == ["failed", "overtaken", *["fetched"] * 4, "budget_spent"]
    assert [one.refused for one in seen] == [False, False, False, True, True, True, True]
    assert (seen[0].error, DOWN.retry_after) == (DOWN, 1)


# -- renew


def test_renew_fetches_though_the_credential_is_fresh(classic: Harness) -> None:
    assert [classic.provider.renew().value for _ in range(2)] == ["t1", "t2"]
    assert classic.provider.get().value == "t2"
    assert classic.wechat.forced == 0


def test_renew_may_get_the_same_stable_token_and_force_another(stable: Harness) -> None:
    stable.wechat.value = "t1"
    before = stable.provider.get()
    after = stable.provider.renew()
    assert (after.value, after.generation) == (before.value, before.generation + 1)
    assert stable.provider.renew(force=True).value != "t1"
    assert stable.wechat.forced == 1


def test_renew_takes_what_another_process_fetched_meanwhile(classic: Harness) -> None:
    classic.provider.get()
    classic.store.acquire(KEY, "another", 15)
    theirs = replace(classic.issued("theirs"), generation=2)

    def another_saves(seconds: float) -> None:
        classic.clock.advance(seconds)
        classic.store.save(KEY, theirs, 1)

    classic.with_dependencies(sleep=another_saves)
    assert classic.provider.renew().value == "theirs"
    assert classic.wechat.fetches == 1


# -- secrecy, threads


def test_no_error_or_log_line_holds_the_token(classic: Harness, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    classic.wechat.prefix = "secret-token-"
    errors: list[CentralServerError] = []
    for _ in range(6):
        try:
            classic.provider.use(classic.refuse(*(f"secret-token-{n}" for n in range(9))))
        except CentralServerError as error:
            errors.append(error)
    assert len(errors) == 6
    assert "secret-token" not in repr([(error, vars(error), error.__context__) for error in errors])
    assert "secret-token" not in caplog.text
    assert "secret-token" not in repr(classic.provider.get())


def test_threads_refused_together_get_the_error_of_one_fetch(classic: Harness) -> None:
    """Waiting moves no clock here: however long the lease holder is switched out, no deadline passes."""
    provider = classic.with_dependencies(sleep=lambda _seconds: time.sleep(0.001))
    provider.get()
    classic.wechat.failure = DOWN
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
    assert classic.wechat.fetches == 2
