"""One fetch for everybody: take the lease, load again, check again, fetch, save, release."""

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Literal

from ..credential import Credential, Key, Shelf, State
from ..exceptions import CentralRefused, ConfigurationRefused, DayLimitReached, WeChatError
from ..failures import Failure, Failures
from ..timing import Timing
from .refusals import Budget, LastResort
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
        self._random = around.random
        self._observe = around.observe
        self._failures = Failures(around.shelf, around.clock)
        self._pause = f"pause:{key.appid}:{key.credential}"
        self._retry = f"retry:{key.appid}:{key.credential}"
        self._budget = Budget(key, around.shelf, around.clock)
        self.last_resort = LastResort(key, around.shelf, around.clock, around.timing.force_after_seconds)

    def check(self) -> None:
        """Raise the error that callers get until WeChat may be asked again: a pause or a hold."""
        pause = self._failures.last(self._pause)
        if pause and self._clock() < pause.until:
            raise pause.error(self._clock())
        for source in self._sources[:-1]:
            try:
                source.check()
            except DayLimitReached:
                continue
            return
        self._sources[-1].check()

    def put_off(self, error: WeChatError) -> float:
        """After a failed refresh of a valid credential: when to try again (Unix seconds), for all processes."""
        stretch = self._random.uniform(0.8, 1.2)
        return self._failures.remember(self._retry, error, self._timing.retry_seconds, stretch=stretch).until

    def put_off_until(self) -> float:
        """When a refresh of a valid credential may be tried; long ago if nothing is in its way."""
        retry = self._failures.last(self._retry)
        return retry.until if retry else 0.0

    def trouble(self) -> Failure | None:
        """The last fetch, if it failed and none has succeeded since; `until` is when the next one may be tried."""
        return self._failures.last(self._pause) or self._failures.last(self._retry)

    def fetches_left(self) -> int:
        """How many fetches refusals may cause now."""
        return int(self._budget.left())

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
            if missing and not isinstance(error, HELD):
                pause = self._failures.remember(self._pause, error, self._timing.pause_seconds)
                error.retry_after = pause.until - self._clock()
            raise
        if not self._shelf.save(self._key, credential, stored.generation if stored else 0):
            self._observe(self._key, "overtaken")
            return self._overtaken(source, credential)
        self._observe(self._key, "fetched")
        self._failures.forget(self._pause)
        self._failures.forget(self._retry)
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

    def _overtaken(self, source: Source, fetched: Credential) -> Credential:
        """Somebody saved another one meanwhile: that counts, and ours is dropped."""
        current = self._shelf.load(self._key)
        if current is None or current.state(self._clock()) is State.EXPIRED:
            return fetched
        if source.last_asker_wins and current.value != fetched.value:
            # WeChat honours ours, asked for last, and will drop the stored one: look for a successor of both at once.
            marked = replace(current, stale_at=self._clock(), generation=current.generation + 1)
            self._shelf.save(self._key, marked, current.generation)
        return current
