"""The objects that serve the accounts, wired from the settings."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random, SystemRandom

from .account_services import AccountServices, account_services
from .accounts import Account, Accounts, ApiKeys
from .credentials import Dependencies, Refresh, Refresher, WaiterLimit
from .events import Events
from .gateway import Callers, Passes, Relay
from .login import Sessions, WebLogin, sealer_of
from .metrics import Meters
from .moderation import AsyncChecks, Bounds, Jobs, Limits, MediaLinks
from .push import Deduplicator, Forwarder
from .settings import Settings
from .stores import FallbackStore, SharedEntries, open_store
from .wechat import CallPool, Opener, Transport, lift

_PUSH_FORWARD_SECONDS = 4.0
"""WeChat waits 5 s for the answer to a push, then it tries again"""
_IMAGE_WAIT_SECONDS = 2.0
_OPEN_BASE = "https://open.weixin.qq.com"


@dataclass(frozen=True, slots=True)
class Services:
    """All services of this process."""

    settings: Settings
    store: FallbackStore
    by_appid: dict[str, AccountServices]
    transport: Transport
    clock: Callable[[], float]
    """Unix seconds"""
    meters: Meters
    events: Events
    pool: CallPool
    """places for slow calls to WeChat"""
    callers: Callers
    relay: Relay
    async_checks: AsyncChecks
    sessions: Sessions | None
    """of mini program users; None without a key to encrypt them"""
    forwarder: Forwarder
    deduplicator: Deduplicator
    web_login: WebLogin

    @property
    def accounts(self) -> Accounts:
        """All accounts, in order."""
        return self.settings.accounts

    @property
    def keys(self) -> ApiKeys:
        """All API keys."""
        return self.settings.keys

    @property
    def mock_url(self) -> str | None:
        """The mock in place of WeChat. Loopback may be a tunnel to another central server, so it is asked once."""
        url = self.settings.mock_url
        return url if url and (self.settings.mock == "allow" or self.transport.is_mock(url)) else None

    @property
    def open_base(self) -> str:
        """Where users log in: WeChat's open platform, or the mock."""
        return self.settings.open_base or self.mock_url or _OPEN_BASE

    @property
    def mock_in_browsers(self) -> str | None:
        """The mock's URL in browsers. Between containers it has another name than `mock_url`."""
        return self.open_base if self.mock_url else None

    def refresher(self) -> Refresher:
        """A refresher for all accounts, not started yet."""
        providers = [provider for one in self.by_appid.values() for provider in reversed(one.providers)]
        return Refresher(providers, self.settings.timing.refresh_interval_seconds, SystemRandom())

    def for_account(self, account: Account) -> AccountServices:
        """The services of `account`."""
        return self.by_appid[account.appid]


def _in_a_thread(task: Callable[[], None]) -> None:
    # Not a daemon: the process ends after the fetch, which would otherwise leave its lease behind.
    threading.Thread(target=task, name="background").start()


def build_services(
    settings: Settings,
    *,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
    spawn: Callable[[Callable[[], None]], None] = _in_a_thread,
    random: Random | None = None,
) -> Services:
    """Wire everything that `settings` describe; nothing is opened yet. `spawn` runs a background task."""
    timing, threads = settings.timing, settings.threads
    meters = Meters({account.appid: account.name for account in settings.accounts})
    store = _store(settings, clock)
    entries = SharedEntries(store)
    events = Events(entries, clock, spawn)
    waiters = WaiterLimit(max(1, threads // 2), timing.unlimited_wait_seconds, clock)
    recent_seconds = 1.0 if settings.store_url.startswith("redis") else 0.01  # a file answers ten times as fast
    observe = partial(_observe, meters, events)
    dependencies = Dependencies(store, waiters, timing, clock, sleep, spawn, observe, recent_seconds)
    transport = Transport(
        settings.api_base,
        connect_timeout_seconds=settings.connect_timeout_seconds,
        read_timeout_seconds=settings.read_timeout_seconds,
        deadline_seconds=timing.fetch_deadline_seconds,
        proxy=settings.proxy,
        observe=meters.call,
        clock=clock,
        sleep=sleep,
        random=random,
    )
    pool = CallPool(threads, observe=meters.places)
    bounds = Bounds(pool, Limits(wait_seconds=_IMAGE_WAIT_SECONDS), timing.check_deadline_seconds)
    by_appid = {
        account.appid: account_services(account, settings, transport, dependencies, bounds, events)
        for account in settings.accounts
    }
    links = None
    if settings.secret_key and settings.public_url:
        links = MediaLinks(entries, settings.secret_key, settings.public_url, clock)
    sealer = sealer_of(settings.store_key, settings.secret_key)
    return Services(
        settings,
        store,
        by_appid,
        transport,
        clock,
        meters,
        events,
        pool,
        Callers(settings.accounts, settings.keys, Passes(settings.keys, settings.secret_key, clock)),
        Relay(Opener(transport.hosts, connect_timeout_seconds=settings.connect_timeout_seconds, proxy=settings.proxy)),
        AsyncChecks(Jobs(entries, clock, timing.media_timeout_seconds), links),
        Sessions(entries, sealer, clock, sleep) if sealer else None,
        Forwarder(max(1, threads // 4), _PUSH_FORWARD_SECONDS, clock),
        Deduplicator(store),
        WebLogin(
            {appid: one.client for appid, one in by_appid.items()},
            entries,
            sealer,
            settings.public_url,
            pool,
            clock=clock,
            sleep=sleep,
            deadline_seconds=timing.fetch_deadline_seconds,
        ),
    )


def lift_cooldowns(settings: Settings) -> None:
    """End all cooldowns, once when the server starts: an operator may have corrected their cause."""
    store = _store(settings, time.time)
    lift(store)
    store.close()


def _store(settings: Settings, clock: Callable[[], float]) -> FallbackStore:
    return open_store(
        settings.store_url, settings.store_prefix, clock, settings.store_key, settings.redis_timeout_seconds
    )


def _observe(meters: Meters, events: Events, refresh: Refresh) -> None:
    meters.refresh(refresh.key, refresh.result)
    if refresh.result != "budget_spent":  # every further refusal ends so
        facts = {"refused": True} if refresh.refused else {}
        appid, credential = refresh.key
        events.record(appid, refresh.result, error=refresh.error, credential=credential, **facts)
