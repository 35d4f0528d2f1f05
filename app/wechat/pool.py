"""The bound on a worker's parallel calls to WeChat."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from contextvars import ContextVar, copy_context
from typing import TypeVar

from ..errors import ChecksBusy

T = TypeVar("T")

_has_place: ContextVar[bool] = ContextVar("_has_place", default=False)

WAIT_SECONDS = 2.0
PLACES_PER_CALL = 8
"""parallel parts of one call"""


class CallPool:
    """Places for calls to WeChat in a worker with so many threads.

    Three quarters of the threads may have a place and a sixth may wait for one, up to `wait_seconds`; the others always
    answer requests that need no call. The parts of a call run in its own place, and in extra ones while half are free.
    Of the places taken with `take` one holder has half at most.
    """

    def __init__(
        self,
        threads: int,
        wait_seconds: float = WAIT_SECONDS,
        observe: Callable[[int, int, int], None] = lambda _free, _taken, _waiting: None,
    ) -> None:
        """`observe` is called at each change with the numbers of free places, taken places and waiters."""
        self._places = self._free = max(1, threads * 3 // 4)
        self._most = max(1, self._places // 2)
        self._held = Counter[str]()
        self._waiters = self._most_waiters = threads // 6
        self._wait_seconds = wait_seconds
        self._changed = threading.Condition()
        self._extra_threads = ThreadPoolExecutor(self._places, thread_name_prefix="wechat-call")
        self._observe = observe
        self._has_changed()

    @contextmanager
    def place(self) -> Iterator[None]:
        """Have a place within this block; nested blocks share it. Raises ChecksBusy, at once or after waiting."""
        if _has_place.get():
            yield
            return
        self._take()
        token = _has_place.set(True)
        try:
            yield
        finally:
            _has_place.reset(token)
            self._give_back()

    def take(self, holder: str) -> Callable[[], None]:
        """Take a place for a call that outlives this block; return the function that gives it back.

        Raises ChecksBusy, at once or after waiting.
        """
        self._take(holder)
        return lambda: self._give_back(holder)

    def run(self, tasks: Sequence[Callable[[], T]], enough: Callable[[T], bool] = lambda _: False) -> list[T]:
        """Run the parts of a call that has a place and return their results in order.

        After a result that is `enough`, or an error, no further part is started. Parts that were not started have no
        result; an error is raised after all started parts have ended.
        """
        left = deque(enumerate(tasks))
        results: dict[int, T] = {}

        def run_left(*, in_extra_place: bool) -> None:
            try:
                for number, task in _drained(left):
                    if not in_extra_place:
                        add_threads()
                    results[number] = task()
                    if enough(results[number]):
                        left.clear()
            except BaseException:
                left.clear()
                raise
            finally:
                if in_extra_place:
                    self._give_back()

        extra: list[Future[None]] = []

        def add_threads() -> None:
            while left and len(extra) < PLACES_PER_CALL - 1 and self._take_extra():
                # The context has the deadline, the request id, and that there is a place.
                extra.append(self._extra_threads.submit(copy_context().run, run_left, in_extra_place=True))

        try:
            run_left(in_extra_place=False)
        finally:
            wait(extra)
        for future in extra:
            future.result()
        return [results[number] for number in sorted(results)]

    def _take(self, holder: str | None = None) -> None:
        def is_free() -> bool:
            return self._free > 0 and (holder is None or self._held[holder] < self._most)

        with self._changed:
            if not is_free():
                if not self._waiters:
                    raise ChecksBusy
                self._waiters -= 1
                self._has_changed()
                try:
                    if not self._changed.wait_for(is_free, self._wait_seconds):
                        raise ChecksBusy
                finally:
                    self._waiters += 1
                    self._has_changed()
            self._free -= 1
            if holder is not None:
                self._held[holder] += 1
            self._has_changed()

    def _take_extra(self) -> bool:
        with self._changed:
            if self._free * 2 < self._places or not self._free:
                return False
            self._free -= 1
            self._has_changed()
            return True

    def _give_back(self, holder: str | None = None) -> None:
        with self._changed:
            self._free += 1
            if holder is not None:
                self._held[holder] -= 1
            self._has_changed()
            self._changed.notify_all()  # any one waiter may be at its holder's limit

    def _has_changed(self) -> None:
        self._observe(self._free, self._places - self._free, self._most_waiters - self._waiters)


def _drained(queue: deque[T]) -> Iterator[T]:
    """Take items until none is left; several threads may share the queue."""
    with suppress(IndexError):
        while True:
            yield queue.popleft()
