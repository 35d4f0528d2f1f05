"""Damaged, disguised and oversized files: refused for a stated reason, the oversized before anything is decoded."""

import io
import struct
import zlib
from itertools import count
from pathlib import Path
from threading import Event, Thread

import pytest
from PIL import Image, ImageFile

from app.moderation import ImagesBusy, ImageTooLarge, ImageUnreadable
from app.moderation.images import Limits, decoding, fit
from app.moderation.images.fitting import _decoding
from tests.app.moderation.images.pictures import BLUE, animated, apng, chunk, gif, plain, png, shades

WHOLE = {
    "png": plain("PNG"),
    "jpeg": plain("JPEG"),
    "progressive": plain("JPEG", progressive=True),
    "gif": plain("GIF"),
    "webp": plain("WEBP"),
    "lossless": plain("WEBP", lossless=True),
    "bmp": plain("BMP"),
    "avif": plain("AVIF", speed=10),
    "heic": plain("HEIF"),
    "apng": animated("PNG", shades(3)),
    "moving gif": animated("GIF", shades(3)),
    "moving webp": animated("WEBP", shades(3)),
    "moving avif": animated("AVIF", shades(3)),
}


@pytest.fixture
def undecoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Decoding fails the test."""

    def load(_: Image.Image) -> None:
        pytest.fail("decoded")

    for kind in (ImageFile.ImageFile, Image.OPEN["WEBP"][0]):
        monkeypatch.setattr(kind, "load", load)


def refused(upload: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(ImageTooLarge) as caught:
        fit(upload, limits)
    return str(caught.value)


@pytest.mark.parametrize(
    ("upload", "said"),
    [
        (b"", "Not a PNG"),
        (b"hello", "Not a PNG, JPEG, GIF, WEBP, BMP, AVIF or HEIC"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Not a PNG"),
        (b"II*\0\x08\0\0\0", "Not a PNG"),
        (b"\x89PNG\r\n\x1a\nhello", "PNG file is damaged"),
        (b"\xff\xd8\xffhello", "JPEG file"),
        (b"GIF89ahello", "GIF file is damaged"),
        (b"RIFF\x0a\0\0\0WEBPhello", "WEBP file is damaged"),
        (b"BMhello", "BMP file is damaged"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC or AVIF file is damaged"),
        (b"GIF89a" + bytes(7) + b";", "GIF file is damaged"),
        (plain("JPEG").replace(b"\xff\xc0", b"\xff\xc3"), "browsers do not show"),
        (plain("BMP", mode="L", colour=0).replace(struct.pack("<HHI", 1, 8, 0), struct.pack("<HHI", 1, 8, 1)), "BMP"),
        (png(0, 5, 8, 0, b""), "PNG file is damaged"),
        (apng(0).replace(chunk(b"acTL", struct.pack(">II", 3, 0)), chunk(b"acTL", struct.pack(">II", 1, 0))), "frames"),
        (plain("JPEG")[:-2], "no end marker"),
        (plain("JPEG")[:-2] + b"SEFH\x09\0\0\0SEFT", "no end marker"),
    ],
)
@pytest.mark.usefixtures("undecoded")
def test_unreadable_file_is_refused_with_a_reason(upload: bytes, said: str) -> None:
    with pytest.raises(ImageUnreadable, match=said):
        fit(upload)


@pytest.mark.parametrize("kind", WHOLE)
def test_file_that_is_cut_off_is_refused(kind: str) -> None:
    whole = WHOLE[kind]
    for end in (len(whole) // 10, len(whole) // 2, len(whole) * 9 // 10, len(whole) - 1):
        with pytest.raises(ImageUnreadable):
            fit(whole[:end])


@pytest.mark.parametrize("kind", ["png", "apng", "gif", "moving gif", "moving webp", "lossless"])
def test_damaged_data_are_refused(kind: str) -> None:
    whole = bytearray(WHOLE[kind])
    middle = len(whole) // 2
    whole[middle : middle + 40] = bytes(min(40, len(whole) - middle))
    with pytest.raises(ImageUnreadable, match="damaged"):
        fit(bytes(whole))


def test_damaged_last_frame_is_refused() -> None:
    whole = apng(0)
    at = whole.rindex(b"fdAT") + 10
    with pytest.raises(ImageUnreadable, match="damaged"):
        fit(whole[:at] + b"\0\0\0\0" + whole[at + 4 :])


@pytest.mark.parametrize(("name", "seconds"), [("huge_frame.avif", 5), ("many_tiles.heic", 1)])
def test_heic_and_avif_are_decoded_within_memory_and_time(name: str, seconds: int) -> None:
    """16,384 x 16,384 pixels behind a header of 60 x 40; a grid that names one tile of 4032 x 3024 256 times."""
    upload = Path(__file__).with_name(name).read_bytes()
    with pytest.raises(ImageUnreadable, match="too much time or memory"):
        fit(upload, Limits(decode_seconds=seconds))


def moving_webp(frames: int) -> bytes:
    """20 frames of 5000 x 5000 are 1,002 bytes or so."""
    still = io.BytesIO()
    Image.new("RGB", (5000, 5000)).save(still, "WEBP", lossless=True, method=0)
    image = still.getvalue()[12:]
    side = (4999).to_bytes(3, "little")
    frame = bytes(6) + side * 2 + b"\x64\0\0\0" + image
    content = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + side * 2 + b"ANIM" + struct.pack("<IIH", 6, 0, 0)
    content += (b"ANMF" + struct.pack("<I", len(frame)) + frame) * frames
    return b"RIFF" + struct.pack("<I", len(content)) + content


def large_apng(side: int, frames: int) -> bytes:
    """16 bits a sample; the pixels are missing."""

    def control(number: int) -> bytes:
        return chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, side, side, 0, 0, 1, 10, 0, 0))

    content = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 16, 6, 0, 0, 0))
    content += chunk(b"acTL", struct.pack(">II", frames, 0)) + control(0) + chunk(b"IDAT", zlib.compress(b""))
    for number in range(1, 2 * frames - 1, 2):
        content += control(number) + chunk(b"fdAT", struct.pack(">I", number + 1) + zlib.compress(b""))
    return b"\x89PNG\r\n\x1a\n" + content + chunk(b"IEND", b"")


def stretched(upload: bytes, width: int, height: int) -> bytes:
    """A 60 x 40 JPEG that says it is larger."""
    return upload.replace(struct.pack(">HH", 40, 60), struct.pack(">HH", height, width))


@pytest.mark.parametrize(
    "upload",
    [
        png(50_000, 50_000, 8, 2, b""),
        png(4096, 3073, 1, 0, b""),
        gif((65_535, 65_535), 1),
        gif((10, 10), 1, (40_000, 40_000)),
        gif((3000, 3000), 2),
        gif((1500, 1500), 20, (1500, 1500)),
        gif((5, 5), 301),
        moving_webp(20),
        large_apng(5000, 20),
        large_apng(1000, 41),
        plain("BMP")[:18] + struct.pack("<ii", 30_000, -30_000) + plain("BMP")[26:],
        stretched(plain("JPEG"), 11_000, 11_000),
        stretched(plain("JPEG", progressive=True), 6000, 6000),
        plain("AVIF", speed=10).replace(struct.pack(">II", 60, 40), struct.pack(">II", 4200, 3100)),
        plain("HEIF", (64, 64)).replace(struct.pack(">II", 64, 64), struct.pack(">II", 4200, 3100)),
    ],
)
@pytest.mark.usefixtures("undecoded")
def test_too_large_is_refused_before_anything_is_decoded(upload: bytes) -> None:
    refused(upload)


@pytest.mark.parametrize("encoding", ["GIF", "PNG", "WEBP"])
@pytest.mark.usefixtures("undecoded")
def test_frames_of_an_animation_are_counted_before(encoding: str) -> None:
    upload = animated(encoding, shades(5))
    assert "5 frames; at most 4" in refused(upload, Limits(frames=4))
    assert "2,400 pixels in each frame" in refused(upload, Limits(pixels=4799))
    assert "12,000 pixels in all frames" in refused(upload, Limits(frame_pixels=11_999))


def test_twelve_megapixels_of_a_phone_are_decoded() -> None:
    assert fit(png(4080, 3072, 1, 0, bytes(511 * 3072))).parts[0].width == 750


def test_still_webp_counts_more_than_other_stills() -> None:
    limits = Limits(pixels=3200)
    assert fit(plain("WEBP"), limits).frames == 1  # 60 x 40
    assert "2,460 pixels; at most 2,400" in refused(plain("WEBP", (60, 41)), limits)
    assert fit(plain("PNG", (60, 41)), limits).frames == 1


@pytest.mark.usefixtures("undecoded")
def test_jpeg_with_scans_without_end_is_refused() -> None:
    whole = plain("JPEG", (64, 64), progressive=True)
    last = whole.rindex(b"\xff\xda")
    assert "at most 100" in refused(whole[:last] + whole[last:-2] * 200 + whole[-2:])


@pytest.mark.parametrize("encoding", ["GIF", "PNG", "WEBP", "AVIF"])
def test_decoding_ends_at_the_deadline_between_frames(encoding: str) -> None:
    upload = animated(encoding, shades(8))
    seconds = count(0.0, 1.0)
    with pytest.raises(ImageTooLarge, match="more than 5 s"):
        fit(upload, clock=lambda: next(seconds))
    assert next(seconds) == 7


def test_first_image_before_an_animation_is_checked_too() -> None:
    """Programs without support for animations show it."""
    rows = zlib.compress((b"\0" + bytes((*BLUE, 255)) * 6) * 4)
    hidden = apng(0)[: 8 + 25] + chunk(b"acTL", struct.pack(">II", 1, 0)) + chunk(b"IDAT", rows)
    hidden += chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 6, 4, 0, 0, 1, 10, 0, 0))
    hidden += chunk(b"fdAT", struct.pack(">I", 1) + rows) + chunk(b"IEND", b"")
    assert fit(hidden).frames_checked == 2


def test_memory_error_is_not_blamed_on_the_image(monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_memory(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(decoding, "_on_white", out_of_memory)
    with pytest.raises(MemoryError):
        fit(plain())


def test_images_wait_for_each_other() -> None:
    started, results = Event(), []

    def second() -> None:
        started.set()
        results.append(fit(plain(), Limits(wait_seconds=30)))

    thread = Thread(target=second)
    with _decoding:
        thread.start()
        assert started.wait(5)
        with pytest.raises(ImagesBusy):
            fit(plain(), Limits(wait_seconds=0))
        assert results == []
    thread.join(30)
    assert results[0].frames == 1


def test_heic_without_its_extra_is_refused_by_that_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.moderation.images.containers.find_spec", lambda _name: None)
    with pytest.raises(ImageUnreadable, match="extra `heif`"):
        fit(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
