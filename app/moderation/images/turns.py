"""One picture at a time: several large ones queue instead of adding up in memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from ...exceptions import ImagesBusy


class Turns:
    """One for each process. Waiting is bounded: each of those who wait holds a thread."""

    def __init__(self, wait_seconds: float) -> None:
        self._wait_seconds = wait_seconds
        self._lock = Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Nobody else has a turn meanwhile. Raises ImagesBusy after `wait_seconds` in vain."""
        if not self._lock.acquire(timeout=self._wait_seconds):
            raise ImagesBusy
        try:
            yield
        finally:
            self._lock.release()
