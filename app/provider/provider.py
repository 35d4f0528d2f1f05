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
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from ..credential import Credential, Key, State
from ..exceptions import AccessTokenRefused, CentralServerError, CredentialUnavailable, WeChatError, WeChatRefused
from ..failures import Failure
from .fetching import HELD, BudgetSpent, Fetcher, LeaseTooShort, Surroundings
from .sources import Source

T = TypeVar("T")

_POLL_SECONDS = 0.025
_RECENT_SECONDS = 0.01
_NOT_ME_SECONDS = 1.0
"""how long a process leaves a STALE credential to the one that has the lease"""

_log = logging.getLogger(__name__)


class CredentialProvider:
    """Hands out one credential of one account, and sees to it that there is one. Safe to share between threads."""

    def __init__(self, key: Key, sources: Sequence[Source], around: Surroundings) -> None:
        self.key = key
        self._around = around
        self._shelf = around.shelf
        self._clock = around.clock
        self._fetcher = Fetcher(key, sources, around)
        self._looking = threading.Lock()
        self._quiet_until = 0.0
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
            self._look_ahead(self._around.spawn)
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

        If refusals have caused enough fetches for now, it is the refused one after all.
        """
        credential = self.get()
        if not hmac.compare_digest(credential.value.encode(), rejected.encode()):
            return credential
        try:
            return self._successor(credential)
        except BudgetSpent:
            return credential

    def keep_warm(self) -> None:
        """Look for a FRESH credential unless there is one: as a STALE `get` does, for a caller who has time."""
        credential = self._shelf.load(self.key)
        if credential is None or not self._is_fresh(credential):
            self._look_ahead(lambda look: look())

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
            changed = credential.value != stored.value if force else credential.generation != stored.generation
            return changed and self._is_alive(credential)

        return self._obtain(is_news, force=force)

    def trouble(self) -> Failure | None:
        """The last fetch, if it failed and none has succeeded since; `until` is when the next one may be tried."""
        return self._fetcher.trouble()

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
            return credential.generation != refused.generation and self._is_alive(credential)

        return self._obtain(succeeds, refused)

    def _obtain(
        self, wanted: Callable[[Credential], bool], refused: Credential | None = None, *, force: bool = False
    ) -> Credential:
        """Wait until the stored credential is as `wanted`, or fetch it if nobody else does."""
        self._recent = None
        with self._around.room.seat():
            give_up_at = self._clock() + self._around.timing.lock_wait_seconds
            while True:
                credential = self._shelf.load(self.key)
                if credential and wanted(credential):
                    return credential
                self._fetcher.check()
                try:
                    credential = self._fetcher.fetch(wanted, refused, force=force)
                except LeaseTooShort:
                    continue
                if credential:
                    return credential
                if self._clock() >= give_up_at:
                    raise CredentialUnavailable("Another worker's fetch takes too long.", retry_after=1)
                self._around.room.leave_if_crowded()
                self._around.sleep(_POLL_SECONDS)

    # STALE: somebody looks for a successor, unnoticed.

    def _look_ahead(self, spawn: Callable[[Callable[[], None]], None]) -> None:
        if self._clock() < self._quiet_until or not self._looking.acquire(blocking=False):
            return
        try:
            spawn(self._look)
        except RuntimeError as error:  # no thread to be had: another caller tries again
            self._looking.release()
            self._warn(error)

    def _look(self) -> None:
        try:
            self._quiet_until = self._look_once()
        except CentralServerError as error:
            self._warn(error)
            retry_seconds = self._around.timing.retry_seconds
            self._quiet_until = self._clock() + min(error.retry_after or retry_seconds[0], retry_seconds[-1])
        finally:
            self._looking.release()
            self._shelf.close()  # what this thread opened; the thread ends here

    def _look_once(self) -> float:
        """Refresh if it is time to. Returns when this process may look again."""
        put_off_until = self._fetcher.put_off_until()
        if self._clock() < put_off_until:
            return put_off_until
        self._fetcher.check()  # a held node leaves the lease to the others
        try:
            self._fetcher.fetch(self._is_fresh)
        except LeaseTooShort:
            pass
        except HELD:
            raise
        except WeChatError as error:
            self._warn(error)
            return self._fetcher.put_off(error)
        return self._clock() + _NOT_ME_SECONDS

    def _warn(self, error: Exception) -> None:
        _log.warning("%s of %s could not be refreshed ahead: %s", self.key.credential, self.key.appid, error)
