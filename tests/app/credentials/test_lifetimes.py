"""When to look for a successor, and when to stop handing out. Times are seconds since the first request was sent."""

from dataclasses import dataclass

import pytest

from app.credentials import lifetimes
from app.stores import Credential
from app.wechat import Issued

ZERO = 1_790_000_000.0


def times(credential: Credential) -> tuple[float, float]:
    return credential.stale_at - ZERO, credential.expires_at - ZERO


def test_a_classic_token_is_replaced_ten_minutes_before_its_end() -> None:
    assert times(lifetimes.classic_token(None, Issued("t1", 7200), ZERO)) == (6600, 7200)


def test_a_short_classic_token_is_replaced_a_tenth_of_its_life_before_its_end() -> None:
    assert times(lifetimes.classic_token(None, Issued("t1", 100), ZERO)) == (90, 100)


def test_a_stable_token_is_asked_for_again_when_wechat_has_a_new_one() -> None:
    assert times(lifetimes.stable_token(None, Issued("t1", 7200), ZERO)) == (6905, 7200)


def test_a_stable_token_that_somebody_else_began_has_only_the_rest_of_its_life() -> None:
    assert times(lifetimes.stable_token(None, Issued("t1", 345), ZERO)) == (50, 345)


def test_the_same_stable_token_again_near_its_end_is_looked_at_15_s_later() -> None:
    first = lifetimes.stable_token(None, Issued("t1", 7200), ZERO)
    again = lifetimes.stable_token(first, Issued("t1", 295), ZERO + 6905)
    assert times(again) == (6920, 7200)
    assert (again.generation, again.first_seen_at) == (2, ZERO)


def test_generations_count_up_and_first_seen_is_the_values_own() -> None:
    first = lifetimes.classic_token(None, Issued("t1", 7200), ZERO)
    second = lifetimes.classic_token(first, Issued("t2", 7200), ZERO + 6600)
    assert (first.generation, second.generation) == (1, 2)
    assert (first.first_seen_at, second.first_seen_at) == (ZERO, ZERO + 6600)


@dataclass
class Watch:
    """Looks at the ticket whenever it is STALE, as the provider does."""

    credential: Credential | None = None
    at: float = 0.0

    def look(self, value: str, at: float) -> tuple[float, float]:
        self.credential = lifetimes.ticket(self.credential, Issued(value, 7200), ZERO + at)
        return times(self.credential)


def test_a_ticket_of_unknown_age_is_looked_at_every_five_minutes() -> None:
    watch = Watch()
    assert watch.look("k1", 0) == (300, 7200)
    assert watch.look("k1", 300) == (600, 7200)
    assert watch.look("k1", 600) == (900, 7200)


def test_a_ticket_seen_to_begin_is_trusted_until_ten_minutes_before_its_end() -> None:
    watch = Watch()
    watch.look("k1", 0)
    watch.look("k1", 300)
    # k2 was born at some time after 300, when k1 was confirmed for the last time: it lives until 7500 at least
    assert watch.look("k2", 600) == (6900, 7500)
    assert watch.credential
    assert watch.credential.birth_seen


def test_a_ticket_of_known_age_is_looked_at_every_two_minutes_near_its_end() -> None:
    watch = Watch()
    watch.look("k1", 0)
    watch.look("k2", 300)
    looks = [watch.look("k2", at) for at in (6600, 6720, 6840, 6960)]
    assert looks == [(6720, 7200), (6840, 7200), (6960, 7200), (7080, 7200)]


def test_a_last_look_before_the_end_keeps_callers_from_waiting_there() -> None:
    watch = Watch()
    watch.look("k1", 0)
    watch.look("k2", 300)
    assert watch.look("k2", 7080) == (7140, 7200)
    assert watch.look("k2", 7140) == (7155, 7200)


def test_a_ticket_that_outlives_its_end_is_served_a_minute_at_a_time() -> None:
    watch = Watch()
    watch.look("k1", 0)
    assert watch.look("k1", 7200) == (7215, 7260)
    assert watch.look("k1", 7215) == (7230, 7275)


@pytest.mark.parametrize("at", [7201, 50_000])
def test_a_known_ticket_never_gets_two_more_hours(at: float) -> None:
    watch = Watch()
    watch.look("k1", 0)
    assert watch.look("k1", at) == (at + 15, at + 60)


def test_after_a_gap_nobody_knows_how_old_a_new_ticket_is() -> None:
    watch = Watch()
    watch.look("k1", 0)
    assert watch.look("k2", 3600) == (3900, 10_800)
    assert watch.credential
    assert not watch.credential.birth_seen


def test_an_old_ticket_met_after_a_restart_is_dropped_soon_after_its_real_end() -> None:
    """The outage of others: a nearly dead ticket cached for two more hours (WECHAT.md 2)."""
    watch = Watch()
    watch.look("k1", 0)  # in truth 7100 s old
    stale_at, _ = watch.look("k2", 300)  # WeChat rolled at 100
    assert stale_at > 6000
    assert watch.credential
    assert watch.credential.value == "k2"
