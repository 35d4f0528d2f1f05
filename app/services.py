"""The objects that serve the accounts, wired from the settings."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random, SystemRandom

from .accounts import KINDS, Account, Accounts, ApiKeys, Secret, secret_in_file
from .credentials import CredentialProvider, Dependencies, Refresher, WaiterLimit, classic, stable, ticket
from .errors import AccountKindWrong
from .gateway import Callers, Passes, Relay
from .login import MiniProgram, Sessions, WebLogin, sealer_of
from .metrics import Meters
from .moderation import AsyncChecks, Bounds, Checks, Jobs, Limits, MediaLinks, VerdictCache
from .push import Deduplicator, Forwarder
from .redaction import hide
from .settings import Settings
from .stores import FallbackStore, Key, SharedEntries, open_store
from .wechat import CallPool, Cooldowns, Opener, Transport, WeChatClient, lift

_PUSH_FORWARD_SECONDS = 4.0
"""WeChat waits 5 s for the answer to a push, then it tries again"""
_IMAGE_WAIT_SECONDS = 2.0
_OPEN_BASE = "https://open.weixin.qq.com"
_TICKETS = {"jsapi": "jsapi_ticket", "wx_card": "wx_card_ticket", "2": "sdk_ticket"}
"""`type` of getticket -> credential; the others than `jsapi` are fetched when first asked for"""


@dataclass(frozen=True, slots=True)
class AccountServices:
    """The objects that serve one account."""

    account: Account
    secret: Secret
    client: WeChatClient
    cooldowns: Cooldowns
    own_token: CredentialProvider | None
    """of its access_token; None: a web site has none"""
    tickets: Mapping[str, CredentialProvider]
    """by getticket's `type`; only official accounts have any"""
    own_checks: Checks | None
    """None: a web site has none"""
    mini_program: MiniProgram | None
    """None: it is none"""

    @property
    def access_token(self) -> CredentialProvider:
        """The provider of its access_token. Raises AccountKindWrong for a web site."""
        if self.own_token is None:
            raise self._kind_wrong()
        return self.own_token

    @property
    def checks(self) -> Checks:
        """Its content checks. Raises AccountKindWrong for a web site."""
        if self.own_checks is None:
            raise self._kind_wrong()
        return self.own_checks

    @property
    def jsapi_ticket(self) -> CredentialProvider | None:
        """The ticket that signs pages; None: only official accounts have one."""
        return self.tickets.get("jsapi")

    @property
    def providers(self) -> tuple[CredentialProvider, ...]:
        """Those that are kept warm: of the access_token and, for an official account, of the jsapi_ticket."""
        return tuple(provider for provider in (self.own_token, self.jsapi_ticket) if provider)

    def _kind_wrong(self) -> AccountKindWrong:
        what = f"The account {self.account.name} is {KINDS[self.account.kind]}"
        return AccountKindWrong(f"{what}: WeChat gives it no access_token; name another account.")


@dataclass(frozen=True, slots=True)
class Services:
    """All services of this process."""

    settings: Settings
    store: FallbackStore
    by_appid: dict[str, AccountServices]
    """for each account"""
    transport: Transport
    clock: Callable[[], float]
    """Unix seconds"""
    meters: Meters
    pool: CallPool
    """places for slow calls to WeChat"""
    callers: Callers
    relay: Relay
    async_checks: AsyncChecks
    sessions: Sessions | None
    """of mini program users; None without a key that seals them"""
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

    def refresher(self) -> Refresher:
        """A refresher for all accounts, not started yet."""
        providers = [provider for one in self.by_appid.values() for provider in reversed(one.providers)]
        return Refresher(providers, self.settings.timing.refresh_interval_seconds, SystemRandom())

    def for_account(self, account: Account) -> AccountServices:
        """What serves `account`."""
        return self.by_appid[account.appid]


def build_services(
    settings: Settings,
    *,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
    spawn: Callable[[Callable[[], None]], None] | None = None,
    random: Random | None = None,
) -> Services:
    """Wire everything that `settings` describe; nothing is opened yet. `spawn` runs a background refresh."""
    timing, meters = settings.timing, Meters({account.appid: account.name for account in settings.accounts})
    timeouts = {
        "connect_timeout_seconds": settings.connect_timeout_seconds,
        "read_timeout_seconds": settings.read_timeout_seconds,
        "deadline_seconds": timing.fetch_deadline_seconds,
    }
    store = _store(settings, clock)
    waiters = WaiterLimit(max(1, settings.threads // 2), timing.unlimited_wait_seconds, clock)
    recent_seconds = 1.0 if settings.store_url.startswith("redis") else 0.01  # a file answers ten times as fast
    dependencies = Dependencies(
        store, waiters, timing, clock, sleep, spawn or _in_a_thread, meters.refresh, recent_seconds
    )
    transport = Transport(
        settings.api_base,
        **timeouts,
        proxy=settings.proxy,
        observe=meters.call,
        clock=clock,
        sleep=sleep,
        random=random or SystemRandom(),
    )
    pool = CallPool(settings.threads)
    bounds = Bounds(pool, Limits(wait_seconds=_IMAGE_WAIT_SECONDS), timing.check_deadline_seconds)
    by_appid = {
        account.appid: _account_services(account, settings, transport, dependencies, bounds)
        for account in settings.accounts
    }
    entries = SharedEntries(store)
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
        pool,
        Callers(settings.accounts, settings.keys, Passes(settings.keys, settings.secret_key, clock)),
        Relay(Opener(transport.hosts, connect_timeout_seconds=settings.connect_timeout_seconds, proxy=settings.proxy)),
        AsyncChecks(Jobs(entries, clock, timing.media_timeout_seconds), links),
        Sessions(entries, sealer, clock, sleep) if sealer else None,
        Forwarder(max(1, settings.threads // 4), _PUSH_FORWARD_SECONDS, clock),
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


def _account_services(
    account: Account, settings: Settings, transport: Transport, dependencies: Dependencies, bounds: Bounds
) -> AccountServices:
    secret = Secret(account.secret, owner=account.name, file=account.secret_file, read=_read_secret)
    cooldowns = Cooldowns(
        account.appid,
        secret,
        dependencies.store,
        egress=settings.egress,
        timing=settings.timing,
        clock=dependencies.clock,
    )
    client = WeChatClient(account.appid, secret, transport, cooldowns)
    if account.kind == "web":
        return AccountServices(account, secret, client, cooldowns, None, {}, None, None)
    sources = [stable(client)]
    if account.token_mode == "classic":  # noqa: S105 -- a mode
        sources.insert(0, classic(client))
    access_token = CredentialProvider(Key(account.appid, "access_token"), sources, cooldowns, dependencies)
    tickets = {}
    if account.kind == "official":
        for kind, name in _TICKETS.items():
            source = ticket(client, access_token.use, kind)
            tickets[kind] = CredentialProvider(Key(account.appid, name), [source], cooldowns, dependencies)
    cache = VerdictCache(dependencies.store, (*settings.secret_key, account.secret)[0], settings.verdict_cache_seconds)
    checks = Checks(account, access_token, client, cache, bounds)
    mini_program = MiniProgram(client, access_token, bounds.pool) if account.kind == "mini" else None
    return AccountServices(account, secret, client, cooldowns, access_token, tickets, checks, mini_program)


def _read_secret(file: str) -> str:
    """The secret in the file, masked in this process's logs from now on."""
    secret = secret_in_file(file)
    hide([secret])
    return secret


def _in_a_thread(work: Callable[[], None]) -> None:
    # Not a daemon: the process ends after the fetch, which would otherwise leave its lease behind.
    threading.Thread(target=work, name="background-refresh").start()
