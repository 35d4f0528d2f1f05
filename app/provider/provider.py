"""CredentialProvider: one credential, kept fresh for every worker and every node.

| state    | who fetches                   | every caller         | when the fetch fails            |
|----------|-------------------------------|----------------------|---------------------------------|
| FRESH    | nobody                        | gets it              | -                               |
| STALE    | who gets the lease, meanwhile | gets the current one | nobody notices; tried again     |
| EXPIRED  | the caller with the lease     | waits, within bounds | all who waited get that error   |

A missing credential is an expired one.
"""

import hmac
import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from ..credential import Credential, Key, State
from ..exceptions import AccessTokenRefused, CentralServerError, CredentialUnavailable, StoreUnavailable, WeChatRefused
from ..failures import Failure
from .ahead import LookAhead
from .fetching import HELD, BudgetSpent, Fetcher, LeaseTooShort, Surroundings
from .sources import Source

T = TypeVar("T")

_POLL_SECONDS = 0.025
_STORE_WAIT_SECONDS = 1.5
"""a store that did not answer once is asked again after a second: nobody is turned away for one hiccup"""
_RECENT_SECONDS = 0.01

_log = logging.getLogger(__name__)


class CredentialProvider:
    """Hands out one credential of one account, and sees to it that there is one. Safe to share between threads."""

    def __init__(self, key: Key, sources: Sequence[Source], around: Surroundings) -> None:
        self.key = key
        self._around = around
        self._shelf = around.shelf
        self._clock = around.clock
        self._fetcher = Fetcher(key, sources, around)
        self._ahead = LookAhead(key, self._fetcher, around)
        self._recent: tuple[Credential, float] | None = None
        """what the store said last, and when it was asked"""

    def get_recent(self) -> Credential:
        """What `get` returned in the last hundredth of a second, if it is FRESH: for callers by the thousand."""
        now = self._clock()
        if self._recent:
            credential, asked_at = self._recent
            if 0 <= now - asked_at < _RECENT_SECONDS and self._is_fresh(credential):
                return credential
        credential = self.get()
        self._recent = credential, now
        return credential

    def get(self) -> Credential:
        """A credential that is valid now, at once while it is; raises what kept it from being fetched."""
        credential = self._shelf.load(self.key)
        if credential is None or not self._is_alive(credential):
            return self._obtain(self._is_alive)
        if not self._is_fresh(credential):
            self._ahead.begin(self._around.spawn)
        return credential

    def use(self, call: Callable[[str], T]) -> T:
        """`call(access_token)`; once more, with its successor, if WeChat refuses that token.

        When WeChat gives the refused token again (it is known to refuse a good one for a moment), the call is repeated
        with that after `repeat_seconds`. Raises AccessTokenRefused if that is refused too, or if refusals have caused
        enough fetches for now.
        """
        credential = self.get()
        try:
            return self._accepted(call, credential)
        except AccessTokenRefused as refusal:
            successor = self._successor_or(refusal, credential)
        if successor.value == credential.value:
            self._around.sleep(self._around.timing.repeat_seconds)
        return self._accepted(call, successor)

    def _accepted(self, call: Callable[[str], T], credential: Credential) -> T:
        """`call(access_token)`, noting that WeChat took the token: also where it then refused something else."""
        try:
            answer = call(credential.value)
        except (AccessTokenRefused, *HELD):
            raise
        except WeChatRefused:
            self._fetcher.last_resort.accepted()
            raise
        self._fetcher.last_resort.accepted()
        return answer

    def refresh(self, rejected: str) -> Credential:
        """The current credential; a new one if `rejected`, which WeChat refused, still is the current one.

        If there is no better one now (refusals have caused enough fetches, WeChat gives none), it is the refused one
        after all, while it is valid.
        """
        credential = self.get()
        if not hmac.compare_digest(credential.value.encode(), rejected.encode()):
            return credential
        try:
            return self._successor(credential)
        except BudgetSpent:
            return credential
        except CentralServerError as error:
            if not self._is_alive(credential):
                raise
            _log.warning("%s of %s: no successor to a refused one: %s", self.key.credential, self.key.appid, error)
            return credential

    def keep_warm(self) -> None:
        """Look for a FRESH credential unless there is one: as a STALE `get` does, for a caller who has time."""
        credential = self._shelf.load(self.key)
        if credential is None or not self._is_fresh(credential):
            self._ahead.begin(lambda look: look())

    def peek(self) -> Credential | None:
        """The stored credential, whatever its age. Never fetches."""
        return self._shelf.load(self.key)

    def renew(self, *, force: bool = False) -> Credential:
        """A credential that WeChat confirmed just now, whatever is stored; another process's fetch meanwhile counts.

        `force`: kill the current one for everybody, where that can be done, and get another value. Raises what keeps
        it from being fetched, holds and pauses included.
        """
        stored = self.peek()

        def is_news(credential: Credential) -> bool:
            if stored is None:
                return self._is_alive(credential)
            changed = credential.value != stored.value if force else credential.succeeds(stored)
            return changed and self._is_alive(credential)

        return self._obtain(is_news, force=force)

    def trouble(self) -> Failure | None:
        """The last fetch, if it failed and none has succeeded since; `until` is when the next one may be tried."""
        failure = self._fetcher.setbacks.last()
        credential = self.peek() if failure else None
        return None if failure and credential and credential.obtained_at > failure.at else failure

    def fetches_left(self) -> int:
        """How many fetches refusals of the current credential may cause now; one more every 20 s."""
        return self._fetcher.fetches_left()

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Where it comes from, in the order in which they are asked."""
        return self._fetcher.endpoints

    def _is_alive(self, credential: Credential) -> bool:
        return credential.state(self._clock()) is not State.EXPIRED

    def _is_fresh(self, credential: Credential) -> bool:
        return credential.state(self._clock()) is State.FRESH

    # EXPIRED or refused: one fetches, the others wait.

    def _successor_or(self, refusal: AccessTokenRefused, refused: Credential) -> Credential:
        self._fetcher.last_resort.refused(refused, refusal.endpoint)
        try:
            return self._successor(refused)
        except BudgetSpent:
            _log.warning("access_token of %s is refused again and again: no fetch for now", self.key.appid)
            raise refusal from None

    def _successor(self, refused: Credential) -> Credential:
        """What comes after `refused`; the same value, confirmed anew, is a successor too."""

        def succeeds(credential: Credential) -> bool:
            return credential.succeeds(refused) and self._is_alive(credential)

        stored = self.peek()
        if stored and succeeds(stored):
            return stored
        self._fetcher.check_budget()
        return self._obtain(succeeds, refused)

    def _obtain(
        self, wanted: Callable[[Credential], bool], refused: Credential | None = None, *, force: bool = False
    ) -> Credential:
        """Wait until the stored credential is as `wanted`, or fetch it if nobody else does."""
        self._recent = None
        setbacks = self._fetcher.setbacks
        with self._around.room.seat(crowd=setbacks.last() is None):
            since = self._clock()
            while True:
                credential = self._shelf.load(self.key)
                if credential and wanted(credential):
                    return credential
                self._fetcher.check()
                try:
                    fetched = self._fetcher.fetch(wanted, refused, force=force)
                except LeaseTooShort:
                    continue
                except StoreUnavailable:
                    if self._clock() - since >= _STORE_WAIT_SECONDS:
                        raise
                    fetched = None
                if fetched:
                    return fetched
                since = min(since, self._clock())  # it may be set back
                if self._clock() - since >= self._around.timing.lock_wait_seconds:
                    raise CredentialUnavailable("Another worker's fetch takes too long.", retry_after=1)
                self._around.room.leave_if_crowded()
                self._around.sleep(_POLL_SECONDS)
