"""The bound on a worker's threads that wait for a credential."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..errors import CredentialUnavailable


class WaiterLimit:
    """At most `limit` threads of this process wait, so that the others serve accounts and endpoints that work.

    For `grace_seconds` after the oldest waiter began, any number may wait: a successful fetch is over by then, so a
    cold start fails no call even if one worker gets half of all callers.
    """

    def __init__(self, limit: int, grace_seconds: float, clock: Callable[[], float]) -> None:
        self._limit = limit
        self._grace = grace_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: dict[int, float] = {}
        """thread -> when it began to wait, the oldest first"""

    @contextmanager
    def waiting(self, *, grace: bool) -> Iterator[Callable[[], None]]:
        """Count this thread as a waiter. Yields a check that raises CredentialUnavailable if the limit is exceeded.

        A thread that already waits counts once: fetching a ticket may wait for an access_token.
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
