"""Any bytes of a format that is decoded in our process: a fitted image or one of two errors, and no warning."""

import io
import warnings

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from app.moderation import ImageTooLarge, ImageUnreadable
from app.moderation.images import Limits, fit
from app.moderation.images.fitting import LARGEST_BYTES, LARGEST_HEIGHT, LARGEST_WIDTH
from tests.app.moderation.images.pictures import animated, apng, disposing_gif, exif, gif, plain, saved, shades

SIGNATURES = [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF\x40\0\0\0WEBPVP8 ", b"BM", b""]
PALETTE = Image.new("P", (9, 7), 1)
SAMPLES = [
    plain("PNG", (9, 7)),
    plain("PNG", (9, 7), 9, "I;16"),
    plain("PNG", (9, 7), (1, 2, 3, 4), "RGBA"),
    plain("PNG", (9, 7), (1, 2, 3), transparency=(1, 2, 3)),
    saved(PALETTE, "PNG", transparency=b"\x80\x40"),
    saved(PALETTE, "GIF", transparency=1),
    plain("JPEG", (9, 7), exif=b"Exif\0\0" + exif(6)),
    plain("JPEG", (9, 7), progressive=True),
    plain("JPEG", (9, 7), (1, 2, 3, 4), "CMYK"),
    plain("WEBP", (9, 7)),
    plain("WEBP", (9, 7), (1, 2, 3, 4), "RGBA", lossless=True, exif=exif(3)),
    plain("BMP", (9, 7)),
    plain("BMP", (9, 7), 1, "1"),
    plain("BMP", (9, 7), 1, "P"),
    gif((9, 7), 3),
    disposing_gif(2, 1),
    disposing_gif(3, 0),
    apng(1),
    *(animated(encoding, shades(3), (9, 7)) for encoding in ("GIF", "PNG", "WEBP")),
]
SMALL = Limits(pixels=100_000, jpeg_pixels=1_000_000, samples=100_000, frames=10, frame_pixels=1_000_000)
"""so that a mutated header costs milliseconds"""

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def judge(upload: bytes) -> None:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            fitted = fit(upload, SMALL)
        except (ImageUnreadable, ImageTooLarge):
            return
        finally:
            assert [str(warning.message) for warning in said] == []
    assert fitted.too_long == (not fitted.parts)
    for part in fitted.parts:
        assert len(part.content) <= LARGEST_BYTES
        image = Image.open(io.BytesIO(part.content), formats=("JPEG",))
        image.load()
        assert image.size == (part.width, part.height)
        assert part.width <= LARGEST_WIDTH
        assert part.height <= LARGEST_HEIGHT


@UNHURRIED
@given(st.sampled_from(SIGNATURES), st.binary(max_size=300))
def test_arbitrary_bytes(signature: bytes, rest: bytes) -> None:
    judge(signature + rest)


@settings(UNHURRIED, max_examples=300)
@given(st.sampled_from(SAMPLES), st.data())
def test_file_with_bytes_changed(sample: bytes, data: st.DataObject) -> None:
    upload = bytearray(sample)
    for _ in range(data.draw(st.integers(1, 4))):
        upload[data.draw(st.integers(0, len(upload) - 1))] = data.draw(st.integers(0, 255))
    judge(bytes(upload))


@settings(UNHURRIED, max_examples=200)
@given(st.sampled_from(SAMPLES), st.data())
def test_file_with_bytes_put_in_or_taken_out(sample: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(sample)))
    end = data.draw(st.integers(start, len(sample)))
    judge(sample[:start] + data.draw(st.binary(max_size=20)) + sample[end:])


@settings(UNHURRIED, max_examples=200)
@given(st.sampled_from(SAMPLES), st.sampled_from(SAMPLES), st.data())
def test_two_files_in_one(first: bytes, second: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(first)))
    judge(first[:at] + second[data.draw(st.integers(0, len(second))) :])
