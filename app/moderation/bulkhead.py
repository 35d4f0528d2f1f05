"""Bounds how many of a worker's threads wait for WeChat's verdicts, so that the others stay free for other doors."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from typing import Generic, TypeVar

from ..exceptions import ChecksBusy
from ..lane import aside
from .helpers import Helpers

T = TypeVar("T")

MOST_PER_REQUEST = 8
"""slots that one request may have, its own among them"""


class Bulkhead:
    """So many slots for one process: each call to WeChat for a verdict is made by a thread that has one.

    Nobody waits for a slot: a request that finds none free is refused, and one with many parts does them in its own
    slot and in those that happen to be free.
    """

    def __init__(self, slots: int, helpers: Helpers) -> None:
        self._slots = threading.Semaphore(slots)
        self._helpers = helpers

    @contextmanager
    def slot(self) -> Iterator[None]:
        """A slot for this block. Raises ChecksBusy, at once."""
        if not self._slots.acquire(blocking=False):
            raise ChecksBusy
        try:
            yield
        finally:
            self._slots.release()

    def run(self, tasks: Sequence[Callable[[], T]], enough: Callable[[T], bool]) -> list[T]:
        """What the tasks return, in their order, by this thread, which has a slot, and those that help it.

        Once a result is `enough`, no further task is begun, and those that were not begun have no result.
        """
        work = _Work(tasks, enough)
        most_helpers = min(MOST_PER_REQUEST, len(tasks)) - 1
        while (task := work.next()) is not None:
            while work.helpers < most_helpers and work.is_left and self._slots.acquire(blocking=False):
                if not self._send_help(work):
                    break
            work.do(task)
        return work.results()

    def _send_help(self, work: "_Work[T]") -> bool:
        """Whether there is a thread to be had."""
        work.join()
        context = copy_context()  # the deadline, and the request's id for the log

        def help_out() -> None:
            try:
                context.run(work.go_on)
            finally:
                self._slots.release()
                work.leave()

        try:
            self._helpers.start(help_out)
        except RuntimeError:
            self._slots.release()
            work.leave()
            return False
        return True


def in_turn(tasks: Sequence[Callable[[], T]], enough: Callable[[T], bool]) -> list[T]:
    """The same by this thread alone."""
    results = []
    for task in tasks:
        results.append(task())
        if enough(results[-1]):
            break
    return results


class _Work(Generic[T]):
    """The tasks of one request, taken by whoever is free."""

    def __init__(self, tasks: Sequence[Callable[[], T]], enough: Callable[[T], bool]) -> None:
        self._tasks = tasks
        self._enough = enough
        self._changed = threading.Condition()
        self._begun = 0
        self._results: dict[int, T] = {}
        self._failure: BaseException | None = None
        self.helpers = 0

    @property
    def is_left(self) -> bool:
        """Whether there is something that nobody has begun."""
        return self._begun < len(self._tasks)

    def join(self) -> None:
        """One more helper."""
        with self._changed:
            self.helpers += 1

    def leave(self) -> None:
        """One less."""
        with self._changed:
            self.helpers -= 1
            self._changed.notify_all()

    def next(self) -> int | None:
        """The number of a task that is now the caller's to do."""
        with self._changed:
            if not self.is_left:
                return None
            self._begun += 1
            return self._begun - 1

    def do(self, task: int) -> None:
        """Do it; what fails stops the others, and is raised by `results`."""
        try:
            result = self._tasks[task]()
        except BaseException as error:  # noqa: BLE001 -- a helper's belongs to the request
            with self._changed:
                self._failure = self._failure or error
                self._begun = len(self._tasks)
            return
        with self._changed:
            self._results[task] = result
            if self._enough(result):
                self._begun = len(self._tasks)

    def go_on(self) -> None:
        """Do what is left, one after the other."""
        while (task := self.next()) is not None:
            self.do(task)

    def results(self) -> list[T]:
        """Those that there are, when nobody is at work any more."""
        with aside(), self._changed:
            self._changed.wait_for(lambda: self.helpers == 0)
        if self._failure:
            raise self._failure
        return [self._results[task] for task in sorted(self._results)]
