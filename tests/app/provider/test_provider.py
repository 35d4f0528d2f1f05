"""CredentialProvider: when it fetches, who may, what callers get meanwhile."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from app.credential import Key
from app.errcodes import refusal
from app.exceptions import (
    AccessTokenRefused,
    AddressRefused,
    CentralServerError,
    CredentialUnavailable,
    StoreUnavailable,
    WeChatRefused,
    WeChatUnavailable,
)
from app.provider import CredentialProvider, Outcome, lifetimes
from app.stores import FallbackShelf, MemoryShelf
from app.wechat import Issued
from tests.app.provider.nursery import DOWN, KEY, Nursery, refused
from tests.doubles import Issuer, surroundings

# -- FRESH


def test_the_first_caller_fetches_and_the_next_get_the_same(nursery: Nursery) -> None:
    assert [nursery.provider.get().value for _ in range(3)] == ["t1", "t1", "t1"]
    assert nursery.wechat.fetches == 1


def test_another_process_takes_it_from_the_store(nursery: Nursery) -> None:
    nursery.provider.get()
    assert nursery.another_process().get().value == "t1"
    assert nursery.wechat.fetches == 1


def test_the_life_counts_from_before_the_request(nursery: Nursery) -> None:
    asked_at = nursery.clock()
    nursery.wechat.meanwhile = lambda: nursery.clock.advance(4)
    assert nursery.provider.get().expires_at == asked_at + 7200


# -- STALE


def test_stale_is_served_while_somebody_refreshes(nursery: Nursery) -> None:
    nursery.provider.get()
    nursery.clock.advance(6600)
    assert nursery.provider.get().value == "t1"
    assert nursery.provider.get().value == "t2"
    assert nursery.wechat.fetches == 2


def test_refresh_that_fails_while_stale_is_no_error(nursery: Nursery, caplog: pytest.LogCaptureFixture) -> None:
    nursery.provider.get()
    nursery.clock.advance(6600)
    nursery.wechat.failure = DOWN
    assert [nursery.provider.get().value for _ in range(5)] == ["t1"] * 5
    assert nursery.wechat.fetches == 2
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_failed_refresh_is_tried_again_after_5_15_60_60_s(nursery: Nursery) -> None:
    nursery.provider.get()
    nursery.clock.advance(6600)
    nursery.wechat.failure = DOWN
    attempts = []
    for second in range(230):
        before = nursery.wechat.fetches
        nursery.provider.get()
        attempts += [second] * (nursery.wechat.fetches - before)
        nursery.clock.advance(1)
    waits = [later - earlier for earlier, later in pairwise(attempts)]
    ideal = [5, 15, 60, 60]
    assert len(waits) >= 4
    assert all(wait == pytest.approx(by, rel=0.2, abs=1) for wait, by in zip(waits, ideal, strict=False))


def test_the_put_off_refresh_holds_for_every_process(nursery: Nursery) -> None:
    nursery.provider.get()
    nursery.clock.advance(6600)
    nursery.wechat.failure = DOWN
    nursery.provider.get()
    nursery.another_process().get()
    assert nursery.wechat.fetches == 2


def test_a_process_without_the_lease_serves_and_does_not_fetch(nursery: Nursery) -> None:
    nursery.provider.get()
    nursery.clock.advance(6600)
    nursery.shelf.acquire(KEY, "another process", 15)
    assert nursery.provider.get().value == "t1"
    assert nursery.wechat.fetches == 1


def test_a_holder_that_died_is_succeeded_within_the_lease(nursery: Nursery) -> None:
    nursery.provider.get()
    nursery.clock.advance(6600)
    nursery.shelf.acquire(KEY, "killed", 15)
    for _ in range(16):
        nursery.provider.get()
        nursery.clock.advance(1)
    assert nursery.provider.get().value == "t2"


def test_a_thread_that_cannot_be_started_fails_nobody(nursery: Nursery) -> None:
    def no_thread(_work: Callable[[], None]) -> None:
        raise RuntimeError("can't start new thread")

    nursery.provider.get()
    nursery.clock.advance(6600)
    object.__setattr__(nursery.around, "spawn", no_thread)
    assert nursery.provider.get().value == "t1"
    object.__setattr__(nursery.around, "spawn", lambda work: work())
    nursery.provider.get()
    assert nursery.provider.get().value == "t2"


def test_the_same_stable_token_again_is_no_error(stable: Nursery) -> None:
    stable.wechat.value = "t1"
    stable.provider.get()
    stable.clock.advance(6905)
    stable.wechat.expires_in = 295
    for _ in range(30):
        assert stable.provider.get().value == "t1"
        stable.clock.advance(1)
    assert stable.wechat.fetches == 3  # the first, at 6905, at 6920


# -- callers by the thousand


def test_within_a_hundredth_of_a_second_the_store_is_asked_once(nursery: Nursery) -> None:
    nursery.provider.get_recent()
    theirs = lifetimes.classic_token(nursery.provider.peek(), Issued("theirs", 7200), nursery.clock())
    nursery.shelf.save(KEY, theirs, 1)
    assert nursery.provider.get_recent().value == "t1"
    nursery.clock.advance(0.011)
    assert nursery.provider.get_recent().value == "theirs"


def test_what_is_recent_is_not_served_when_it_is_stale_or_refused(nursery: Nursery) -> None:
    assert nursery.provider.get_recent().value == "t1"
    assert nursery.provider.refresh("t1").value == "t2"
    assert nursery.provider.get_recent().value == "t2"
    nursery.clock.advance(6600 - 0.005)
    nursery.provider.get_recent()
    nursery.clock.advance(0.005)
    nursery.provider.get_recent()
    assert nursery.wechat.fetches == 3


def test_a_clock_that_was_set_back_makes_nothing_recent_for_long(nursery: Nursery) -> None:
    nursery.provider.get_recent()
    nursery.clock.advance(-3600)
    theirs = lifetimes.classic_token(nursery.provider.peek(), Issued("theirs", 7200), nursery.clock())
    nursery.shelf.save(KEY, theirs, 1)
    assert nursery.provider.get_recent().value == "theirs"


# -- EXPIRED


def test_after_expiry_the_caller_gets_a_new_one(nursery: Nursery) -> None:
    nursery.provider.get()
    nursery.clock.advance(7200)
    assert nursery.provider.get().value == "t2"


def test_after_expiry_a_failure_surfaces_and_the_old_one_is_never_served(nursery: Nursery) -> None:
    nursery.provider.get()
    nursery.clock.advance(7200)
    nursery.wechat.failure = DOWN
    with pytest.raises(WeChatUnavailable):
        nursery.provider.get()


def test_a_failure_pauses_for_1_2_5_10_10_s(nursery: Nursery) -> None:
    nursery.wechat.failure = DOWN
    attempts = []
    for tenth in range(300):
        before = nursery.wechat.fetches
        with pytest.raises(WeChatUnavailable) as caught:
            nursery.provider.get()
        if nursery.wechat.fetches > before:
            attempts.append(tenth / 10)
        assert caught.value.retry_after is not None
        assert 0 < caught.value.retry_after <= 10
        nursery.clock.advance(0.1)
    waits = [round(later - earlier) for earlier, later in pairwise(attempts)]
    assert waits == [1, 2, 5, 10, 10]


def test_who_is_told_during_a_pause_hears_what_wechat_said(nursery: Nursery) -> None:
    nursery.wechat.failure = refusal(-1, "system error", "64b0ba1d-74e53e36-717abb43", endpoint="/test")
    with pytest.raises(WeChatRefused):
        nursery.provider.get()
    with pytest.raises(WeChatRefused) as told:
        nursery.another_process().get()
    assert (told.value.errcode, told.value.rid) == (-1, "64b0ba1d-74e53e36-717abb43")
    assert nursery.wechat.fetches == 1


def test_success_ends_the_count_of_failures(nursery: Nursery) -> None:
    nursery.wechat.failure = DOWN
    for _ in range(3):
        with pytest.raises(WeChatUnavailable):
            nursery.provider.get()
        nursery.clock.advance(10)
    assert nursery.provider.trouble()
    nursery.wechat.failure = None
    nursery.provider.get()
    assert nursery.provider.trouble() is None


def test_who_waits_for_anothers_fetch_gets_its_result(nursery: Nursery) -> None:
    other = nursery.another_process()
    nursery.shelf.acquire(KEY, "another", 15)
    sleeps = []

    def another_saves(seconds: float) -> None:
        sleeps.append(seconds)
        nursery.clock.advance(seconds)
        if len(sleeps) == 3:
            nursery.shelf.save(KEY, lifetimes.classic_token(None, Issued("theirs", 7200), nursery.clock()), 0)

    object.__setattr__(nursery.around, "sleep", another_saves)
    assert other.get().value == "theirs"
    assert nursery.wechat.fetches == 0


def test_nobody_waits_longer_than_lock_wait(nursery: Nursery) -> None:
    nursery.shelf.acquire(KEY, "another", 15)
    before = nursery.clock()
    with pytest.raises(CredentialUnavailable) as caught:
        nursery.provider.get()
    assert nursery.clock() - before == pytest.approx(5, abs=0.1)
    assert caught.value.retry_after == 1


def test_after_taking_the_lease_the_store_is_asked_again(nursery: Nursery) -> None:
    acquire = nursery.shelf.acquire

    def somebody_saves_first(key: Key, owner: str, seconds: float) -> bool:
        nursery.shelf.save(KEY, lifetimes.classic_token(None, Issued("theirs", 7200), nursery.clock()), 0)
        return acquire(key, owner, seconds)

    nursery.shelf.acquire = somebody_saves_first  # type: ignore[method-assign]
    assert nursery.provider.get().value == "theirs"
    assert nursery.wechat.fetches == 0


def test_a_fetch_starts_over_when_too_little_of_its_lease_is_left(nursery: Nursery) -> None:
    load, acquired = nursery.shelf.load, []
    acquire = nursery.shelf.acquire

    def counted(key: Key, owner: str, seconds: float) -> bool:
        acquired.append(owner)
        return acquire(key, owner, seconds)

    def slow_once(key: Key) -> object:
        if len(acquired) == 1:
            nursery.clock.advance(6)  # 9 of 15 s are left, a fetch may take 10
        return load(key)

    nursery.shelf.acquire = counted  # type: ignore[method-assign]
    nursery.shelf.load = slow_once  # type: ignore[method-assign, assignment]
    assert nursery.provider.get().value == "t1"
    assert (len(acquired), nursery.wechat.fetches) == (2, 1)


def test_the_lease_is_given_back_after_success_and_failure(nursery: Nursery) -> None:
    nursery.wechat.failure = DOWN
    with pytest.raises(WeChatUnavailable):
        nursery.provider.get()
    assert nursery.shelf.acquire(KEY, "x", 1)


def test_a_result_that_was_overtaken_is_dropped_and_the_other_marked_stale(nursery: Nursery) -> None:
    theirs = lifetimes.classic_token(None, Issued("theirs", 7200), nursery.clock())
    nursery.wechat.meanwhile = nursery.saving(theirs)
    assert nursery.provider.get().value == "theirs"
    nursery.wechat.meanwhile = lambda: None
    # WeChat honours t1, which was asked for last: a caller makes the next look, at once
    assert nursery.provider.get().value == "theirs"
    assert nursery.provider.get().value == "t2"


def test_in_stable_mode_the_overtaken_result_is_just_dropped(stable: Nursery) -> None:
    theirs = lifetimes.stable_token(None, Issued("t1", 7200), stable.clock())
    stable.wechat.meanwhile = stable.saving(theirs)
    assert stable.provider.get() == theirs
    stable.provider.get()
    assert stable.wechat.fetches == 1


# -- the observer


def observed(nursery: Nursery) -> list[str]:
    """The outcomes of what another process of this nursery does from now on."""
    seen: list[str] = []

    def observe(key: Key, outcome: Outcome) -> None:
        assert key == KEY
        seen.append(outcome)

    nursery.around = replace(nursery.around, observe=observe)
    nursery.provider = nursery.another_process()
    return seen


def test_the_observer_is_told_how_each_refresh_ended(nursery: Nursery) -> None:
    seen = observed(nursery)
    nursery.wechat.failure = DOWN
    with pytest.raises(WeChatUnavailable):
        nursery.provider.get()
    nursery.clock.advance(10)
    nursery.wechat.failure = None
    nursery.provider.get()
    nursery.provider.get()
    assert seen == ["failed", "fetched"]


def test_the_observer_is_told_that_another_was_faster(nursery: Nursery) -> None:
    seen = observed(nursery)
    nursery.wechat.meanwhile = nursery.saving(lifetimes.classic_token(None, Issued("theirs", 7200), nursery.clock()))
    nursery.provider.get()
    assert seen == ["overtaken"]


def test_the_observer_is_told_that_the_budget_is_spent(nursery: Nursery) -> None:
    seen = observed(nursery)
    for n in range(1, 6):
        nursery.provider.refresh(f"t{n}")
    assert seen == ["fetched"] * 4 + ["budget_spent"]


def test_the_observer_is_told_nothing_while_another_process_fetches(nursery: Nursery) -> None:
    seen = observed(nursery)
    nursery.shelf.acquire(KEY, "another", 15)
    with pytest.raises(CredentialUnavailable):
        nursery.provider.get()
    assert seen == []


# -- the waiting room


def test_at_first_everybody_may_wait_then_only_half(nursery: Nursery) -> None:
    nursery = Nursery(seats=1)
    nursery.shelf.acquire(KEY, "another", 15)
    waiting = threading.Event()
    go_on = threading.Event()

    def first_waits(seconds: float) -> None:
        if threading.current_thread() is thread:
            waiting.set()
            go_on.wait(10)
        nursery.clock.advance(seconds)

    object.__setattr__(nursery.around, "sleep", first_waits)

    def give_up() -> None:
        with pytest.raises(CredentialUnavailable):
            nursery.provider.get()

    thread = threading.Thread(target=give_up)
    thread.start()
    assert waiting.wait(10)
    before = nursery.clock()
    with pytest.raises(CredentialUnavailable, match="Many requests"):
        nursery.provider.get()
    assert nursery.clock() - before == pytest.approx(2, abs=0.05)
    with pytest.raises(CredentialUnavailable, match="Many requests"):
        nursery.provider.get()  # the seats are taken: told at once
    assert nursery.clock() - before == pytest.approx(2, abs=0.05)
    go_on.set()
    thread.join(10)


# -- refusals


def test_a_refused_token_is_replaced_and_the_call_made_once_more(nursery: Nursery) -> None:
    assert nursery.provider.use(nursery.refuse("t1")) == "t2"
    assert nursery.wechat.fetches == 2


def test_many_who_were_refused_the_same_token_cause_one_fetch(nursery: Nursery) -> None:
    first = nursery.provider.get()
    assert [nursery.another_process().refresh(first.value).value for _ in range(20)] == ["t2"] * 20
    assert nursery.wechat.fetches == 2


def test_a_call_is_repeated_once_only(nursery: Nursery) -> None:
    with pytest.raises(AccessTokenRefused):
        nursery.provider.use(nursery.refuse("t1", "t2"))
    assert nursery.wechat.fetches == 2


def test_other_errors_of_the_call_are_not_repeated(nursery: Nursery) -> None:
    calls = []

    def call(token: str) -> None:
        calls.append(token)
        raise refusal(87014, "risky content", endpoint="/wxa/msg_sec_check")

    with pytest.raises(WeChatRefused):
        nursery.provider.use(call)
    assert calls == ["t1"]


def test_always_40001_a_thousand_times_in_a_minute_costs_at_most_6_fetches(nursery: Nursery) -> None:
    for _ in range(1000):
        with pytest.raises(AccessTokenRefused) as caught:
            nursery.provider.use(nursery.refuse(*(f"t{n}" for n in range(1000))))
        assert caught.value.errcode == 40001
        nursery.clock.advance(0.06)
    assert nursery.wechat.fetches <= 6


def test_a_refused_stable_token_that_wechat_gives_again_is_tried_again_after_300_ms(stable: Nursery) -> None:
    stable.wechat.value = "t1"
    stable.provider.get()
    answers: list[Exception | str] = [refused(), "ok"]
    times = []

    def call(_token: str) -> str:
        times.append(stable.clock())
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert stable.provider.use(call) == "ok"
    assert times[1] - times[0] == pytest.approx(0.3)


def test_a_refresh_of_another_value_returns_the_current_one(nursery: Nursery) -> None:
    nursery.provider.get()
    assert nursery.provider.refresh("something else, 中文").value == "t1"
    assert nursery.wechat.fetches == 1


def test_a_refresh_with_an_empty_budget_returns_the_current_one(nursery: Nursery) -> None:
    for n in range(1, 6):
        nursery.provider.refresh(f"t{n}")
    assert nursery.wechat.fetches == 4
    assert nursery.provider.refresh("t4").value == "t4"


def test_the_budget_fills_again_by_one_in_20_s(nursery: Nursery) -> None:
    for n in range(1, 5):
        nursery.provider.refresh(f"t{n}")
    nursery.clock.advance(19.9)
    assert nursery.provider.refresh("t4").value == "t4"
    nursery.clock.advance(0.1)
    assert nursery.provider.refresh("t4").value == "t5"


def test_when_the_refetch_fails_the_current_token_stays(nursery: Nursery) -> None:
    nursery.provider.get()
    nursery.wechat.failure = DOWN
    with pytest.raises(WeChatUnavailable):
        nursery.provider.use(nursery.refuse("t1"))
    assert nursery.provider.get().value == "t1"


# -- the last resort


def keep_refusing(nursery: Nursery, endpoints: list[str], seconds: int) -> None:
    """Each second an endpoint refuses whatever token it gets."""
    for second in range(seconds):

        def call(_token: str, endpoint: str = endpoints[second % len(endpoints)]) -> None:
            raise refused(endpoint)

        with pytest.raises(AccessTokenRefused):
            nursery.provider.use(call)
        nursery.clock.advance(1)


def test_a_stable_token_that_two_endpoints_refuse_for_a_minute_is_forced(stable: Nursery) -> None:
    stable.wechat.value = "t1"
    stable.provider.get()
    keep_refusing(stable, ["/wxa/msg_sec_check", "/cgi-bin/ticket/getticket"], 50)
    assert stable.wechat.forced == 0
    keep_refusing(stable, ["/wxa/msg_sec_check", "/cgi-bin/ticket/getticket"], 40)
    assert stable.wechat.forced == 1
    assert stable.provider.get().value != "t1"


def test_one_endpoint_alone_never_forces(stable: Nursery) -> None:
    stable.wechat.value = "t1"
    keep_refusing(stable, ["/wxa/msg_sec_check"], 200)
    assert stable.wechat.forced == 0


def test_an_endpoint_that_accepts_the_token_keeps_it_from_being_forced(stable: Nursery) -> None:
    stable.wechat.value = "t1"
    for _ in range(4):
        keep_refusing(stable, ["/wxa/msg_sec_check", "/cgi-bin/ticket/getticket"], 40)
        stable.provider.use(lambda token: token)
    assert stable.wechat.forced == 0


def test_an_endpoint_that_refuses_something_else_has_accepted_the_token(stable: Nursery) -> None:
    def risky(_token: str) -> None:
        raise refusal(87014, "risky content", endpoint="/wxa/msg_sec_check")

    stable.wechat.value = "t1"
    for _ in range(4):
        keep_refusing(stable, ["/wxa/msg_sec_check", "/cgi-bin/ticket/getticket"], 40)
        with pytest.raises(WeChatRefused):
            stable.provider.use(risky)
    assert stable.wechat.forced == 0


def test_forcing_is_done_twice_a_day_at_most(stable: Nursery) -> None:
    for _ in range(5):
        stable.wechat.value = "sticky"
        keep_refusing(stable, ["/wxa/msg_sec_check", "/cgi-bin/ticket/getticket"], 200)
    assert stable.wechat.forced == 2


# -- holds, sources, the store


def test_a_held_node_leaves_the_lease_to_the_others(nursery: Nursery) -> None:
    nursery.wechat.hold = refusal(40164, "invalid ip 1.2.3.4, not in whitelist", endpoint="/test")
    with pytest.raises(AddressRefused):
        nursery.provider.get()
    assert nursery.wechat.fetches == 0
    nursery.wechat.hold = None
    assert nursery.another_process().get().value == "t1"  # no pause was left behind


def test_what_puts_the_endpoint_on_hold_does_not_pause_the_other_nodes(nursery: Nursery) -> None:
    nursery.wechat.failure = refusal(40164, "invalid ip 1.2.3.4, not in whitelist", endpoint="/test")
    with pytest.raises(AddressRefused):
        nursery.provider.get()
    nursery.wechat.failure = None
    assert nursery.another_process().get().value == "t2"


def test_a_valid_credential_is_served_through_a_hold(nursery: Nursery) -> None:
    nursery.provider.get()
    nursery.clock.advance(6600)
    nursery.wechat.hold = refusal(40125, "invalid appsecret", endpoint="/test")
    assert nursery.provider.get().value == "t1"
    assert nursery.wechat.fetches == 1


def test_without_quota_at_one_source_the_next_is_asked(nursery: Nursery) -> None:
    spare = Issuer("s")
    nursery.wechat.failure = refusal(45009, "reach max api daily quota limit", endpoint="/cgi-bin/token")
    provider = CredentialProvider(KEY, [nursery.source, spare.source(lifetimes.stable_token)], nursery.around)
    credential = provider.get()
    assert (credential.value, credential.stale_at - credential.obtained_at) == ("s1", 6905)


class Broken(MemoryShelf):
    def load(self, _key: Key) -> None:
        raise StoreUnavailable("broken")


def test_a_broken_store_is_an_error_not_a_fetch(nursery: Nursery) -> None:
    around = surroundings(FallbackShelf(Broken(nursery.clock), nursery.clock), nursery.clock)
    provider = CredentialProvider(KEY, [nursery.source], around)
    with pytest.raises(StoreUnavailable):
        provider.get()
    assert nursery.wechat.fetches == 0


def test_no_error_of_a_provider_holds_the_token(nursery: Nursery, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    nursery.wechat.prefix = "secret-token-"
    errors: list[CentralServerError] = []
    for _ in range(6):
        try:
            nursery.provider.use(nursery.refuse(*(f"secret-token-{n}" for n in range(9))))
        except CentralServerError as error:
            errors.append(error)
    assert len(errors) == 6
    assert "secret-token" not in repr([(error, vars(error), error.__context__) for error in errors])
    assert "secret-token" not in caplog.text
    assert "secret-token" not in repr(nursery.provider.get())


def test_renewing_fetches_though_the_credential_is_fresh(nursery: Nursery) -> None:
    assert nursery.provider.get().value == "t1"
    assert nursery.provider.renew().value == "t2"
    assert nursery.provider.get().value == "t2"
    assert nursery.wechat.forced == 0


def test_renewing_what_is_missing_is_a_first_fetch(nursery: Nursery) -> None:
    assert (nursery.provider.renew().generation, nursery.wechat.fetches) == (1, 1)


def test_renewed_stable_token_may_be_the_same(stable: Nursery) -> None:
    stable.wechat.value = "t1"
    before = stable.provider.get()
    after = stable.provider.renew()
    assert (after.value, after.generation) == (before.value, before.generation + 1)


def test_renewing_by_force_gets_another_value(stable: Nursery) -> None:
    stable.wechat.value = "sticky"
    stable.provider.get()
    assert stable.provider.renew(force=True).value != "sticky"
    assert stable.wechat.forced == 1


def test_fetch_of_another_process_counts_as_renewed(nursery: Nursery) -> None:
    nursery.provider.get()
    nursery.shelf.acquire(KEY, "another", 15)
    nursery.clock.others.append(lambda _: release_with_news(nursery))
    assert nursery.provider.renew().value == "theirs"
    assert nursery.wechat.fetches == 1


def release_with_news(nursery: Nursery) -> None:
    """The other process saves what it fetched."""
    stored = nursery.shelf.load(KEY)
    if stored and stored.generation == 1:
        nursery.shelf.save(KEY, replace(stored, value="theirs", generation=2), 1)


def test_renewing_respects_what_keeps_wechat_from_being_asked(nursery: Nursery) -> None:
    nursery.provider.get()
    nursery.wechat.hold = AddressRefused(40164, "invalid ip")
    with pytest.raises(AddressRefused):
        nursery.provider.renew()
    assert nursery.wechat.fetches == 1


def test_renewing_that_fails_takes_nothing_away(nursery: Nursery) -> None:
    nursery.provider.get()
    nursery.wechat.failure = DOWN
    with pytest.raises(WeChatUnavailable):
        nursery.provider.renew()
    assert nursery.provider.get().value == "t1"


def test_fetches_left_are_counted_down_and_come_back(nursery: Nursery) -> None:
    assert nursery.provider.fetches_left() == 3
    nursery.provider.refresh(nursery.provider.get().value)
    assert nursery.provider.fetches_left() == 2
    nursery.clock.advance(19)
    assert nursery.provider.fetches_left() == 2
    nursery.clock.advance(1)
    assert nursery.provider.fetches_left() == 3


def test_trouble_says_when_the_next_fetch_may_be_tried(nursery: Nursery) -> None:
    nursery.wechat.failure = DOWN
    with pytest.raises(WeChatUnavailable):
        nursery.provider.get()
    trouble = nursery.provider.trouble()
    assert trouble
    assert trouble.until == nursery.clock() + 1


# -- a store that hiccups


def test_a_hiccup_of_the_store_turns_nobody_away(nursery: Nursery) -> None:
    answers = [StoreUnavailable("Redis: TimeoutError")]
    acquire = nursery.shelf.acquire

    def hiccup(key: Key, owner: str, seconds: float) -> bool:
        if answers:
            raise answers.pop()
        return acquire(key, owner, seconds)

    nursery.shelf.acquire = hiccup  # type: ignore[method-assign]
    assert nursery.provider.get().value == "t1"


def test_a_store_that_stays_away_is_told_in_time(nursery: Nursery) -> None:
    def gone(key: Key, owner: str, seconds: float) -> bool:  # noqa: ARG001 -- as the shelf has it
        raise StoreUnavailable("Redis: ConnectionError")

    nursery.shelf.acquire = gone  # type: ignore[method-assign]
    before = nursery.clock()
    with pytest.raises(StoreUnavailable):
        nursery.provider.get()
    assert nursery.clock() - before < 2
    assert nursery.wechat.fetches == 0


def test_nobody_takes_a_lease_to_learn_that_the_budget_is_spent(nursery: Nursery) -> None:
    for n in range(1, 5):
        nursery.provider.refresh(f"t{n}")
    nursery.shelf.acquire(KEY, "another", 15)
    before = nursery.clock()
    with pytest.raises(AccessTokenRefused):
        nursery.provider.use(nursery.refuse("t4"))
    assert nursery.clock() == before
