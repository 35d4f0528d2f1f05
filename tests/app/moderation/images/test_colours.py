"""Whatever the colours are stored as, the parts show what people see."""

import pytest
from PIL import Image, ImageChops

from app.moderation.images import fit, scaling
from app.moderation.images.scaling import Box, scaled
from tests.app.moderation.images.pictures import RED, WHITE, exif, middle, near, plain, png, saved, seen

SIZE = (800, 600)
"""too wide to be passed on"""


@pytest.mark.parametrize(
    ("upload", "shown"),
    [
        (plain("JPEG", SIZE, (0, 255, 255, 0), "CMYK"), RED),
        (plain("JPEG", SIZE, (0, 0, 0, 255), "CMYK"), (0, 0, 0)),
        (plain("JPEG", SIZE, 100, "L"), (100, 100, 100)),
        (plain("PNG", SIZE, 0x8040, "I;16"), (128, 128, 128)),
        (plain("PNG", SIZE, 1, "1"), WHITE),
        (plain("PNG", SIZE, (100, 255), "LA"), (100, 100, 100)),
        (plain("PNG", SIZE, (0, 128), "LA"), (127, 127, 127)),
        (plain("PNG", SIZE, (255, 0, 0, 0), "RGBA"), WHITE),
        (plain("PNG", SIZE, (255, 0, 0, 128), "RGBA"), (255, 127, 127)),
        (plain("PNG", SIZE, RED, "RGB", transparency=RED), WHITE),
        (plain("WEBP", SIZE, (255, 0, 0, 128), "RGBA", lossless=True), (255, 127, 127)),
        (plain("WEBP", SIZE, RED, quality=95), RED),
        (plain("BMP", SIZE, RED), RED),
        (plain("BMP", SIZE, 1, "1"), WHITE),
        (plain("GIF", SIZE, RED), RED),
    ],
    ids=[
        "cmyk", "black cmyk", "grey jpeg", "16 bit", "1 bit", "grey alpha", "grey half", "clear", "half", "key",
        "webp alpha", "webp", "bmp", "1 bit bmp", "gif",
    ],
)  # fmt: skip
def test_colour_is_kept_and_alpha_lies_on_white(upload: bytes, shown: tuple[int, int, int]) -> None:
    assert near(middle(fit(upload).parts[0]), shown)


@pytest.mark.parametrize("encoding", ["PNG", "GIF"])
def test_transparent_entry_of_a_palette_is_white(encoding: str) -> None:
    image = Image.new("P", SIZE, 1)
    image.putpalette([0, 0, 0, *RED])
    assert near(middle(fit(saved(image, encoding)).parts[0]), RED)
    assert near(middle(fit(saved(image, encoding, transparency=1)).parts[0]), WHITE)


def test_palette_with_an_alpha_for_each_entry() -> None:
    image = Image.new("P", SIZE, 1)
    image.putpalette([0, 0, 0, *RED])
    assert near(middle(fit(saved(image, "PNG", transparency=b"\x00\x80")).parts[0]), (255, 127, 127))


def test_sixteen_bits_a_channel() -> None:
    rows = (b"\0" + b"\xff\xff\x80\x00\x00\x00" * 800) * 2
    assert near(middle(fit(png(800, 2, 16, 2, rows)).parts[0]), (255, 128, 0), 8)


def test_bitmap_whose_alpha_is_all_zero_is_shown_as_most_programs_do() -> None:
    """Laid on white it would be a white sheet to the check, and a picture to everybody else."""
    file = bytearray(saved(Image.new("RGBA", SIZE, (255, 0, 0, 0)), "BMP"))
    assert near(middle(fit(bytes(file)).parts[0]), RED)
    header = bytearray(file[:14]) + (108).to_bytes(4, "little") + file[18:30] + (3).to_bytes(4, "little") + file[34:54]
    masks = b"".join(mask.to_bytes(4, "little") for mask in (0xFF0000, 0xFF00, 0xFF, 0xFF000000))
    header[10:14] = (14 + 108).to_bytes(4, "little")
    with_masks = bytes(header) + masks + bytes(108 - 40 - 16) + bytes(file[54:])
    assert near(middle(fit(with_masks).parts[0]), RED)


def test_thin_writing_does_not_vanish_when_scaled() -> None:
    image = Image.new("RGB", (1500, 1500), WHITE)
    for left in range(0, 1500, 4):
        image.paste((0, 0, 0), (left, 0, left + 2, 1500))
    pixel = middle(fit(saved(image, "PNG")).parts[0])
    assert near(pixel, (0, 0, 0), 20) or near(pixel, WHITE, 20)


@pytest.mark.parametrize("box", [(0, 0, 900, 1500), (0, 300.5, 900, 1201), (0, 40, 900, 1460)])
def test_picture_made_strip_by_strip_has_no_seams(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    image = Image.effect_noise((900, 1500), 100).convert("RGB")
    monkeypatch.setattr(scaling, "_STRIP_PIXELS", 5000)
    at_once = image.resize((400, 700), Image.Resampling.HAMMING, box)
    assert max(ImageChops.difference(scaled(image, box, (400, 700)), at_once).tobytes()) <= 1


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("orientation", "corner"),
    [(1, (0, 0)), (2, (1, 0)), (3, (1, 1)), (4, (0, 1)), (5, (0, 0)), (6, (1, 0)), (7, (1, 1)), (8, (0, 1))],
)
@pytest.mark.parametrize("encoding", ["PNG", "JPEG", "WEBP"])
def test_picture_is_turned_as_the_camera_was_held(
    encoding: str, orientation: int, corner: tuple[int, int], order: str
) -> None:
    """EXIF 2.3, 4.6.4: which corner of the picture the first pixel of the first row is."""
    image = Image.new("RGB", (900, 600), WHITE)
    image.paste(RED, (0, 0, 300, 200))
    fitted = fit(saved(image, encoding, exif=b"Exif\0\0" + exif(orientation, order)))
    (part,) = fitted.parts
    assert (fitted.width, fitted.height) == ((900, 600) if orientation < 5 else (600, 900))
    assert (part.width, part.height) == ((750, 500) if orientation < 5 else (600, 900))
    found = seen(part).getpixel((corner[0] * (part.width - 40) + 20, corner[1] * (part.height - 40) + 20))
    assert isinstance(found, tuple)
    assert near(found, RED, 6)


def test_strip_that_is_turned_is_cut_along_its_length() -> None:
    fitted = fit(plain("JPEG", (3000, 500), RED, exif=b"Exif\0\0" + exif(6)))
    assert (fitted.width, fitted.height) == (500, 3000)
    assert {(part.width, part.height) for part in fitted.parts} == {(500, 500)}
    assert len(fitted.parts) == 8


@pytest.mark.parametrize(
    "broken", [b"", b"II*\0", b"II*\0\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff", exif(0), exif(9)]
)
def test_orientation_that_makes_no_sense_is_upright(broken: bytes) -> None:
    assert fit(plain("JPEG", (90, 60), exif=b"Exif\0\0" + broken)).width == 90
