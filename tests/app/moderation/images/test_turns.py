"""Pictures queue instead of adding up."""

from threading import Event, Thread

import pytest

from app.exceptions import ImagesBusy
from app.moderation.images import Turns


def test_second_picture_waits_until_the_first_is_done() -> None:
    turns, inside, done = Turns(30), Event(), []

    def second() -> None:
        inside.set()
        with turns.turn():
            done.append("second")

    thread = Thread(target=second)
    with turns.turn():
        thread.start()
        assert inside.wait(5)
        done.append("first")
    thread.join(5)
    assert done == ["first", "second"]


def test_waiting_is_bounded_and_says_when_to_come_again() -> None:
    turns = Turns(0.01)
    with turns.turn(), pytest.raises(ImagesBusy) as caught, turns.turn():
        pass
    assert (caught.value.retryable, caught.value.retry_after) == (True, 2)


def test_turn_ends_with_an_error_too() -> None:
    turns = Turns(0)
    with pytest.raises(ZeroDivisionError), turns.turn():
        raise ZeroDivisionError
    with turns.turn():
        pass
