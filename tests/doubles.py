"""Tiny doubles: a clock that only tests move, a WeChat that issues t1, t2, ..."""

from collections.abc import Callable

from app.accounts import Secret
from app.credentials import Dependencies, Source, WaiterLimit
from app.credentials.sources import BeforeSending
from app.errors import CentralServerError
from app.settings import Timing
from app.stores import Store
from app.wechat import Cooldowns, Issued

START = 1_790_000_000.0


class FakeClock:
    """Unix seconds that only `sleep` and `advance` move."""

    def __init__(self, now: float = START) -> None:
        self.now = now
        self.others: list[Callable[[float], None]] = []
        """clocks of other programs, moved together with this one"""

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds
        for move in self.others:
            move(seconds)

    sleep = advance


class Issuer:
    """Issues t1, t2, ... and counts; raises `failure` while it is set."""

    def __init__(self, prefix: str = "t", expires_in: int = 7200) -> None:
        self.prefix = prefix
        self.expires_in = expires_in
        self.fetches = 0
        self.forced = 0
        self.failure: CentralServerError | None = None
        self.value: str | None = None
        """issued every time while it is set"""
        self.meanwhile: Callable[[], None] = lambda: None
        """happens while WeChat answers"""

    def fetch(self, before_sending: BeforeSending) -> Issued:
        before_sending()
        return self._issue()

    def force(self) -> Issued:
        self.forced += 1
        self.value = None
        return self._issue()

    def _issue(self) -> Issued:
        self.fetches += 1
        self.meanwhile()
        if self.failure:
            raise self.failure
        return Issued(self.value or f"{self.prefix}{self.fetches}", self.expires_in)

    def source(self, lifetime: Callable[..., object], *, force: bool = False, last_asker_wins: bool = False) -> Source:
        """A Source with this issuer."""
        return Source(
            "/test",
            self.fetch,
            lifetime,  # type: ignore[arg-type] # one of app.credentials.lifetimes
            self.force if force else None,
            last_asker_wins,
        )


def dependencies(store: Store, clock: FakeClock, *, waiters: int = 16) -> Dependencies:
    """A provider's dependencies with which nothing takes time and background refreshes happen at once."""
    timing = Timing()
    limit = WaiterLimit(waiters, timing.unlimited_wait_seconds, clock)
    return Dependencies(store, limit, timing, clock, clock.sleep, lambda work: work())


def cooldowns(
    store: Store,
    clock: FakeClock,
    *,
    appid: str = "wx0000000000000001",
    secret: Secret | str = "mock-official-secret",
    egress: str = "",
) -> Cooldowns:
    """The cooldowns of one account, as a node at this egress has them."""
    secret = Secret(secret) if isinstance(secret, str) else secret
    return Cooldowns(appid, secret, store, egress=egress, timing=Timing(), clock=clock)
