"""The wired objects, and how a route reaches them."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random, SystemRandom
from typing import cast

from flask import current_app

from .accounts import Account, Accounts
from .config import Settings
from .credential import Key
from .holds import Holds, lift_all
from .keys import ApiKeys
from .media_links import MediaLinks
from .metrics import Meters
from .moderation import AsyncChecks, Jobs
from .provider import CredentialProvider, Surroundings, WaitingRoom, classic, stable, ticket
from .push import Deliveries, Forwarder
from .refresher import Refresher
from .stores import FallbackShelf, SharedNotes, open_shelf
from .wechat import Transport, WeChatClient

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

    @property
    def providers(self) -> tuple[CredentialProvider, ...]:
        """Those that there are."""
        return (self.access_token, self.jsapi_ticket) if self.jsapi_ticket else (self.access_token,)


@dataclass(frozen=True, slots=True)
class Services:
    """What the routes work with."""

    settings: Settings
    shelf: FallbackShelf
    desks: dict[str, Desk]
    """by appid"""
    transport: Transport
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
    sleep: Callable[[float], None] = time.sleep,
    spawn: Callable[[Callable[[], None]], None] | None = None,
    random: Random | None = None,
) -> Services:
    """Wire everything that `settings` describe. Nothing is opened yet. Clock, sleep, threads, chance are arguments."""
    shelf = open_shelf(settings.store_url, settings.store_prefix, clock)
    room = WaitingRoom(max(1, settings.threads // 2), settings.timing.crowd_wait_seconds, clock)
    meters = Meters({account.appid: account.name for account in settings.accounts})
    around = Surroundings(
        shelf, room, settings.timing, clock, sleep, spawn or _in_a_thread, random or SystemRandom(), meters.refresh
    )
    transport = Transport(
        settings.api_base,
        connect_timeout_seconds=settings.connect_timeout_seconds,
        read_timeout_seconds=settings.read_timeout_seconds,
        deadline_seconds=settings.timing.fetch_deadline_seconds,
        proxy=settings.proxy,
        observe=meters.call,
    )
    desks = {account.appid: _desk(account, settings, transport, around) for account in settings.accounts}
    return Services(
        settings,
        shelf,
        desks,
        transport,
        clock,
        meters,
        _async_checks(settings, shelf, clock),
        Forwarder(max(1, settings.threads // 4), settings.timing.push_forward_seconds),
        Deliveries(shelf),
    )


def lift_holds(settings: Settings) -> None:
    """Once, when the server starts: forget all holds and pauses, for a person may have mended their cause."""
    shelf = open_shelf(settings.store_url, settings.store_prefix, time.time)
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


def _desk(account: Account, settings: Settings, transport: Transport, around: Surroundings) -> Desk:
    holds = Holds(
        account.appid,
        account.secret,
        around.shelf,
        egress=settings.egress,
        timing=settings.timing,
        clock=around.clock,
    )
    client = WeChatClient(account.appid, account.secret, transport, holds)
    sources = [stable(client, may_force=settings.force == "last-resort")]
    if account.token_mode == "classic":  # noqa: S105 -- a mode
        sources.insert(0, classic(client))
    access_token = CredentialProvider(Key(account.appid, "access_token"), sources, around)
    if account.kind == "mini":
        return Desk(account, client, access_token, None)
    jsapi_ticket = CredentialProvider(Key(account.appid, "jsapi_ticket"), [ticket(client, access_token.use)], around)
    return Desk(account, client, access_token, jsapi_ticket)


def _async_checks(settings: Settings, shelf: FallbackShelf, clock: Callable[[], float]) -> AsyncChecks:
    notes = SharedNotes(shelf)
    jobs = Jobs(notes, clock, settings.timing.media_timeout_seconds)
    if settings.secret_key is None or settings.public_url is None:
        return AsyncChecks(jobs, None)
    return AsyncChecks(jobs, MediaLinks(notes, settings.secret_key, settings.public_url, clock))


def _in_a_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name=_LOOK_AHEAD, daemon=True).start()
