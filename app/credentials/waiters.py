"""How many threads of a worker may wait for a credential."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..errors import CredentialUnavailable


class WaiterLimit:
    """At most `limit` threads of this process wait, so that others are left for accounts and endpoints that work.

    For `grace_seconds` after the first thread began to wait all may: a fetch that succeeds is over by then, and a cold
    start fails no call though one worker of eight may get half of all callers.
    """

    def __init__(self, limit: int, grace_seconds: float, clock: Callable[[], float]) -> None:
        self._limit = limit
        self._grace = grace_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: dict[int, float] = {}
        """thread -> since when, the oldest first"""

    @contextmanager
    def waiting(self, *, grace: bool) -> Iterator[Callable[[], None]]:
        """Count this thread as waiting. Yields a check that raises CredentialUnavailable if it is one too many.

        A thread that waits already is counted once: fetching a ticket may wait for an access_token.
        """
        thread = threading.get_ident()

        def check() -> None:
            with self._lock:
                waiting = list(self._waiting)
                since = self._waiting[waiting[0]]
            if grace and 0 <= self._clock() - since < self._grace:
                return
            if waiting.index(thread) >= self._limit:
                raise CredentialUnavailable("Too many requests already wait for this credential.", retry_after=1)

        if thread in self._waiting:
            yield check
            return
        with self._lock:
            self._waiting[thread] = self._clock()
        try:
            check()
            yield check
        finally:
            with self._lock:
                del self._waiting[thread]
