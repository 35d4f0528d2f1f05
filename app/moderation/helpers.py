"""Threads that are kept for the parts of requests: each has connections to WeChat that are worth keeping."""

import threading
from collections.abc import Callable
from queue import SimpleQueue


class Helpers:
    """Starts a thread when all others are busy, and keeps it. Nothing is started before it is needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._work: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._idle = 0

    def start(self, work: Callable[[], None]) -> None:
        """Do this beside the calling thread. Whoever asks bounds how many there are at once."""
        with self._lock:
            if self._idle:
                self._idle -= 1
            else:
                threading.Thread(target=self._serve, name="helper", daemon=True).start()
        self._work.put(work)

    def _serve(self) -> None:
        while True:
            self._work.get()()
            with self._lock:
                self._idle += 1
