"""A lane for requests that come in crowds and wait long: of its threads one at a time computes.

Python's threads share one interpreter. A crowd of them, each at work for a millisecond, makes whoever else wants it
wait for all of them, again and again. Here they queue, a thread that waits for a peer lets the next one go on, and
what is done outside of the lane goes first.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")

_PATIENCE_SECONDS = 0.25
"""Nobody waits longer for a turn: it is a courtesy, and who has it may be held up by something that nobody foresaw."""
_WAY_SECONDS = 0.002
"""Nor longer for those outside: one of them may be held up as well, and there may always be some."""


class Lane:
    """So many threads, each begun when it is needed."""

    def __init__(
        self, threads: int, *, patience_seconds: float = _PATIENCE_SECONDS, way_seconds: float = _WAY_SECONDS
    ) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="lane")
        self._free = threading.Lock()
        self._outside = _Outside(way_seconds)
        self._patience = patience_seconds

    def submit(self, work: Callable[[T], R], subject: T) -> Future[R]:
        """Have `work(subject)` done in the lane."""
        return self._threads.submit(self._in_turn, work, subject)

    def give_way_to(self, work: Future[Any]) -> None:
        """This is done outside of the lane, and goes first."""
        self._outside.begin()
        work.add_done_callback(self._outside.end)

    def shutdown(self, *, wait: bool) -> None:
        """As an executor's."""
        self._threads.shutdown(wait=wait)

    def _in_turn(self, work: Callable[[T], R], subject: T) -> R:
        turn = _here.turn = _Turn(self._free, self._outside, self._patience)
        turn.take()
        try:
            return work(subject)
        finally:
            turn.give_up()
            _here.turn = None


class _Outside:
    """How much is under way outside of the lane."""

    def __init__(self, way_seconds: float) -> None:
        self._way_seconds = way_seconds
        self._changed = threading.Condition()
        self._under_way = 0

    def begin(self) -> None:
        with self._changed:
            self._under_way += 1

    def end(self, _: object) -> None:
        with self._changed:
            self._under_way -= 1
            self._changed.notify_all()

    def give_way(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self._under_way, self._way_seconds)


class _Turn:
    """A thread's right to compute; `held` while it has it."""

    def __init__(self, free: threading.Lock, outside: _Outside, patience_seconds: float) -> None:
        self._free = free
        self._outside = outside
        self._patience = patience_seconds
        self.held = False

    def take(self) -> None:
        self.held = self._free.acquire(timeout=self._patience)
        self._outside.give_way()

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
