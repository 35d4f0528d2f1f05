"""One fetch for everybody: take the lease, load again, check again, fetch, save, release."""

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Literal

from ..credential import Credential, Key, Shelf, State
from ..exceptions import CentralRefused, ConfigurationRefused, DayLimitReached, WeChatError
from ..timing import Timing
from .refusals import Budget, LastResort
from .setbacks import Setbacks
from .sources import BeforeSending, Source
from .waiting import WaitingRoom

HELD = (CentralRefused, ConfigurationRefused, DayLimitReached)
"""errors that put the endpoint on hold, for this node or for all: neither pause nor retry time is needed besides"""

Outcome = Literal["fetched", "overtaken", "failed", "budget_spent"]
"""how a refresh ended: saved; dropped, as another was saved first; WeChat gave none; refusals have caused enough"""

_log = logging.getLogger(__name__)


class LeaseTooShort(Exception):
    """Less of the lease is left than the fetch may take: start over, or two might fetch at once."""


class BudgetSpent(Exception):
    """Refusals have caused enough fetches for now."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a provider shares with others: the store, and the world as arguments."""

    shelf: Shelf
    room: WaitingRoom
    timing: Timing
    clock: Callable[[], float]
    """Unix seconds"""
    sleep: Callable[[float], None]
    spawn: Callable[[Callable[[], None]], None]
    """runs a function in a thread of its own; in tests, at once"""
    random: Random
    observe: Callable[[Key, Outcome], None] = lambda _key, _outcome: None
    """is told how each refresh ended"""
    egress: str = ""
    """name of the address that our calls come from"""


class Fetcher:
    """Fetches one credential of one account, never at the same time as another process.

    `sources` are tried in turn when the day's quota of one is used up.
    """

    def __init__(self, key: Key, sources: Sequence[Source], around: Surroundings) -> None:
        self.endpoints = tuple(source.endpoint for source in sources)
        self._key = key
        self._sources = tuple(sources)
        self._shelf = around.shelf
        self._timing = around.timing
        self._clock = around.clock
        self._observe = around.observe
        self.setbacks = Setbacks(
            key, around.shelf, egress=around.egress, timing=around.timing, clock=around.clock, random=around.random
        )
        self._budget = Budget(key, around.shelf, around.clock)
        self.last_resort = LastResort(key, around.shelf, around.clock, around.timing.force_after_seconds)

    def check(self) -> None:
        """Raise the error that callers get until WeChat may be asked again: a pause or a hold."""
        self.setbacks.check()
        for source in self._sources[:-1]:
            try:
                source.check()
            except DayLimitReached:
                continue
            return
        self._sources[-1].check()

    def check_budget(self) -> None:
        """Raise BudgetSpent if refusals may cause no fetch now: without a lease, for many may want to know."""
        if not self.fetches_left():
            self._observe(self._key, "budget_spent")
            raise BudgetSpent

    def fetches_left(self) -> int:
        """How many fetches refusals may cause now."""
        return self._budget.left()

    def fetch(
        self, wanted: Callable[[Credential], bool], refused: Credential | None = None, *, force: bool = False
    ) -> Credential | None:
        """A credential as `wanted`, fetched unless the store has one by now; None if another process fetches.

        `refused`: WeChat refused this one, so a fetch takes from the budget. `force`: kill the current one, where that
        can be done. Raises BudgetSpent, LeaseTooShort (start over) and what WeChat answered.
        """
        owner = secrets.token_hex(8)
        ends_at = self._clock() + self._timing.lease_seconds
        if not self._shelf.acquire(self._key, owner, self._timing.lease_seconds):
            return None

        def before_sending() -> None:
            if ends_at - self._clock() <= self._timing.fetch_deadline_seconds:
                raise LeaseTooShort

        try:
            stored = self._shelf.load(self._key)
            if stored and wanted(stored):
                return stored  # who had the lease before us did it
            self.setbacks.check()  # or could not
            if refused and not self._budget.take():
                self._observe(self._key, "budget_spent")
                raise BudgetSpent
            forced = force or (refused is not None and self.last_resort.due(refused))
            return self._fetch_and_save(stored, before_sending, refused, forced=forced)
        finally:
            self._shelf.release(self._key, owner)

    def _fetch_and_save(
        self, stored: Credential | None, before_sending: BeforeSending, refused: Credential | None, *, forced: bool
    ) -> Credential:
        try:
            source, credential = self._ask(stored, before_sending, refused, forced=forced)
        except WeChatError as error:
            self._observe(self._key, "failed")
            missing = stored is None or stored.state(self._clock()) is State.EXPIRED
            if (missing or refused) and not isinstance(error, HELD):
                self.setbacks.pause(error)
            raise
        self.setbacks.forget()
        current = self._save(stored, source, credential)
        if current is not credential:
            self._observe(self._key, "overtaken")
            return current
        self._observe(self._key, "fetched")
        _log.info("%s of %s: fetched, generation %d", self._key.credential, self._key.appid, credential.generation)
        return credential

    def _ask(
        self, stored: Credential | None, before_sending: BeforeSending, refused: Credential | None, *, forced: bool
    ) -> tuple[Source, Credential]:
        for source in self._sources[:-1]:
            try:
                return source, self._ask_source(source, stored, before_sending, refused, forced=forced)
            except DayLimitReached:
                _log.warning("%s: no quota left at %s, trying the next", self._key.appid, source.endpoint)
        last = self._sources[-1]
        return last, self._ask_source(last, stored, before_sending, refused, forced=forced)

    def _ask_source(
        self,
        source: Source,
        stored: Credential | None,
        before_sending: BeforeSending,
        refused: Credential | None,
        *,
        forced: bool,
    ) -> Credential:
        asked_at = self._clock()
        if forced and source.force:
            before_sending()
            _log.warning("%s: forcing a new one, the access_token that everybody has dies", self._key.appid)
            self.last_resort.spend()
            return source.lifetime(stored, source.force(), asked_at)
        if refused and source.replace:
            return source.lifetime(stored, source.replace(before_sending, refused.value), asked_at)
        return source.lifetime(stored, source.fetch(before_sending), asked_at)

    def _save(self, stored: Credential | None, source: Source, fetched: Credential) -> Credential:
        """Put `fetched` in the place of `stored`. If somebody saved another one meanwhile, that counts."""
        if self._shelf.save(self._key, fetched, stored.generation if stored else 0):
            return fetched
        current = self._shelf.load(self._key)
        if current is None or current == stored or current.state(self._clock()) is State.EXPIRED:
            # Nobody did: the store was emptied, and perhaps got the old one back.
            self._shelf.save(self._key, fetched, current.generation if current else 0)
            return fetched
        if source.last_asker_wins and current.value != fetched.value:
            # WeChat honours ours, asked for last, and will drop the stored one: look for a successor of both at once.
            marked = replace(current, stale_at=self._clock(), generation=current.generation + 1)
            self._shelf.save(self._key, marked, current.generation)
        return current
