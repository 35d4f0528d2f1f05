"""Damaged, disguised and oversized files: refused for a stated reason, the oversized before anything is decoded."""

import struct
import zlib

import pytest

from app.exceptions import ImageTooLarge, ImageUnreadable
from app.moderation.images import Limits, fit, fitting
from tests.app.moderation.images.pictures import (
    BLUE,
    RED,
    animated,
    apng,
    chunk,
    gif,
    plain,
    png,
    shades,
)

WHOLE = {
    "png": plain("PNG"),
    "jpeg": plain("JPEG"),
    "progressive": plain("JPEG", progressive=True),
    "gif": plain("GIF"),
    "webp": plain("WEBP"),
    "lossless": plain("WEBP", lossless=True),
    "bmp": plain("BMP"),
    "apng": animated("PNG", shades(3)),
    "moving gif": animated("GIF", shades(3)),
    "moving webp": animated("WEBP", shades(3)),
}


@pytest.fixture
def undecoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever decodes fails."""
    monkeypatch.setattr(fitting, "decoded", None)


def refused(upload: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(ImageTooLarge) as caught:
        fit(upload, limits)
    return str(caught.value)


@pytest.mark.parametrize(
    ("upload", "said"),
    [
        (b"", "empty"),
        (b"hello", "no PNG, JPEG, GIF, WEBP or BMP"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no PNG"),
        (b"\0\0\0\x18ftypheic", "HEIC"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "no PNG"),
        (b"II*\0\x08\0\0\0", "TIFF"),
        (b"\x89PNG\r\n\x1a\nhello", "PNG file is broken"),
        (b"\xff\xd8\xffhello", "JPEG file is broken"),
        (b"GIF89ahello", "GIF file is broken"),
        (b"RIFF\x0a\0\0\0WEBPhello", "WEBP file is broken"),
        (b"BMhello", "BMP file is broken"),
        (b"GIF89a" + bytes(7) + b";", "no picture in it"),
        (plain("PNG").replace(b"IDAT", b"IDOT"), "no picture in it"),
        (plain("JPEG").replace(b"\xff\xc0", b"\xff\xc3"), "no browser shows"),
        (plain("BMP", mode="L", colour=0).replace(struct.pack("<HHI", 1, 8, 0), struct.pack("<HHI", 1, 8, 1)), "PNG"),
        (png(0, 5, 8, 0, b""), "no width"),
    ],
    ids=lambda value: repr(value)[:24],
)
@pytest.mark.usefixtures("undecoded")
def test_what_is_no_picture_is_told_so(upload: bytes, said: str) -> None:
    with pytest.raises(ImageUnreadable, match=said):
        fit(upload)


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.99])
def test_file_that_is_cut_off_is_refused(kind: str, kept: float) -> None:
    whole = WHOLE[kind]
    for upload in (whole[: int(len(whole) * kept)], whole[:-1]):
        with pytest.raises(ImageUnreadable, match=r"broken|damaged|no PNG"):
            fit(upload)


@pytest.mark.parametrize("kind", ["png", "gif", "jpeg"])
def test_who_sends_a_file_with_curl_as_text_is_told_how_to_send_it(kind: str) -> None:
    """`-d @file` leaves out line ends and zeros."""
    mangled = WHOLE[kind].translate(None, b"\r\n\0")
    for upload in (mangled, WHOLE[kind][:-1]):
        with pytest.raises(ImageUnreadable, match="with curl, send it by --data-binary"):
            fit(upload)


@pytest.mark.parametrize("kind", ["png", "apng", "gif", "moving gif", "moving webp", "lossless"])
def test_picture_whose_data_are_damaged_is_refused(kind: str) -> None:
    whole = bytearray(WHOLE[kind])
    middle = len(whole) // 2
    whole[middle : middle + 40] = bytes(min(40, len(whole) - middle))
    with pytest.raises(ImageUnreadable, match=r"broken|damaged"):
        fit(bytes(whole))


def test_damaged_strip_is_refused_although_it_is_too_long_to_be_sent() -> None:
    whole = png(100, 5000, 8, 0, bytes(101 * 5000))
    assert fit(whole).too_long
    with pytest.raises(ImageUnreadable, match="damaged"):
        fit(whole.replace(b"IDATx\xda", b"IDAT\0\0"))


def test_last_frame_is_decoded_so_a_damaged_one_is_found() -> None:
    whole = apng(0)
    at = whole.rindex(b"fdAT") + 10
    with pytest.raises(ImageUnreadable, match="damaged"):
        fit(whole[:at] + b"\0\0\0\0" + whole[at + 4 :])


VP8X = b"VP8X" + struct.pack("<I", 10) + bytes(4) + b"\xff\xff\0" * 2


@pytest.mark.parametrize(
    "upload",
    [
        png(50_000, 50_000, 8, 2, bytes(10_000_000)),
        png(5001, 5000, 1, 0, b""),
        gif((65_535, 65_535), 1),
        gif((10, 10), 1, (40_000, 40_000)),
        b"RIFF" + struct.pack("<I", 4 + len(VP8X) + 12) + b"WEBP" + VP8X + b"VP8L" + struct.pack("<I", 4) + bytes(4),
        plain("BMP")[:18] + struct.pack("<ii", 30_000, -30_000) + plain("BMP")[26:],
        plain("JPEG").replace(struct.pack(">HH", 40, 60), struct.pack(">HH", 60_000, 60_000)),
        plain("JPEG", progressive=True).replace(struct.pack(">HH", 40, 60), struct.pack(">HH", 6000, 6000)),
    ],
    ids=["png", "bits", "gif", "gif frame", "webp", "bmp", "jpeg", "progressive"],
)
@pytest.mark.usefixtures("undecoded")
def test_bomb_is_refused_before_anything_is_decoded(upload: bytes) -> None:
    assert "25,000,000" in refused(upload) or "500,000,000" in refused(upload)


def test_twenty_five_megapixels_are_decoded() -> None:
    assert fit(png(5000, 5000, 1, 0, bytes(626 * 5000))).width == 5000


def test_of_a_jpeg_the_pixels_count_that_its_decoder_leaves() -> None:
    assert fit(plain("JPEG", (8000, 6000), RED)).width == 8000


@pytest.mark.usefixtures("undecoded")
def test_jpeg_that_is_held_whole_counts_whole() -> None:
    """Two bytes a coefficient: 6000 x 6000 with colours at half the resolution are 108 MB."""
    upload = plain("JPEG", progressive=True).replace(struct.pack(">HH", 40, 60), struct.pack(">HH", 6000, 6000))
    assert refused(upload).startswith("29,")


@pytest.mark.parametrize("upload", [gif((5, 5), 301), gif((10, 10), 24_000)], ids=["one too many", "thousands"])
@pytest.mark.usefixtures("undecoded")
def test_more_than_three_hundred_frames_are_refused_uncounted_by_pillow(upload: bytes) -> None:
    assert "at most 300" in refused(upload)


@pytest.mark.usefixtures("undecoded")
def test_tiny_frames_on_a_huge_canvas_count_as_whole_canvases() -> None:
    assert refused(gif((4000, 4000), 32)).startswith("512,000,000")
    assert refused(gif((4000, 4000), 40_000)).startswith("The ")


@pytest.mark.parametrize("encoding", ["PNG", "GIF", "WEBP"])
@pytest.mark.usefixtures("undecoded")
def test_frames_are_counted_in_the_container(encoding: str) -> None:
    assert "has 5 frames" in refused(animated(encoding, shades(5)), Limits(frames=4))


def test_apng_is_counted_by_its_frames_whatever_it_says() -> None:
    lying = apng(0).replace(chunk(b"acTL", struct.pack(">II", 3, 0)), chunk(b"acTL", struct.pack(">II", 1, 0)))
    assert fit(lying).frames == 3
    twice = apng(0).replace(chunk(b"acTL", struct.pack(">II", 3, 0)), chunk(b"acTL", struct.pack(">II", 9, 0)) * 2)
    assert fit(twice).frames == 3


def test_picture_that_only_programs_without_animation_show_is_looked_at_too() -> None:
    first = chunk(b"IDAT", zlib.compress((b"\0" + bytes((*BLUE, 255)) * 6) * 4))
    header = apng(0)[: 8 + 25]
    hidden = header + chunk(b"acTL", struct.pack(">II", 1, 0)) + first
    hidden += chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 6, 4, 0, 0, 1, 10, 0, 0))
    hidden += chunk(b"fdAT", struct.pack(">I", 1) + zlib.compress((b"\0" + bytes((*RED, 255)) * 6) * 4))
    assert fit(hidden + chunk(b"IEND", b"")).frames_checked == 2


def scans(number: int) -> bytes:
    """A progressive JPEG whose last scan comes again and again."""
    whole = plain("JPEG", (64, 64), progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[last:-2] * number + whole[-2:]


@pytest.mark.usefixtures("undecoded")
def test_jpeg_with_scans_without_end_is_refused() -> None:
    assert "at most 100" in refused(scans(200))


@pytest.mark.usefixtures("undecoded")
def test_scans_count_with_their_pixels() -> None:
    upload = scans(80).replace(struct.pack(">HH", 64, 64), struct.pack(">HH", 4000, 3000))
    assert "500,000,000" in refused(upload)


@pytest.mark.usefixtures("undecoded")
def test_blocks_without_end_are_refused() -> None:
    assert "blocks" in refused(plain("PNG")[:33] + chunk(b"IDAT", b"") * 60_000)
    assert "blocks" in refused(b"\xff\xd8" + b"\xff\xfe\0\2" * 60_000)


def test_memory_that_runs_out_is_no_fault_of_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_memory(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(fitting, "decoded", out_of_memory)
    with pytest.raises(MemoryError):
        fit(plain())


def test_bytes_that_fill_up_before_a_marker_are_skipped_at_once() -> None:
    upload = plain("JPEG")
    assert fit(upload[:2] + b"\xff" * 8_000_000 + upload[2:]).parts == fit(upload).parts
