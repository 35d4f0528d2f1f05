"""One fetch for all processes: take the lease, load again, check again, fetch, save, release."""

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from ..errors import DayLimitReached, WeChatError
from ..settings import Timing
from ..stores import Credential, Key, State, Store
from ..wechat import ENDPOINT_ERRORS, Cooldowns
from .budget import Budget, BudgetSpent
from .sources import BeforeSending, Source
from .waiters import WaiterLimit

RefreshResult = Literal["fetched", "overtaken", "failed", "budget_spent"]
"""how a refresh ended: saved; dropped, as another one was saved first; WeChat issued none; no budget for refusals"""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Refresh:
    """A refresh that ended, for its observer."""

    key: Key
    result: RefreshResult
    refused: bool = False
    """whether it was for a credential that WeChat had refused"""
    error: WeChatError | None = None


class LeaseTooShort(Exception):
    """The lease may end before the fetch does, and another process fetch meanwhile: start over."""


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Shared by all providers of a process."""

    store: Store
    waiters: WaiterLimit
    timing: Timing
    clock: Callable[[], float]
    """Unix seconds"""
    sleep: Callable[[float], None]
    spawn: Callable[[Callable[[], None]], None]
    """runs a function in a new thread; in tests, at once"""
    observe: Callable[[Refresh], None] = lambda _refresh: None
    """called with each refresh"""
    recent_seconds: float = 0.01
    """for which `CredentialProvider.recent` does not read the store again"""


class Fetcher:
    """Fetches one credential of one account, never at the same time as another process.

    If the day's quota of one of `sources` is used up, the next one is asked.
    """

    def __init__(self, key: Key, sources: Sequence[Source], cooldowns: Cooldowns, dependencies: Dependencies) -> None:
        self._sources = tuple(sources)
        self._key = key
        self._cooldowns = cooldowns
        self._store = dependencies.store
        self._timing = dependencies.timing
        self._clock = dependencies.clock
        self._observe = dependencies.observe

    def check(self, *, served: bool) -> None:
        """Raise the error of the cooldown that forbids a fetch now.

        `served`: callers get the current credential meanwhile. A cooldown that began in that state does not bind
        callers who need a new credential.
        """
        now = self._clock()
        cooldown = self._cooldowns.current(self._key.credential)
        if cooldown and (served or not cooldown.served):
            raise cooldown.error(now)
        for source in self._sources:
            cooldown = self._cooldowns.current(source.endpoint)
            if cooldown is None:
                return
            error = cooldown.error(now)
            if not isinstance(error, DayLimitReached):
                break
        raise error

    def check_budget(self, budget: Budget) -> None:
        """Raise BudgetSpent, and report it, if refusals may cause no fetch now."""
        if budget.left() < 1:
            self._observe(Refresh(self._key, "budget_spent", refused=True))
            raise BudgetSpent

    def fetch(
        self,
        wanted: Callable[[Credential], bool],
        *,
        refused: Credential | None = None,
        budget: Budget | None = None,
        force: bool = False,
        served: bool = False,
    ) -> Credential | None:
        """A `wanted` credential, fetched unless the store has one by now; None if another process holds the lease.

        `refused`: the one that WeChat refused; the fetch takes from `budget`. `force`: revoke the current one, if the
        source can. `served`: as in `check`. Raises BudgetSpent, LeaseTooShort (start over) and WeChat's errors.
        """
        owner, lease_seconds = secrets.token_hex(8), self._timing.lease_seconds
        before_sending = partial(self._check_lease, self._clock() + lease_seconds)
        if not self._store.acquire(self._key, owner, lease_seconds):
            return None
        try:
            stored = self._store.load(self._key)
            if stored and wanted(stored):
                return stored  # the previous lease holder fetched it
            self.check(served=served)  # or failed
            if budget:
                self.check_budget(budget)
                budget.take()
            fetched = self._fetch_and_save(stored, before_sending, refused, force=force)
            if budget and refused and fetched.value == refused.value:
                budget.confirmed_unchanged()
            return fetched
        finally:
            self._store.release(self._key, owner)

    def _check_lease(self, ends_at: float) -> None:
        if ends_at - self._clock() <= self._timing.fetch_deadline_seconds:
            raise LeaseTooShort

    def _fetch_and_save(
        self, stored: Credential | None, before_sending: BeforeSending, refused: Credential | None, *, force: bool
    ) -> Credential:
        try:
            source, fetched = self._ask(stored, before_sending, force=force)
        except WeChatError as error:
            if error.failed_at is None:
                if not isinstance(error, ENDPOINT_ERRORS):
                    served = refused is None and stored is not None and stored.state(self._clock()) is not State.EXPIRED
                    self._cooldowns.begin(self._key.credential, error, served=served)
                self._observe(Refresh(self._key, "failed", refused is not None, error))
            raise
        self._cooldowns.end(self._key.credential)
        saved = self._save(stored, source, fetched)
        self._observe(Refresh(self._key, "fetched" if saved is fetched else "overtaken", refused is not None))
        key = self._key
        _log.info("fetched: appid=%s credential=%s generation=%d", key.appid, key.credential, saved.generation)
        return saved

    def _ask(
        self, stored: Credential | None, before_sending: BeforeSending, *, force: bool
    ) -> tuple[Source, Credential]:
        for source in self._sources:
            asked_at = self._clock()
            try:
                if force and source.force:
                    before_sending()
                    _log.warning("forced refresh: revoking the current token appid=%s", self._key.appid)
                    issued = source.force()
                else:
                    issued = source.fetch(before_sending)
            except DayLimitReached:
                if source is self._sources[-1]:
                    raise
                _log.warning(
                    "quota used up, trying the next source appid=%s endpoint=%s", self._key.appid, source.endpoint
                )
            else:
                return source, source.lifetime(stored, issued, asked_at)
        raise AssertionError("no sources")

    def _save(self, stored: Credential | None, source: Source, fetched: Credential) -> Credential:
        """Replace `stored` by `fetched`. Return what counts: `fetched`, or what another process saved meanwhile."""
        if self._store.save(self._key, fetched, stored.generation if stored else 0):
            return fetched
        current = self._store.load(self._key)
        if current is None or current == stored or current.state(self._clock()) is State.EXPIRED:
            # No other process did: the store was emptied, and perhaps got the old one back.
            self._store.save(self._key, fetched, current.generation if current else 0)
            return fetched
        if source.last_asker_wins and current.value != fetched.value:
            # WeChat honours ours, asked for last, and drops the stored one soon: have a successor of both fetched.
            marked = replace(current, stale_at=self._clock(), generation=current.generation + 1)
            self._store.save(self._key, marked, current.generation)
        return current
