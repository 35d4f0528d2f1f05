"""When credentials become STALE and EXPIRED. Times are seconds since the first request was sent."""

from collections.abc import Callable

import pytest

from app.credentials import lifetimes
from app.stores import Credential
from app.wechat import Issued

ZERO = 1_790_000_000.0
Times = tuple[float, float]


def times(credential: Credential) -> Times:
    return credential.stale_at - ZERO, credential.expires_at - ZERO


@pytest.mark.parametrize(
    ("lifetime", "expires_in", "stale_and_expired"),
    [
        (lifetimes.classic_token, 7200, (6600, 7200)),
        (lifetimes.classic_token, 100, (90, 100)),
        (lifetimes.stable_token, 7200, (6905, 7200)),
        (lifetimes.stable_token, 345, (50, 345)),  # fetched first by another server
        (lifetimes.ticket, 6904, (60, 6904)),  # by a gateway, which counts to STALE
        (lifetimes.ticket, 61, (30.5, 61)),
    ],
)
def test_new_credential(lifetime: Callable[..., Credential], expires_in: int, stale_and_expired: Times) -> None:
    credential = lifetime(None, Issued("t1", expires_in), ZERO)
    assert times(credential) == stale_and_expired
    assert (credential.generation, credential.first_seen_at) == (1, ZERO)


def test_same_stable_token_again_near_its_end_is_checked_15_s_later() -> None:
    first = lifetimes.stable_token(None, Issued("t1", 7200), ZERO)
    again = lifetimes.stable_token(first, Issued("t1", 295), ZERO + 6905)
    assert times(again) == (6920, 7200)
    assert (again.generation, again.first_seen_at) == (2, ZERO)


K1 = ("k1", 0, (300, 7200))
K2_AFTER_300 = ("k2", 300, (6600, 7200))
CHECKS: dict[str, list[tuple[str, float, Times]]] = {
    "of unknown age: every 300 s": [K1, ("k1", 300, (600, 7200)), ("k1", 600, (900, 7200))],
    "known age: counted from its predecessor's last confirmation": [
        K1,
        ("k1", 300, (600, 7200)),
        ("k2", 600, (6900, 7500)),
    ],
    "known age: every 120 s from 600 s before its end": [
        K1,
        K2_AFTER_300,
        ("k2", 6600, (6720, 7200)),
        ("k2", 6720, (6840, 7200)),
        ("k2", 7080, (7140, 7200)),  # once more shortly before, so that no caller waits
        ("k2", 7140, (7155, 7200)),
    ],
    "overdue: served 60 s at a time": [K1, ("k1", 7200, (7215, 7260)), ("k1", 7215, (7230, 7275))],
    "long overdue: never two more hours": [K1, ("k1", 50_000, (50_015, 50_060))],
    "after a gap: of unknown age": [K1, ("k2", 3600, (3900, 10_800))],
}


@pytest.mark.parametrize("checks", CHECKS.values(), ids=CHECKS)
def test_ticket(checks: list[tuple[str, float, Times]]) -> None:
    credential = None
    for value, at, expected in checks:
        credential = lifetimes.ticket(credential, Issued(value, 7200), ZERO + at)
        assert (credential.value, times(credential)) == (value, expected)


def test_ticket_by_a_gateway_has_the_time_that_the_gateway_promises_whatever_its_age() -> None:
    credential = None
    for at, expires_in in ((0, 300), (60, 240), (240, 61), (270, 6600)):
        credential = lifetimes.ticket(credential, Issued("k1", expires_in), ZERO + at)
        assert times(credential) == (at + min(60, expires_in / 2), at + expires_in)


@pytest.mark.parametrize("back", [3600, 30 * 86_400])
def test_ticket_dated_in_the_future_gets_new_times(back: float) -> None:
    """The clock was set back."""
    first = lifetimes.ticket(None, Issued("k1", 7200), ZERO)
    for value in ("k1", "k2"):
        assert times(lifetimes.ticket(first, Issued(value, 7200), ZERO - back)) == (300 - back, 7200 - back)
