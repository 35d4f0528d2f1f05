"""STALE: somebody looks for a successor, unnoticed by those who are served meanwhile."""

import logging
import threading
from collections.abc import Callable

from ..credential import Credential, Key, State
from ..exceptions import CentralServerError, StoreUnavailable, WeChatError
from .fetching import HELD, Fetcher, LeaseTooShort, Surroundings

_NOT_ME_SECONDS = 1.0
"""how long a process leaves a STALE credential to the one that has the lease"""

_log = logging.getLogger(__name__)


class LookAhead:
    """Refreshes one credential before it is EXPIRED: one thread of this process at a time, one process of all."""

    def __init__(self, key: Key, fetcher: Fetcher, around: Surroundings) -> None:
        self._key = key
        self._fetcher = fetcher
        self._shelf = around.shelf
        self._clock = around.clock
        self._retry_seconds = around.timing.retry_seconds
        self._deadline = around.timing.fetch_deadline_seconds
        self._looking = threading.Lock()
        self._looked_at = 0.0
        self._quiet_until = 0.0

    def begin(self, spawn: Callable[[Callable[[], None]], None]) -> None:
        """Have `spawn` run a look, unless there was one just now. Raises nothing."""
        if self._looked_at <= self._clock() < self._quiet_until or not self._looking.acquire(blocking=False):
            return
        try:
            spawn(self._look)
        except RuntimeError as error:  # no thread to be had: another caller tries again
            self._looking.release()
            self._tell(error)

    def _look(self) -> None:
        try:
            self._quiet_until = self._look_once()
        except CentralServerError as error:
            self._tell(error)
            self._quiet_until = self._clock() + min(
                error.retry_after or self._retry_seconds[0], self._retry_seconds[-1]
            )
        finally:
            self._looked_at = self._clock()
            self._looking.release()

    def _look_once(self) -> float:
        """Refresh if it is time to. Returns when this process may look again."""
        put_off_until = self._fetcher.setbacks.put_off_until()
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
            self._tell(error)
            return self._fetcher.setbacks.put_off(error, self._last_chance())
        return self._clock() + _NOT_ME_SECONDS

    def _last_chance(self) -> float:
        """When a try could still succeed before anybody has to wait for it; never, if it is too late for that."""
        credential = self._shelf.load(self._key)
        last_chance = credential.expires_at - self._deadline if credential else 0.0
        return last_chance if last_chance > self._clock() + self._retry_seconds[0] else float("inf")

    def _is_fresh(self, credential: Credential) -> bool:
        return credential.state(self._clock()) is State.FRESH

    def _is_left(self) -> bool:
        """Whether callers are served meanwhile."""
        try:
            credential = self._shelf.load(self._key)
        except StoreUnavailable:
            return False
        return credential is not None and credential.state(self._clock()) is not State.EXPIRED

    def _tell(self, error: Exception) -> None:
        name, appid = self._key.credential, self._key.appid
        if self._is_left():
            _log.warning("%s of %s could not be refreshed ahead: %s", name, appid, error)
        else:
            _log.error("no %s of %s is left, and none could be fetched: %s", name, appid, error)
