"""Of a lane's threads one at a time computes; whoever waits, or takes too long, does not keep the others."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, wait

import pytest

from app.lane import Lane, aside

ENDLESS = 600.0
"""seconds, of patience: a test that needs them hangs"""
SOON = 30.0


@pytest.fixture
def lane() -> Iterator[Lane]:
    lane = Lane(8, patience_seconds=ENDLESS, way_seconds=ENDLESS)
    yield lane
    lane.shutdown(wait=True)


class Crowd:
    """Counts who is at work at the same time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self.most = 0

    def __enter__(self) -> None:
        with self._lock:
            self._inside += 1
            self.most = max(self.most, self._inside)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1


def test_one_at_a_time_is_at_work_and_all_are_done(lane: Lane) -> None:
    crowd = Crowd()

    def work(number: int) -> int:
        with crowd:
            sum(range(20_000))
        return number

    assert [future.result(SOON) for future in [lane.submit(work, number) for number in range(100)]] == [*range(100)]
    assert crowd.most == 1


def test_those_who_wait_wait_together_and_go_on_one_at_a_time(lane: Lane) -> None:
    crowd, together = Crowd(), threading.Barrier(8)

    def work(_: int) -> None:
        with aside():
            together.wait(SOON)  # each of the eight has to come here before one goes on
        with crowd:
            sum(range(20_000))

    for future in [lane.submit(work, number) for number in range(8)]:
        future.result(SOON)
    assert crowd.most == 1


def test_a_wait_within_a_wait_is_one(lane: Lane) -> None:
    both = threading.Barrier(2)

    def work(_: int) -> None:
        with aside():
            with aside():
                both.wait(SOON)
            both.wait(SOON)  # who has left the inner one still lets the other go on

    for future in [lane.submit(work, number) for number in range(2)]:
        future.result(SOON)
    assert lane.submit(str, 7).result(SOON) == "7"


def test_work_that_fails_gives_its_turn_up(lane: Lane) -> None:
    def fail(_: int) -> None:
        raise ValueError("in the lane")

    def fail_aside(_: int) -> None:
        with aside():
            raise ValueError("aside")

    for work in (fail, fail_aside):
        with pytest.raises(ValueError, match=r"in the lane|aside"):
            lane.submit(work, 0).result(SOON)
    assert lane.submit(str, 7).result(SOON) == "7"


def test_nobody_waits_for_ever_for_one_who_is_held_up() -> None:
    lane, held_up = Lane(2, patience_seconds=0.01), threading.Event()
    first = lane.submit(held_up.wait, SOON)
    assert lane.submit(str, 7).result(SOON) == "7"
    assert not first.done()
    held_up.set()
    assert first.result(SOON)
    lane.shutdown(wait=True)


def test_what_is_done_outside_goes_first(lane: Lane) -> None:
    outside: list[Future[None]] = [Future(), Future()]
    for work in outside:
        lane.give_way_to(work)
    waiting = lane.submit(str, 7)
    outside[0].set_result(None)
    assert not wait([waiting], timeout=0.05).done
    outside[1].set_exception(ValueError("failed"))
    assert waiting.result(SOON) == "7"
    assert lane.submit(str, 8).result(SOON) == "8"


def test_nobody_gives_way_for_ever() -> None:
    lane = Lane(2, way_seconds=0.01)
    lane.give_way_to(Future())
    assert [lane.submit(str, number).result(SOON) for number in range(3)] == ["0", "1", "2"]
    lane.shutdown(wait=True)


def test_outside_of_a_lane_it_does_nothing() -> None:
    with aside(), aside():
        pass
