"""One fetch for all processes: take the lease, load again, check again, fetch, save, release."""

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ..errors import DayLimitReached, WeChatError
from ..settings import Timing
from ..stores import Credential, Key, State, Store
from ..wechat import ENDPOINT_ERRORS, Cooldowns
from .budget import Budget, BudgetSpent
from .sources import BeforeSending, Source
from .waiters import WaiterLimit

RefreshResult = Literal["fetched", "overtaken", "failed", "budget_spent"]
"""how a refresh ended: saved; dropped, as another was saved first; WeChat gave none; refusals have caused enough"""

_log = logging.getLogger(__name__)


class LeaseTooShort(Exception):
    """Less of the lease is left than the fetch may take: start over, or two processes might fetch at once."""


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What all providers of a process share."""

    store: Store
    waiters: WaiterLimit
    timing: Timing
    clock: Callable[[], float]
    """Unix seconds"""
    sleep: Callable[[float], None]
    spawn: Callable[[Callable[[], None]], None]
    """runs a function in a thread of its own; in tests, at once"""
    observe: Callable[[Key, RefreshResult], None] = lambda _key, _result: None
    """is told how each refresh ended"""


class Fetcher:
    """Fetches one credential of one account, never at the same time as another process.

    `sources` are tried in turn when the day's quota of one is used up.
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

        `served`: callers get the current credential meanwhile. For those who need a new one, a cooldown that began
        while callers were served does not count.
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
        """Raise BudgetSpent, and count it, if refusals may cause no fetch now."""
        try:
            budget.check()
        except BudgetSpent:
            self._observe(self._key, "budget_spent")
            raise

    def fetch(
        self,
        wanted: Callable[[Credential], bool],
        *,
        refused: Credential | None = None,
        budget: Budget | None = None,
        force: bool = False,
        served: bool = False,
    ) -> Credential | None:
        """A credential as `wanted`, fetched unless the store has one by now; None if another process fetches.

        `refused`: WeChat refused this one, so the fetch takes from `budget`. `force`: kill the current one, where that
        can be done. `served`: as in `check`. Raises BudgetSpent, LeaseTooShort (start over) and what WeChat answered.
        """
        owner = secrets.token_hex(8)
        lease_ends_at = self._clock() + self._timing.lease_seconds
        if not self._store.acquire(self._key, owner, self._timing.lease_seconds):
            return None

        def before_sending() -> None:
            if lease_ends_at - self._clock() <= self._timing.fetch_deadline_seconds:
                raise LeaseTooShort

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
                budget.give_back()
            return fetched
        finally:
            self._store.release(self._key, owner)

    def _fetch_and_save(
        self, stored: Credential | None, before_sending: BeforeSending, refused: Credential | None, *, force: bool
    ) -> Credential:
        try:
            source, fetched = self._ask(stored, before_sending, refused, force=force)
        except WeChatError as error:
            if error.failed_at is None:
                self._observe(self._key, "failed")
                if not isinstance(error, ENDPOINT_ERRORS):
                    served = refused is None and stored is not None and stored.state(self._clock()) is not State.EXPIRED
                    self._cooldowns.begin(self._key.credential, error, served=served)
            raise
        self._cooldowns.end(self._key.credential)
        saved = self._save(stored, source, fetched)
        self._observe(self._key, "fetched" if saved is fetched else "overtaken")
        _log.info(
            "fetched: appid=%s credential=%s generation=%d", self._key.appid, self._key.credential, saved.generation
        )
        return saved

    def _ask(
        self, stored: Credential | None, before_sending: BeforeSending, refused: Credential | None, *, force: bool
    ) -> tuple[Source, Credential]:
        for source in self._sources:
            asked_at = self._clock()
            try:
                if force and source.force:
                    before_sending()
                    _log.warning("forced refresh: current token revoked appid=%s", self._key.appid)
                    issued = source.force()
                elif refused and source.replace:
                    issued = source.replace(before_sending, refused.value)
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
        raise AssertionError("a provider without sources")

    def _save(self, stored: Credential | None, source: Source, fetched: Credential) -> Credential:
        """Put `fetched` in the place of `stored`. If another process saved one meanwhile, that one counts."""
        if self._store.save(self._key, fetched, stored.generation if stored else 0):
            return fetched
        current = self._store.load(self._key)
        if current is None or current == stored or current.state(self._clock()) is State.EXPIRED:
            # None did: the store was emptied, and perhaps got the old one back.
            self._store.save(self._key, fetched, current.generation if current else 0)
            return fetched
        if source.last_asker_wins and current.value != fetched.value:
            # WeChat honours ours, asked for last, and will drop the stored one: fetch a successor of both soon.
            marked = replace(current, stale_at=self._clock(), generation=current.generation + 1)
            self._store.save(self._key, marked, current.generation)
        return current
