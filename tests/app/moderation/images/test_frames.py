"""Animations: which frames are looked at, and what they look like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.moderation.images import Limits, fit
from app.moderation.images.frames import chosen
from tests.app.moderation.images.pictures import (
    BLUE,
    RED,
    WHITE,
    animated,
    apng,
    disposing_gif,
    middle,
    near,
    seen,
    shades,
)

ENCODINGS = ["GIF", "WEBP", "PNG"]
DELAYS = st.lists(st.floats(0, 655.35), min_size=1, max_size=300)


def test_frames_of_equal_length_are_taken_at_equal_distances() -> None:
    assert chosen((0.1,) * 15, 8) == [0, 2, 4, 6, 8, 10, 12, 14]


def test_short_animation_is_looked_at_whole() -> None:
    assert chosen((0.1,) * 8, 8) == list(range(8))
    assert chosen((0.0,), 8) == [0]


def test_frame_that_is_shown_most_of_the_time_is_looked_at_whatever_its_number() -> None:
    assert 41 in chosen((*[0.02] * 41, 60.0, *[0.02] * 58), 8)


def test_looks_that_a_long_frame_saves_go_to_the_other_frames() -> None:
    assert chosen((600.0, *[0.1] * 14), 8) == [0, 1, 3, 5, 7, 10, 12, 14]


def test_frame_without_a_delay_counts_as_browsers_show_it() -> None:
    assert chosen((0.0, 0.01, 0.1, 0.0, 0.0), 3) == [0, 2, 4]


@given(DELAYS, st.integers(2, 16))
def test_as_many_frames_as_wanted_first_and_last_among_them(delays: list[float], wanted: int) -> None:
    frames = chosen(tuple(delays), wanted)
    assert frames == sorted(set(frames))
    assert len(frames) == min(len(delays), wanted)
    assert frames[0] == 0
    assert frames[-1] == len(delays) - 1


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_eight_of_many_frames_are_parts(encoding: str) -> None:
    colours = shades(15)
    fitted = fit(animated(encoding, colours, lossless=True))
    assert (fitted.frames, fitted.frames_checked, len(fitted.parts)) == (15, 8, 8)
    for part, colour in zip(fitted.parts, colours[::2], strict=True):
        assert near(middle(part), colour)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_number_of_frames_to_check_is_a_limit_that_can_be_set(encoding: str) -> None:
    assert fit(animated(encoding, shades(15)), Limits(frames_checked=3)).frames_checked == 3


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_frames_of_a_long_animation_share_the_sixteen_parts(encoding: str) -> None:
    fitted = fit(animated(encoding, shades(15), (300, 1000)))
    assert (fitted.frames, fitted.frames_checked, len(fitted.parts)) == (15, 3, 15)
    assert near(middle(fitted.parts[-1]), shades(15)[-1], 8)


def test_animation_so_long_that_not_even_two_frames_can_be_checked_is_too_long() -> None:
    assert fit(animated("GIF", shades(2), (300, 1800))).frames_checked == 2
    assert fit(animated("GIF", shades(2), (300, 2100))).too_long


@pytest.mark.parametrize(
    ("file", "left"),
    [
        (apng(0), RED),
        (apng(1), WHITE),
        (apng(2), BLUE),
        (disposing_gif(1, 0), RED),
        (disposing_gif(2, 1), WHITE),
        (disposing_gif(2, 0), WHITE),
        (disposing_gif(3, 0), BLUE),
    ],
    ids=["png-kept", "png-cleared", "png-previous", "gif-kept", "gif-cleared", "gif-cleared-opaque", "gif-previous"],
)
def test_frame_is_composed_with_what_is_left_of_those_before_it(file: bytes, left: tuple[int, int, int]) -> None:
    """Its own pixels, what stays of the first frame, and what the second one leaves: cleared to nothing is white."""
    last = seen(fit(file).parts[2]).tobytes()
    row = [tuple(last[at : at + 3]) for at in range(0, 18, 3)]
    assert near(row[0], left, 60)  # a JPEG of six pixels is not exact
    assert near(row[5], WHITE, 60)
