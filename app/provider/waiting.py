"""The waiting room: how many of a worker's threads may wait for a credential."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..exceptions import CredentialUnavailable


class WaitingRoom:
    """Seats for the threads of one process that wait for a credential.

    For the first `crowd_wait_seconds` of a drought everybody may come in: a healthy fetch is over by then, and nobody
    is turned away at a cold start. After that, or if the last fetch failed, only `seats` may, and the rest is told at
    once, so that a worker always has threads for other accounts and for the health doors.
    """

    def __init__(self, seats: int, crowd_wait_seconds: float, clock: Callable[[], float]) -> None:
        self._seats = seats
        self._crowd_wait = crowd_wait_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._inside: dict[int, tuple[float, bool]] = {}
        """thread -> when it came, and whether it may be one of a crowd"""

    @contextmanager
    def seat(self, *, crowd: bool = True) -> Iterator[None]:
        """Within this block the thread waits. One that already does (a ticket's fetch wants a token) just goes on.

        `crowd`: whether it may be one of a crowd for a while.
        """
        thread = threading.get_ident()
        if thread in self._inside:
            yield
            return
        with self._lock:
            self._inside[thread] = self._clock(), crowd
        try:
            self.leave_if_crowded()
            yield
        finally:
            with self._lock:
                del self._inside[thread]

    def leave_if_crowded(self) -> None:
        """Raise CredentialUnavailable if too many wait for too long and this thread came after the seats were taken."""
        with self._lock:
            thread = threading.get_ident()
            dry_since, _ = next(iter(self._inside.values()))
            _, crowd = self._inside[thread]
            if crowd and 0 <= self._clock() - dry_since < self._crowd_wait:
                return
            place = list(self._inside).index(thread)
        if place >= self._seats:
            raise CredentialUnavailable("Many requests already wait for this credential.", retry_after=1)
