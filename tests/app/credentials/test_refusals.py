"""Refused credentials: one successor for all, and a bounded number of fetches."""

import pytest

from app.credentials.budget import Budget, BudgetSpent
from app.errors import AccessTokenRefused, CredentialUnavailable, WeChatRefused, WeChatUnavailable
from app.wechat import refusal
from tests.app.credentials.harness import DOWN, KEY, Harness, refused

MIDNIGHT_IN_SHANGHAI = 1_790_006_400.0  # 2026-09-22 00:00:00 +08:00, which is 2026-09-21 16:00:00 UTC
ALL = tuple(f"t{n}" for n in range(1000))


# -- use and refresh


def test_refused_token_is_replaced_and_the_call_made_once_more(classic: Harness) -> None:
    assert classic.provider.use(classic.refuse("t1")) == "t2"
    assert classic.wechat.fetches == 2


def test_call_is_repeated_once_only(classic: Harness) -> None:
    with pytest.raises(AccessTokenRefused):
        classic.provider.use(classic.refuse("t1", "t2"))
    assert classic.wechat.fetches == 2


def test_other_errors_of_the_call_are_not_repeated(classic: Harness) -> None:
    calls = []

    def call(token: str) -> None:
        calls.append(token)
        raise refusal(87014, "risky content", endpoint="/wxa/msg_sec_check")

    with pytest.raises(WeChatRefused):
        classic.provider.use(call)
    assert calls == ["t1"]


def test_refusals_of_one_token_by_many_cause_one_fetch(classic: Harness) -> None:
    first = classic.provider.get()
    assert {classic.another_process().refresh(first.value).value for _ in range(20)} == {"t2"}
    assert classic.provider.refresh("something else, 中文").value == "t2"
    assert classic.wechat.fetches == 2


def test_stable_token_returned_unchanged_is_tried_again_after_300_ms(stable: Harness) -> None:
    stable.wechat.value = "t1"
    times = []

    def call(token: str) -> str:
        times.append(stable.clock())
        return token if len(times) > 1 else stable.refuse("t1")(token)

    assert stable.provider.use(call) == "t1"
    assert times[1] - times[0] == pytest.approx(0.3)


def test_call_that_uses_up_a_code_is_not_made_with_the_same_token_again(stable: Harness) -> None:
    stable.wechat.value, calls = "t1", []

    def call(token: str) -> None:
        calls.append(token)
        raise refused()

    with pytest.raises(AccessTokenRefused):
        stable.provider.use(call, once=True)
    assert (calls, stable.wechat.fetches) == (["t1"], 2)


def test_call_that_uses_up_a_code_is_made_with_another_token_again(classic: Harness) -> None:
    assert classic.provider.use(classic.refuse("t1"), once=True) == "t2"


def test_log_names_the_forced_refresh_when_it_is_the_remedy(stable: Harness, caplog: pytest.LogCaptureFixture) -> None:
    stable.wechat.value = "t1"
    with pytest.raises(AccessTokenRefused):
        stable.provider.use(stable.refuse("t1"))
    assert "access_token --force" in caplog.text
    assert stable.wechat.forced == 0


def test_callers_wait_for_the_last_fetch_that_the_budget_has(classic: Harness) -> None:
    for number in (1, 2):
        assert classic.provider.use(classic.refuse(f"t{number}")) == f"t{number + 1}"
    classic.clock.advance(1)
    waited = []

    def meanwhile() -> None:
        began = classic.clock()
        with pytest.raises(CredentialUnavailable):
            classic.another_process().use(classic.refuse("t3"))
        waited.append(classic.clock() - began)

    classic.wechat.meanwhile = meanwhile
    assert classic.provider.use(classic.refuse("t3")) == "t4"
    assert waited == [pytest.approx(5, abs=0.1)]


# -- the refetch of a refused token fails


def test_failed_refetch_fails_only_refused_callers_for_1_2_5_10_s(classic: Harness) -> None:
    classic.provider.get()
    classic.wechat.failure = DOWN
    fetched_at = []
    for second in range(19):
        before = classic.wechat.fetches
        with pytest.raises((WeChatUnavailable, AccessTokenRefused)):  # the budget is spent in the end
            classic.another_process().use(classic.refuse("t1"))
        fetched_at += [second] * (classic.wechat.fetches - before)
        assert classic.provider.get().value == classic.provider.use(classic.refuse()) == "t1"
        assert classic.provider.refresh("t1").value == "t1"
        classic.clock.advance(1)
    assert fetched_at == [0, 1, 3]


def test_failed_refetch_at_the_end_of_its_life_returns_no_dead_token(classic: Harness) -> None:
    classic.age(7199)
    classic.wechat.failure = DOWN
    classic.wechat.meanwhile = lambda: classic.clock.advance(1)
    with pytest.raises(WeChatUnavailable):
        classic.provider.refresh("t1")


def test_cooldown_begun_while_stale_does_not_bind_the_refused(classic: Harness) -> None:
    classic.age(6600)
    classic.wechat.failure = DOWN
    classic.provider.get()
    classic.wechat.failure = None
    assert classic.provider.refresh("t1").value == "t3"


# -- the budget


def test_always_40001_a_thousand_times_in_a_minute_costs_at_most_6_fetches(classic: Harness) -> None:
    for _ in range(1000):
        with pytest.raises(AccessTokenRefused) as caught:
            classic.provider.use(classic.refuse(*ALL))
        assert caught.value.errcode == 40001
        classic.clock.advance(0.06)
    assert classic.wechat.fetches <= 6


def test_always_40001_all_day_leaves_most_of_the_quota(classic: Harness) -> None:
    classic.clock.now = MIDNIGHT_IN_SHANGHAI

    def call(_token: str) -> None:
        raise refused()

    while classic.clock() < MIDNIGHT_IN_SHANGHAI + 86_400 - 30:
        with pytest.raises(AccessTokenRefused):
            classic.provider.use(call)
        classic.clock.advance(30)
    assert classic.wechat.fetches <= 300 + 14  # and those that the tokens' ends cause


def test_budget_is_3_and_one_more_every_20_s(classic: Harness) -> None:
    assert classic.provider.fetches_left() == 3
    for n in range(1, 6):
        assert classic.provider.refresh(f"t{n}").value == f"t{min(n + 1, 4)}"
    assert classic.provider.fetches_left() == 0
    classic.clock.advance(19.9)
    assert classic.provider.refresh("t4").value == "t4"
    classic.clock.advance(0.1)
    assert classic.provider.refresh("t4").value == "t5"
    classic.clock.advance(3600)
    assert classic.another_process().fetches_left() == 3


def test_spent_budget_is_raised_without_the_lease(classic: Harness) -> None:
    for n in range(1, 5):
        classic.provider.refresh(f"t{n}")
    classic.store.acquire(KEY, "another", 15)
    before = classic.clock()
    with pytest.raises(AccessTokenRefused):
        classic.provider.use(classic.refuse("t4"))
    assert classic.clock() == before


def test_callers_without_a_key_have_a_budget_of_their_own(classic: Harness) -> None:
    for n in range(1, 9):
        classic.provider.refresh(f"t{n}", public=True)
    assert classic.wechat.fetches == 4
    assert classic.provider.fetches_left() == 3
    assert classic.provider.refresh("t4").value == "t5"


def test_spent_public_budget_is_no_reason_to_wait_after_an_unchanged_value(stable: Harness) -> None:
    stable.wechat.value = "t1"
    stable.wechat.meanwhile = lambda: stable.clock.advance(0.1)
    for _ in range(4):
        stable.provider.refresh("t1", public=True)
    stable.store.acquire(KEY, "another", 15)
    before = stable.clock()
    assert stable.provider.refresh("t1", public=True).value == "t1"
    assert stable.clock() == before


@pytest.mark.parametrize(("public", "fetches"), [(True, 400), (False, 300)])
def test_unchanged_value_counts_for_the_day_unless_public(stable: Harness, *, public: bool, fetches: int) -> None:
    stable.clock.now = MIDNIGHT_IN_SHANGHAI
    stable.wechat.value = "t1"
    for _ in range(400):
        stable.provider.refresh("t1", public=public)
        stable.clock.advance(20)
    by_time = 1  # the first one; refreshing moves the end of the token's life on
    assert stable.wechat.fetches - by_time == fetches


def test_budget_of_a_day_is_300_for_all_processes_and_new_at_midnight(classic: Harness) -> None:
    classic.clock.now = MIDNIGHT_IN_SHANGHAI
    taken = 0
    while classic.clock() < MIDNIGHT_IN_SHANGHAI + 86_400:
        try:
            Budget(KEY, classic.store, classic.clock).take()
        except BudgetSpent:
            pass
        else:
            taken += 1
        classic.clock.advance(10)
    assert taken == 300
    assert classic.provider.fetches_left() == 3


@pytest.mark.parametrize(("back", "left"), [(50, 2), (3600, 3), (30 * 86_400, 3)])
def test_clock_set_back_neither_locks_nor_drains_the_budget(classic: Harness, back: int, left: int) -> None:
    Budget(KEY, classic.store, classic.clock).take()
    classic.clock.advance(-back)
    assert classic.provider.fetches_left() == left
