"""The bound on threads that wait for WeChat, with real threads that wait for each other and never for time."""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from contextvars import ContextVar
from itertools import count

import pytest

from app.exceptions import ChecksBusy
from app.moderation.bulkhead import MOST_PER_REQUEST, Bulkhead, in_turn
from app.moderation.helpers import Helpers

PATIENCE = 30.0


def bulkhead(slots: int) -> Bulkhead:
    return Bulkhead(slots, Helpers())


def never(_: object) -> bool:
    return False


class Gate:
    """Tasks that stay until `open`; counts how many are inside."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._is_open = False
        self.inside = self.most = 0

    def task(self) -> int:
        with self._changed:
            self.inside += 1
            self.most = max(self.most, self.inside)
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: self._is_open, PATIENCE)
            self.inside -= 1
            return self.most

    def wait_for(self, inside: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.inside == inside, PATIENCE)

    def open(self) -> None:
        with self._changed:
            self._is_open = True
            self._changed.notify_all()


def started(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def free(bound: Bulkhead) -> int:
    """How many slots are."""
    with ExitStack() as slots:
        for number in count():
            try:
                slots.enter_context(bound.slot())
            except ChecksBusy:
                return number
    return 0


def test_one_more_than_the_slots_is_refused_at_once() -> None:
    bound = bulkhead(2)
    with bound.slot():
        with bound.slot(), pytest.raises(ChecksBusy) as caught, bound.slot():
            pytest.fail("there is no third slot")
        assert caught.value.retry_after == 2
        with bound.slot():
            pass  # it was given back


def test_slot_is_given_back_after_a_failure() -> None:
    bound = bulkhead(1)
    for _ in range(3):
        with pytest.raises(ValueError, match="wrong"), bound.slot():
            raise ValueError("wrong")


def test_parts_run_in_the_slots_that_are_free_and_no_more_than_8() -> None:
    bound, gate = bulkhead(20), Gate()

    def request() -> None:
        with bound.slot():
            bound.run([gate.task] * 30, never)

    thread = started(request)
    gate.wait_for(MOST_PER_REQUEST)
    assert free(bound) == 20 - MOST_PER_REQUEST
    gate.open()
    thread.join(PATIENCE)
    assert gate.most == MOST_PER_REQUEST


def test_several_requests_together_never_have_more_than_the_slots() -> None:
    bound, gate = bulkhead(5), Gate()

    def request() -> None:
        with bound.slot():
            bound.run([gate.task] * 10, never)

    first = started(request)
    gate.wait_for(5)
    with pytest.raises(ChecksBusy):
        request()
    gate.open()
    first.join(PATIENCE)
    assert gate.most == 5
    assert free(bound) == 5


def test_request_without_a_free_slot_does_its_parts_one_after_the_other() -> None:
    bound = bulkhead(1)
    me = threading.get_ident()
    with bound.slot():
        assert bound.run([threading.get_ident] * 5, never) == [me] * 5


def test_results_come_in_the_order_of_the_tasks() -> None:
    bound = bulkhead(4)
    with bound.slot():
        assert bound.run([lambda number=number: number for number in range(50)], never) == list(range(50))  # type: ignore[misc]


@pytest.mark.parametrize("way", ["bulkhead", "in turn"])
def test_nothing_is_begun_after_enough(way: str) -> None:
    begun: list[int] = []

    def task(number: int) -> Callable[[], int]:
        def begin() -> int:
            begun.append(number)
            return number

        return begin

    run = bulkhead(1).run if way == "bulkhead" else in_turn
    assert run([task(number) for number in range(10)], lambda number: number == 3) == [0, 1, 2, 3]
    assert begun == [0, 1, 2, 3]


def test_helpers_fault_is_the_requests() -> None:
    bound, gate = bulkhead(2), Gate()

    def task() -> int:
        gate.task()
        raise ZeroDivisionError

    def request() -> None:
        with bound.slot(), pytest.raises(ZeroDivisionError):
            bound.run([task] * 2, never)

    thread = started(request)
    gate.wait_for(2)
    gate.open()
    thread.join(PATIENCE)
    assert free(bound) == 2


def test_helper_has_the_requests_context() -> None:
    """Its deadline, and its id for the log."""
    name: ContextVar[str] = ContextVar("name", default="none")
    bound, gate = bulkhead(3), Gate()
    seen: list[str] = []

    def task() -> None:
        seen.append(name.get())
        gate.task()

    def request() -> None:
        name.set("mine")
        with bound.slot():
            bound.run([task] * 3, never)

    thread = started(request)
    gate.wait_for(3)
    gate.open()
    thread.join(PATIENCE)
    assert seen == ["mine"] * 3


def test_helpers_are_kept() -> None:
    helpers, idents = Helpers(), set()
    for _ in range(20):
        done = threading.Event()

        def work(done: threading.Event = done) -> None:
            idents.add(threading.get_ident())
            done.set()

        helpers.start(work)
        assert done.wait(PATIENCE)
    assert len(idents) <= 3  # one, and those that came before the last one was back


def test_without_a_thread_to_be_had_the_request_does_it_all_and_no_slot_is_lost() -> None:
    class Poor(Helpers):
        def start(self, work: Callable[[], None]) -> None:  # noqa: ARG002 -- as the base class has it
            raise RuntimeError("can't start new thread")

    bulkhead = Bulkhead(3, Poor())
    for _ in range(10):
        with bulkhead.slot():
            assert bulkhead.run([lambda n=n: n for n in range(5)], never) == [0, 1, 2, 3, 4]  # type: ignore[misc]
    with bulkhead.slot(), bulkhead.slot(), bulkhead.slot(), pytest.raises(ChecksBusy), bulkhead.slot():
        pass
