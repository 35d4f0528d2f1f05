"""The wired objects, and how a route reaches them."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random, SystemRandom
from typing import cast

from flask import current_app

from .accounts import Account, Accounts
from .central import ACCESS_TOKEN, JSAPI_TICKET, CentralClient, CentralServer
from .config import Settings, secret_in_file
from .credential import Key
from .holds import Holds, lift_all
from .keys import ApiKeys
from .media_links import MediaLinks
from .metrics import Meters
from .moderation import AsyncChecks, Bounds, Checks, Jobs, VerdictCache
from .moderation.images import Limits, Turns
from .provider import CredentialProvider, Source, Surroundings, WaitingRoom, central, classic, stable, ticket
from .push import Deliveries, Forwarder
from .redaction import hide
from .refresher import Refresher
from .secret import Secret
from .stores import FallbackShelf, SharedNotes, open_shelf
from .wechat import ENDPOINTS, CallPool, Transport, WeChatClient

EXTENSION = "wechat_services"
"""where the app keeps its Services"""

_LOOK_AHEAD = "look-ahead"


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that serves one account."""

    account: Account
    client: WeChatClient
    access_token: CredentialProvider
    jsapi_ticket: CredentialProvider | None
    """None: mini programs have none"""
    checks: Checks

    @property
    def providers(self) -> tuple[CredentialProvider, ...]:
        """Those that there are."""
        return (self.access_token, self.jsapi_ticket) if self.jsapi_ticket else (self.access_token,)

    @property
    def endpoints(self) -> tuple[str, ...]:
        """All that may be on hold: WeChat's, and where else the credentials come from."""
        return tuple(dict.fromkeys([*ENDPOINTS, *(one for provider in self.providers for one in provider.endpoints)]))


@dataclass(frozen=True, slots=True)
class Services:
    """What the routes work with."""

    settings: Settings
    shelf: FallbackShelf
    desks: dict[str, Desk]
    """by appid"""
    transport: Transport
    central: CentralServer | None
    """the server that central mode reads from"""
    clock: Callable[[], float]
    """Unix seconds"""
    meters: Meters
    async_checks: AsyncChecks
    forwarder: Forwarder
    deliveries: Deliveries

    @property
    def accounts(self) -> Accounts:
        """All accounts, in order."""
        return self.settings.accounts

    @property
    def keys(self) -> ApiKeys:
        """All API keys."""
        return self.settings.keys

    def refresher(self) -> Refresher:
        """A refresher for all accounts, not started yet."""
        providers = [provider for desk in self.desks.values() for provider in reversed(desk.providers)]
        return Refresher(providers, self.settings.timing.keep_warm_seconds, SystemRandom())

    def desk(self, account: Account) -> Desk:
        """What serves `account`."""
        return self.desks[account.appid]


def build_services(
    settings: Settings,
    *,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] | None = None,
    spawn: Callable[[Callable[[], None]], None] | None = None,
    random: Random | None = None,
) -> Services:
    """Wire everything that `settings` describe. Nothing is opened yet. Clock, sleep, threads, chance are arguments."""
    shelf = _shelf(settings, clock)
    room = WaitingRoom(max(1, settings.threads // 2), settings.timing.crowd_wait_seconds, clock)
    meters = Meters({account.appid: account.name for account in settings.accounts})
    world = clock, sleep or _sleep, spawn or _in_a_thread, random or SystemRandom()
    around = Surroundings(shelf, room, settings.timing, *world, meters.refresh, settings.egress)
    transport = _transport(settings, meters, around)
    server = _central_server(settings, meters, clock)
    bounds = _bounds(settings)
    desks = {
        account.appid: _desk(account, settings, transport, server, around, bounds) for account in settings.accounts
    }
    return Services(
        settings,
        shelf,
        desks,
        transport,
        server,
        clock,
        meters,
        _async_checks(settings, shelf, clock),
        Forwarder(max(1, settings.threads // 4), settings.timing.push_forward_seconds, clock),
        Deliveries(shelf),
    )


def lift_holds(settings: Settings) -> None:
    """Once, when the server starts: forget all holds and pauses, for a person may have mended their cause."""
    shelf = _shelf(settings, time.time)
    lift_all(shelf)
    shelf.close()


def wait_for_looks(seconds: float) -> None:
    """Let the fetches that run beside this thread end: cut off, each would leave its lease behind."""
    for thread in threading.enumerate():
        if thread.name == _LOOK_AHEAD:
            thread.join(seconds)


def current_services() -> Services:
    """The services of the app that handles this request."""
    return cast(Services, current_app.extensions[EXTENSION])


def _shelf(settings: Settings, clock: Callable[[], float]) -> FallbackShelf:
    return open_shelf(
        settings.store_url, settings.store_prefix, clock, settings.store_keys, settings.redis_timeout_seconds
    )


def _transport(settings: Settings, meters: Meters, around: Surroundings) -> Transport:
    return Transport(
        settings.api_base,
        connect_timeout_seconds=settings.connect_timeout_seconds,
        read_timeout_seconds=settings.read_timeout_seconds,
        deadline_seconds=settings.timing.fetch_deadline_seconds,
        aside_seconds=settings.timing.host_aside_seconds,
        proxy=settings.proxy,
        observe=meters.call,
        clock=around.clock,
        sleep=around.sleep,
        random=around.random,
    )


def _central_server(settings: Settings, meters: Meters, clock: Callable[[], float]) -> CentralServer | None:
    if settings.central is None:
        return None
    return CentralServer(
        settings.central.url,
        settings.central.key,
        connect_timeout_seconds=settings.connect_timeout_seconds,
        read_timeout_seconds=settings.read_timeout_seconds,
        deadline_seconds=settings.timing.fetch_deadline_seconds,
        observe=meters.call,
        clock=clock,
    )


def _bounds(settings: Settings) -> Bounds:
    """Of all moderation of this process."""
    timing = settings.timing
    return Bounds(
        CallPool(settings.threads),
        Turns(timing.image_turn_seconds),
        Limits(frames_checked=settings.max_frames_checked),
        timing.check_deadline_seconds,
    )


def _desk(
    account: Account,
    settings: Settings,
    transport: Transport,
    server: CentralServer | None,
    around: Surroundings,
    bounds: Bounds,
) -> Desk:
    secret = Secret(account.secret, owner=account.name, file=account.secret_file, read=_read_secret)
    holds = Holds(
        account.appid,
        secret,
        around.shelf,
        egress=settings.egress,
        timing=settings.timing,
        clock=around.clock,
    )
    client = WeChatClient(account.appid, secret, transport, holds)
    reader = _reader(account, settings, server, holds)
    tokens = [central(reader, ACCESS_TOKEN)] if reader else _from_wechat(account, client, settings)
    access_token = CredentialProvider(Key(account.appid, "access_token"), tokens, around)
    cache = VerdictCache(around.shelf, settings.secret_key or account.secret, settings.verdict_cache_seconds)
    checks = Checks(account, access_token, client, cache, bounds)
    if account.kind == "mini":
        return Desk(account, client, access_token, None, checks)
    tickets = central(reader, JSAPI_TICKET) if reader else ticket(client, access_token.use)
    jsapi_ticket = CredentialProvider(Key(account.appid, "jsapi_ticket"), [tickets], around)
    return Desk(account, client, access_token, jsapi_ticket, checks)


def _read_secret(file: str) -> str:
    """What the file of a secret holds now; no log line of this process will."""
    secret = secret_in_file(file)
    hide([secret])
    return secret


def _reader(account: Account, settings: Settings, server: CentralServer | None, holds: Holds) -> CentralClient | None:
    if server is None or account.token_mode != "central":  # noqa: S105 -- a mode
        return None
    return CentralClient(account.appid, server, holds, settings.timing.hold_secret_seconds)


def _from_wechat(account: Account, client: WeChatClient, settings: Settings) -> list[Source]:
    sources = [stable(client, may_force=settings.force == "last-resort")]
    if account.token_mode == "classic":  # noqa: S105 -- a mode
        sources.insert(0, classic(client))
    return sources


def _async_checks(settings: Settings, shelf: FallbackShelf, clock: Callable[[], float]) -> AsyncChecks:
    notes = SharedNotes(shelf)
    jobs = Jobs(notes, clock, settings.timing.media_timeout_seconds)
    if settings.secret_key is None or settings.public_url is None:
        return AsyncChecks(jobs, None)
    return AsyncChecks(jobs, MediaLinks(notes, settings.secret_key, settings.public_url, clock))


def _sleep(seconds: float) -> None:
    time.sleep(seconds)


def _in_a_thread(work: Callable[[], None]) -> None:
    # Not a daemon: the process ends after the fetch, which would else leave its lease behind.
    threading.Thread(target=work, name=_LOOK_AHEAD).start()
