"""A bound on how long something may take as a whole."""

import math

from app.wechat.deadline import deadline, seconds_left


def test_without_a_deadline_there_is_all_the_time() -> None:
    assert seconds_left() == math.inf


def test_deadline_within_a_deadline_ends_with_the_first_of_them() -> None:
    with deadline(50):
        with deadline(100):
            assert 40 < seconds_left() <= 50
        with deadline(10):
            assert seconds_left() <= 10
        assert 40 < seconds_left() <= 50
    assert seconds_left() == math.inf


def test_deadline_that_is_over_leaves_nothing() -> None:
    with deadline(0):
        assert seconds_left() <= 0
