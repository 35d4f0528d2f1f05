"""Long pictures: cut so that nothing becomes unreadable, and nothing falls between two tiles."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.moderation.images import fit, tiles
from app.moderation.images.limits import LARGEST_HEIGHT, LARGEST_WIDTH
from tests.app.moderation.images.pictures import plain

SIDE = st.integers(1, 4000)


@pytest.mark.parametrize("size", [(500, 1000), (1000, 500), (1500, 3000), (6000, 4000), (1, 1), (1, 256), (256, 3)])
def test_picture_up_to_two_to_one_is_one_part(size: tuple[int, int]) -> None:
    assert tiles.cut(*size) == [(0, 0, *size)]


@pytest.mark.parametrize("size", [(500, 1001), (1001, 500), (1, 257)])
def test_longer_picture_is_cut(size: tuple[int, int]) -> None:
    assert len(tiles.cut(*size)) > 1


def test_long_screenshot_makes_fifteen_tiles_in_full_width() -> None:
    cut = tiles.cut(1080, 12000)
    assert len(cut) == 15
    assert {tile.size for tile in cut} == {(1080, 1080)}
    assert tiles.fitted(cut[0].size) == (750, 750)


@given(SIDE, SIDE)
def test_tiles_cover_the_picture_from_end_to_end_and_overlap_by_a_quarter(width: int, height: int) -> None:
    cut = tiles.cut(width, height)
    assert len(cut) == tiles.count(width, height)
    assert (cut[0].left, cut[0].top, cut[-1].right, cut[-1].bottom) == (0, 0, width, height)
    along = [(tile.top, tile.bottom) if height > width else (tile.left, tile.right) for tile in cut]
    for (_, end), (start, next_end) in pairwise(along):
        assert end - start >= (next_end - start) // 4


@given(st.integers(256, 1500), st.floats(2.01, 11), st.floats(0, 1))
def test_screenful_anywhere_fills_at_least_one_tile(width: int, times: float, where: float) -> None:
    height = int(width * times)
    screen = width * 16 // 9
    top = int((height - screen) * where)
    assert any(top <= tile.top and tile.bottom <= top + screen for tile in tiles.cut(width, height))


@given(SIDE, SIDE, st.booleans())
def test_part_fits_once_it_is_upright_keeps_its_shape_and_is_never_scaled_up(
    width: int, height: int, is_turned: bool
) -> None:
    small = tiles.fitted((width, height), is_turned)
    upright = small[::-1] if is_turned else small
    assert 1 <= upright[0] <= LARGEST_WIDTH
    assert 1 <= upright[1] <= LARGEST_HEIGHT
    assert small[0] <= width
    assert small[1] <= height
    assert abs(small[0] / width - small[1] / height) <= max(1 / width, 1 / height)


def test_strip_of_more_than_sixteen_tiles_is_too_long_and_has_no_parts() -> None:
    assert len(fit(plain(size=(300, 3675))).parts) == 16
    fitted = fit(plain(size=(300, 3676)))
    assert (fitted.too_long, fitted.parts, fitted.frames, fitted.frames_checked) == (True, (), 1, 0)
