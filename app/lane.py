"""A lane for requests that come in crowds and wait long: of its threads one at a time computes.

Python's threads share one interpreter. A crowd of them, each at work for a millisecond, makes whoever else wants it
wait for all of them, again and again. Here they queue, and a thread that waits for a peer lets the next one go on.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

_PATIENCE_SECONDS = 0.25
"""Nobody waits longer for a turn: it is a courtesy, and who has it may be held up by something that nobody foresaw."""


class Lane:
    """So many threads, each begun when it is needed."""

    def __init__(self, threads: int, patience_seconds: float = _PATIENCE_SECONDS) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="lane")
        self._free = threading.Lock()
        self._patience = patience_seconds

    def submit(self, work: Callable[[T], R], subject: T) -> Future[R]:
        """Have `work(subject)` done in the lane."""
        return self._threads.submit(self._in_turn, work, subject)

    def shutdown(self, *, wait: bool) -> None:
        """As an executor's."""
        self._threads.shutdown(wait=wait)

    def _in_turn(self, work: Callable[[T], R], subject: T) -> R:
        turn = _here.turn = _Turn(self._free, self._patience)
        turn.take()
        try:
            return work(subject)
        finally:
            turn.give_up()
            _here.turn = None


class _Turn:
    """A thread's right to compute; `held` while it has it."""

    def __init__(self, free: threading.Lock, patience_seconds: float) -> None:
        self._free = free
        self._patience = patience_seconds
        self.held = False

    def take(self) -> None:
        self.held = self._free.acquire(timeout=self._patience)

    def give_up(self) -> None:
        if self.held:
            self.held = False
            self._free.release()


class _Here(threading.local):
    turn: _Turn | None = None


_here = _Here()


@contextmanager
def aside() -> Iterator[None]:
    """In this block the thread waits, not for the interpreter: if it is in a lane, the next one goes on meanwhile."""
    turn = _here.turn
    if turn is None or not turn.held:
        yield
        return
    turn.give_up()
    try:
        yield
    finally:
        turn.take()
