"""The bound on parallel calls to WeChat: places, waiters, extra places."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import ContextVar

import pytest

from app.errors import ChecksBusy
from app.wechat import CallPool
from app.wechat.pool import PLACES_PER_CALL

LONG = 30.0


class Gate:
    """Tasks that wait for it to open."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._is_open = False
        self.inside = self.most = 0

    def task(self) -> int:
        with self._changed:
            self.inside += 1
            self.most = max(self.most, self.inside)
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: self._is_open, LONG)
            self.inside -= 1
        return self.most

    def wait_for(self, inside: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.inside >= inside, LONG)

    def open(self) -> None:
        with self._changed:
            self._is_open = True
            self._changed.notify_all()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(60) as executor:
        yield executor


def call(pool: CallPool, *tasks: Callable[[], int]) -> list[int]:
    with pool.place():
        return pool.run(tasks)


@contextmanager
def held(pool: CallPool, threads: ThreadPoolExecutor, number: int) -> Iterator[list[Future[list[int]]]]:
    """`number` callers have a place until the end of this block."""
    gate = Gate()
    futures = [threads.submit(call, pool, gate.task) for _ in range(number)]
    gate.wait_for(number)
    try:
        yield futures
    finally:
        gate.open()
        wait(futures, LONG)


def test_of_48_threads_36_have_places_8_wait_and_the_45th_is_refused(threads: ThreadPoolExecutor) -> None:
    pool = CallPool(48, LONG)
    with held(pool, threads, 36) as first:
        others = [threads.submit(call, pool, lambda: 1) for _ in range(9)]
        (refused,), waiting = wait(others, LONG, FIRST_COMPLETED)
        assert isinstance(refused.exception(), ChecksBusy)
        assert len(waiting) == 8
    assert [future.result(LONG) for future in waiting] == [[1]] * 8
    assert all(future.result(LONG) for future in first)


def test_waiter_is_refused_when_its_time_is_over(threads: ThreadPoolExecutor) -> None:
    pool = CallPool(6, wait_seconds=0)
    with held(pool, threads, 4), pytest.raises(ChecksBusy) as caught, pool.place():
        pass
    assert caught.value.retry_after == 2
    assert call(pool, lambda: 1) == [1]


def test_place_inside_a_place_is_the_same() -> None:
    pool = CallPool(1)
    with pool.place(), pool.place():
        pass
    with pool.place():
        pass


def test_parts_take_extra_places_while_half_are_free(threads: ThreadPoolExecutor) -> None:
    pool, gate = CallPool(12), Gate()
    with held(pool, threads, 2):
        parts = threads.submit(call, pool, *[gate.task] * 20)
        gate.wait_for(3)  # 9 places: 6 are free after its own, 5 and 4 after the extra ones
        gate.open()
        assert max(parts.result(LONG)) == 3


def test_one_call_has_8_places_at_most(threads: ThreadPoolExecutor) -> None:
    pool, gate = CallPool(100), Gate()
    parts = threads.submit(call, pool, *[gate.task] * 20)
    gate.wait_for(PLACES_PER_CALL)
    gate.open()
    assert max(parts.result(LONG)) == PLACES_PER_CALL


def test_results_come_in_the_order_of_the_parts() -> None:
    assert call(CallPool(12), *[lambda n=n: n for n in range(50)]) == list(range(50))


def test_nothing_is_begun_after_enough() -> None:
    pool, begun = CallPool(1), []

    def task(number: int) -> Callable[[], int]:
        return lambda: begun.append(number) or number  # type: ignore[func-returns-value]

    with pool.place():
        assert pool.run([task(number) for number in range(9)], lambda result: result == 3) == [0, 1, 2, 3]
    assert begun == [0, 1, 2, 3]


def test_error_in_an_extra_place_is_raised_and_no_place_is_lost(threads: ThreadPoolExecutor) -> None:
    pool, both = CallPool(6), threading.Barrier(2, timeout=LONG)

    def fail() -> int:
        both.wait()
        raise ValueError("part")

    failed = threads.submit(call, pool, lambda: both.wait() * 0, fail)
    with pytest.raises(ValueError, match="part"):
        failed.result(LONG)
    with held(pool, threads, 4):
        pass


def test_part_in_an_extra_place_has_the_context_of_its_call(threads: ThreadPoolExecutor) -> None:
    variable = ContextVar("variable", default=0)
    both = threading.Barrier(2, timeout=LONG)

    def seen() -> int:
        both.wait()
        return variable.get()

    def request() -> list[int]:
        variable.set(7)
        return call(CallPool(6), seen, seen)

    assert threads.submit(request).result(LONG) == [7, 7]


def test_observer_sees_how_many_places_are_free_and_taken_and_who_waits() -> None:
    seen: list[tuple[int, ...]] = []
    pool = CallPool(8, wait_seconds=0, observe=lambda *numbers: seen.append(numbers))
    with pool.place():
        give_back = pool.take("key")
    give_back()
    assert seen == [(6, 0, 0), (5, 1, 0), (4, 2, 0), (5, 1, 0), (6, 0, 0)]
    for holder in "abcdef":
        pool.take(holder)
    del seen[:]
    with pytest.raises(ChecksBusy):
        pool.take("late")
    assert seen == [(0, 6, 1), (0, 6, 0)]
