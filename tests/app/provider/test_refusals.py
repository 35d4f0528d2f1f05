"""What refused tokens may cause: a bounded number of fetches, and a forced one at the very end."""

from dataclasses import replace

import pytest

from app.exceptions import AccessTokenRefused
from app.provider.refusals import Budget, LastResort
from tests.app.provider.nursery import KEY, Nursery, refused

MIDNIGHT_IN_SHANGHAI = 1_790_006_400.0  # 2026-09-22 00:00:00 +08:00, which is 2026-09-21 16:00:00 UTC


def budget(nursery: Nursery) -> Budget:
    return Budget(KEY, nursery.shelf, nursery.clock)


def test_refusals_cause_300_fetches_a_day_at_most(nursery: Nursery) -> None:
    nursery.clock.now = MIDNIGHT_IN_SHANGHAI
    budget = Budget(KEY, nursery.shelf, nursery.clock)
    taken = 0
    while nursery.clock() < MIDNIGHT_IN_SHANGHAI + 86_400:
        taken += budget.take()
        nursery.clock.advance(10)
    assert taken == 300
    assert budget.left() == 3  # a new day has begun


def test_an_endpoint_that_refuses_all_day_leaves_most_of_the_quota(nursery: Nursery) -> None:
    nursery.clock.now = MIDNIGHT_IN_SHANGHAI

    def call(_token: str) -> None:
        raise refused()

    while nursery.clock() < MIDNIGHT_IN_SHANGHAI + 86_400 - 30:
        with pytest.raises(AccessTokenRefused):
            nursery.provider.use(call)
        nursery.clock.advance(30)
    assert nursery.wechat.fetches <= 300 + 14  # and those that the tokens' ends cause


def test_the_days_bound_holds_for_every_process(nursery: Nursery) -> None:
    for _ in range(300):
        assert budget(nursery).take()
        nursery.clock.advance(20)
    nursery.clock.advance(60)
    assert not budget(nursery).take()
    assert nursery.provider.fetches_left() == 0


def test_an_idle_day_fills_the_bucket_no_higher_than_3(nursery: Nursery) -> None:
    assert budget(nursery).take()
    nursery.clock.advance(59)
    assert budget(nursery).left() == 3
    assert [budget(nursery).take() for _ in range(4)] == [True, True, True, False]


@pytest.mark.parametrize("back", [3600, 86_400, 30 * 86_400])
def test_a_clock_that_was_set_back_does_not_lock_the_budget(nursery: Nursery, back: int) -> None:
    for _ in range(3):
        budget(nursery).take()
    nursery.clock.advance(-back)
    assert budget(nursery).left() == 3


def test_a_clock_that_was_set_back_a_little_drains_nothing(nursery: Nursery) -> None:
    budget(nursery).take()
    nursery.clock.advance(-50)
    assert budget(nursery).left() == 2
    nursery.clock.advance(50)
    assert budget(nursery).left() == 2


def test_refusals_of_an_earlier_token_do_not_count_against_the_next(nursery: Nursery) -> None:
    last_resort = LastResort(KEY, nursery.shelf, nursery.clock, 60)
    first = nursery.provider.get()
    last_resort.refused(first, "/a")
    last_resort.refused(first, "/b")
    nursery.clock.advance(60)
    assert last_resort.due(first)
    assert not last_resort.due(replace(first, first_seen_at=nursery.clock()))
