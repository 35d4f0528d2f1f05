"""The files that WeChat gets of a readable image: colours, orientation, frames, tiles, size."""

import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.moderation.images import Limits, fit
from app.moderation.images.fitting import LARGEST_BYTES, LARGEST_HEIGHT, LARGEST_WIDTH, choose, fitted, tiles
from tests.app.moderation.images.pictures import (
    BLUE,
    RED,
    WHITE,
    animated,
    apng,
    disposing_gif,
    exif,
    middle,
    near,
    plain,
    png,
    saved,
    seen,
    shades,
)

SIZE = (800, 600)
SIDE = st.integers(1, 4000)


@pytest.mark.parametrize(
    ("upload", "shown"),
    [
        (plain("JPEG", SIZE, (0, 255, 255, 0), "CMYK"), RED),
        (plain("JPEG", SIZE, 100, "L"), (100, 100, 100)),
        (plain("JPEG", SIZE, RED, keep_rgb=True), RED),
        (plain("JPEG", SIZE, RED, progressive=True), RED),
        (plain("PNG", SIZE, 0x8040, "I;16"), (128, 128, 128)),
        (plain("PNG", SIZE, 1, "1"), WHITE),
        (plain("PNG", SIZE, (100, 255), "LA"), (100, 100, 100)),
        (plain("PNG", SIZE, (0, 128), "LA"), (127, 127, 127)),
        (plain("PNG", SIZE, (255, 0, 0, 0), "RGBA"), WHITE),
        (plain("PNG", SIZE, (255, 0, 0, 128), "RGBA"), (255, 127, 127)),
        (plain("PNG", SIZE, RED, "RGB", transparency=RED), WHITE),
        (png(60, 40, 16, 2, (b"\0" + b"\xff\xff\x80\x00\x00\x00" * 60) * 40), (255, 128, 0)),
        (plain("WEBP", SIZE, (255, 0, 0, 128), "RGBA", lossless=True), (255, 127, 127)),
        (plain("WEBP", SIZE, RED, quality=95), RED),
        (plain("AVIF", SIZE, RED, speed=10), RED),
        (plain("AVIF", SIZE, (255, 0, 0, 128), "RGBA", speed=10), (255, 127, 127)),
        (plain("HEIF", SIZE, RED), RED),
        (plain("BMP", SIZE, RED), RED),
        (plain("BMP", SIZE, 1, "1"), WHITE),
        (plain("BMP", SIZE, (255, 0, 0, 0), "RGBA"), RED),  # most programs ignore the alpha channel of a BMP
        (plain("GIF", SIZE, RED), RED),
        (plain("PNG", SIZE, BLUE) + b"PK\x03\x04 an archive", BLUE),
    ],
)
def test_colour_is_kept_and_alpha_lies_on_white(upload: bytes, shown: tuple[int, int, int]) -> None:
    (part,) = fit(upload).parts
    assert near(middle(part), shown, 8)
    assert (part.content_type, part.filename) == ("image/jpeg", "image.jpg")
    assert seen(part).size == (part.width, part.height)


@pytest.mark.parametrize("encoding", ["PNG", "GIF"])
@pytest.mark.parametrize(("transparency", "shown"), [({}, RED), ({"transparency": 1}, WHITE)])
def test_transparent_entry_of_a_palette_is_white(
    encoding: str, transparency: dict[str, int], shown: tuple[int, int, int]
) -> None:
    image = Image.new("P", SIZE, 1)
    image.putpalette([0, 0, 0, *RED])
    assert near(middle(fit(saved(image, encoding, **transparency)).parts[0]), shown)


@pytest.mark.parametrize(
    ("orientation", "corner"),
    [(1, (0, 0)), (2, (1, 0)), (3, (1, 1)), (4, (0, 1)), (5, (0, 0)), (6, (1, 0)), (7, (1, 1)), (8, (0, 1))],
)
@pytest.mark.parametrize("encoding", ["PNG", "JPEG", "WEBP", "AVIF", "HEIF"])
def test_image_is_turned_as_the_camera_was_held(encoding: str, orientation: int, corner: tuple[int, int]) -> None:
    """EXIF 2.3, 4.6.4: which corner of the image the first pixel of the first row is."""
    image = Image.new("RGB", (900, 600), WHITE)
    image.paste(RED, (0, 0, 300, 200))
    (part,) = fit(saved(image, encoding, exif=b"Exif\0\0" + exif(orientation))).parts
    assert (part.width, part.height) == ((750, 500) if orientation < 5 else (600, 900))
    found = seen(part).getpixel((corner[0] * (part.width - 40) + 20, corner[1] * (part.height - 40) + 20))
    assert isinstance(found, tuple)
    assert near(found, RED, 8)


@pytest.mark.parametrize("broken", [b"", b"II*\0", b"II*\0\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff", exif(9)])
def test_broken_exif_is_upright(broken: bytes) -> None:
    assert fit(plain("JPEG", (90, 60), exif=b"Exif\0\0" + broken)).parts[0].width == 90


def test_no_metadata_leaves() -> None:
    secret = b"Exif\0\0" + exif(1) + b"secret"
    for encoding in ("JPEG", "PNG", "WEBP"):
        (part,) = fit(plain(encoding, exif=secret, comment=b"secret")).parts
        assert not {"exif", "comment"} & set(Image.open(io.BytesIO(part.content)).info)
        assert b"secret" not in part.content
        assert "JFIF" not in repr(part)


def test_part_is_at_most_a_megabyte() -> None:
    upload = saved(Image.effect_noise((750, 1334), 100).convert("RGB"), "PNG", compress_level=0)
    assert LARGEST_BYTES >= len(fit(upload).parts[0].content) > 100_000


def test_only_the_first_image_of_a_stereo_camera_is_read() -> None:
    images = [Image.new("RGB", SIZE, colour) for colour in (RED, BLUE)]
    result = fit(saved(images[0], "MPO", save_all=True, append_images=images[1:]))
    assert result.frames == 1
    assert near(middle(result.parts[0]), RED)


def test_jpeg_of_a_hundred_megapixels() -> None:
    (part,) = fit(plain("JPEG", (10_000, 10_000), 76, "L")).parts
    assert (part.width, part.height) == (750, 750)
    assert near(middle(part), (76, 76, 76))


def test_thin_writing_does_not_vanish() -> None:
    image = Image.new("RGB", (1500, 1500), WHITE)
    for left in range(0, 1500, 4):
        image.paste((0, 0, 0), (left, 0, left + 2, 1500))
    pixel = middle(fit(saved(image, "PNG")).parts[0])
    assert near(pixel, (0, 0, 0), 20) or near(pixel, WHITE, 20)


def test_samsung_trailer_stands_for_the_end_marker() -> None:
    whole = plain("JPEG", SIZE, RED)
    block = b"\0\0\1\x0a\4\0\0\0name\xff\xda data"
    head = b"SEFH" + (106).to_bytes(4, "little") + (1).to_bytes(4, "little")
    entry = b"\0\0\1\x0a" + len(block).to_bytes(4, "little") * 2
    trailer = block + head + entry + len(head + entry).to_bytes(4, "little") + b"SEFT"
    for upload in (whole[:-2] + trailer, whole + trailer):
        assert fit(upload).parts == fit(whole).parts


ENCODINGS = ["GIF", "WEBP", "PNG", "AVIF"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_eight_frames_of_an_animation_are_checked(encoding: str) -> None:
    colours = shades(15)
    how = {"quality": 100, "subsampling": "4:4:4", "speed": 10} if encoding == "AVIF" else {"lossless": True}
    result = fit(animated(encoding, colours, **how))
    assert (result.frames, result.frames_checked, len(result.parts)) == (15, 8, 8)
    for part, colour in zip(result.parts, colours[::2], strict=True):
        assert near(middle(part), colour, 6)


def test_frames_share_the_sixteen_parts() -> None:
    result = fit(animated("PNG", shades(15), (300, 1000)))
    assert (result.frames_checked, len(result.parts)) == (3, 15)
    assert fit(animated("GIF", shades(2), (300, 1800))).frames_checked == 2
    assert fit(animated("GIF", shades(2), (300, 2100))).too_long
    assert fit(animated("GIF", shades(15)), Limits(frames_checked=3)).frames_checked == 3


@pytest.mark.parametrize(
    ("upload", "left"),
    [
        (apng(0), RED),
        (apng(1), WHITE),
        (apng(2), BLUE),
        (disposing_gif(1, 0), RED),
        (disposing_gif(2, 1), WHITE),
        (disposing_gif(2, 0), WHITE),
        (disposing_gif(3, 0), BLUE),
    ],
)
def test_frame_is_drawn_over_what_the_ones_before_left(upload: bytes, left: tuple[int, int, int]) -> None:
    last = seen(fit(upload).parts[2]).tobytes()
    assert near(tuple(last[:3]), left, 60)  # a JPEG of six pixels is not exact
    assert near(tuple(last[15:18]), WHITE, 60)


def test_frames_are_chosen_by_the_time_they_are_shown() -> None:
    assert choose((0.1,) * 15, 8) == {0, 2, 4, 6, 8, 10, 12, 14}
    assert choose((0.1,) * 8, 8) == set(range(8))
    assert 41 in choose((*[0.02] * 41, 60.0, *[0.02] * 58), 8)
    assert choose((600.0, *[0.1] * 14), 8) == {0, 1, 3, 5, 7, 10, 12, 14}
    assert choose((0.0, 0.01, 0.1, 0.0, 0.0), 3) == {0, 2, 4}  # browsers show these for a tenth of a second


@given(st.lists(st.floats(0, 655.35), min_size=1, max_size=300), st.integers(2, 16))
def test_first_and_last_frame_are_chosen(seconds: list[float], wanted: int) -> None:
    chosen = choose(seconds, wanted)
    assert len(chosen) == min(len(seconds), wanted)
    assert {0, len(seconds) - 1} <= chosen <= set(range(len(seconds)))


@pytest.mark.parametrize("size", [(500, 1000), (1000, 500), (6000, 4000), (1, 1), (1, 256), (256, 3)])
def test_image_up_to_two_to_one_is_one_tile(size: tuple[int, int]) -> None:
    assert tiles(*size) == [(0, 0, *size)]


@given(SIDE, SIDE)
def test_tiles_cover_the_image_and_overlap_by_a_quarter(width: int, height: int) -> None:
    cut = tiles(width, height)
    assert (*cut[0][:2], *cut[-1][2:]) == (0, 0, width, height)
    for one, other in pairwise(tile[height > width :: 2] for tile in cut):
        assert one[1] - other[0] >= (other[1] - other[0]) // 4


@given(st.integers(256, 1500), st.floats(2.01, 11), st.floats(0, 1))
def test_screenful_anywhere_fills_a_tile(width: int, times: float, where: float) -> None:
    height, screen = int(width * times), width * 16 // 9
    top = int((height - screen) * where)
    assert any(top <= tile[1] and tile[3] <= top + screen for tile in tiles(width, height))


def test_strip_is_cut_along_its_length_and_turned() -> None:
    result = fit(plain("JPEG", (3000, 500), RED, exif=b"Exif\0\0" + exif(6)))
    assert {(part.width, part.height) for part in result.parts} == {(500, 500)}
    assert len(result.parts) == 8


def test_strip_of_more_than_sixteen_tiles_is_too_long() -> None:
    assert len(fit(plain(size=(300, 3675))).parts) == 16
    result = fit(plain(size=(300, 3676)))
    assert (result.too_long, result.frames, result.frames_checked) == (True, 1, 0)


@given(SIDE, SIDE, st.booleans())
def test_part_fits_keeps_its_shape_and_is_never_scaled_up(width: int, height: int, is_turned: bool) -> None:
    small = fitted((width, height), is_turned=is_turned)
    upright = small[::-1] if is_turned else small
    assert 1 <= upright[0] <= LARGEST_WIDTH
    assert 1 <= upright[1] <= LARGEST_HEIGHT
    assert small[0] <= width
    assert small[1] <= height
    assert abs(small[0] / width - small[1] / height) <= max(1 / width, 1 / height)
