"""STALE: one refresh at a time in a process, while callers get the current credential."""

import logging
import threading
from collections.abc import Callable

from ..errors import CentralServerError, StoreUnavailable
from ..stores import Credential, Key, State
from .fetching import Fetcher, LeaseTooShort

_PAUSE_SECONDS = 1.0
"""between the beginnings of two refreshes"""

_log = logging.getLogger(__name__)


class BackgroundRefresh:
    """Refreshes the credential under `key` by way of `fetcher`. Failures are logged, never raised."""

    def __init__(self, key: Key, fetcher: Fetcher, clock: Callable[[], float]) -> None:
        self._key = key
        self._fetcher = fetcher
        self._clock = clock
        self._running = threading.Lock()
        self._began_at = 0.0

    def has_begun(self, now: float) -> bool:
        """Whether a refresh is running, or began less than a second ago."""
        return self._running.locked() or 0 <= now - self._began_at < _PAUSE_SECONDS

    def begin(self, run: Callable[[Callable[[], None]], None], *, served: bool) -> None:
        """Refresh by way of `run` unless another thread does. `served`: callers get the current one meanwhile."""
        if not self._running.acquire(blocking=False):
            return
        self._began_at = self._clock()
        try:
            run(lambda: self._refresh(served=served))
        except RuntimeError as error:  # no thread can be started; the next caller tries again
            self._began_at = 0.0
            self._running.release()
            _log.warning("background refresh not started appid=%s: %s", self._key.appid, error)

    def _refresh(self, *, served: bool) -> None:
        try:
            self._fetcher.check(served=served)
            self._fetcher.fetch(self._is_fresh, served=served)
        except (LeaseTooShort, StoreUnavailable):
            pass  # the store logs its own failures
        except CentralServerError as error:
            if error.failed_at is None:  # else it was logged then
                level = logging.WARNING if served else logging.ERROR
                what = "not refreshed, the current one is served" if served else "not fetched, none is left"
                _log.log(level, "%s %s appid=%s: %s", self._key.credential, what, self._key.appid, error)
        finally:
            self._running.release()

    def _is_fresh(self, credential: Credential) -> bool:
        return credential.state(self._clock()) is State.FRESH
