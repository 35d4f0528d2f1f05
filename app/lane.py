"""A lane for requests that come in crowds and wait long: of its threads one at a time computes.

Python's threads share one interpreter. A crowd of them, each at work for a millisecond, makes whoever else wants it
wait for all of them, again and again. Here they queue, a thread that waits for a peer lets the next one go on, and
what is done outside of the lane goes first.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
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
        self._outside: set[Future[Any]] = set()
        self._patience = patience_seconds
        self._way = way_seconds

    def submit(self, work: Callable[[T], R], subject: T) -> Future[R]:
        """Have `work(subject)` done in the lane."""
        return self._threads.submit(self._in_turn, work, subject)

    def give_way_to(self, work: Future[Any]) -> None:
        """This is done outside of the lane, and goes first."""
        self._outside.add(work)
        work.add_done_callback(self._outside.discard)

    def shutdown(self, *, wait: bool) -> None:
        """As an executor's."""
        self._threads.shutdown(wait=wait)

    def _in_turn(self, work: Callable[[T], R], subject: T) -> R:
        turn = _here.turn = _Turn(self)
        turn.take()
        try:
            return work(subject)
        finally:
            turn.give_up()
            _here.turn = None

    def enter(self) -> bool:
        """Whether it is this thread's turn; if not, it goes on without."""
        entered = self._free.acquire(timeout=self._patience)
        if self._outside:
            wait(self._outside.copy(), self._way)
        return entered

    def leave(self) -> None:
        """The turn is the next one's."""
        self._free.release()


class _Turn:
    """A thread's right to compute; `held` while it has it."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self.held = False

    def take(self) -> None:
        self.held = self._lane.enter()

    def give_up(self) -> None:
        if self.held:
            self.held = False
            self._lane.leave()


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
