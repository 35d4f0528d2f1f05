"""What WeChat can take is passed on byte for byte; what stands in the file besides the picture is not."""

import io

import pytest
from PIL import Image, PngImagePlugin

from app.moderation.images import fit
from app.moderation.images.limits import LARGEST_BYTES
from tests.app.moderation.images.pictures import (
    BLUE,
    RED,
    animated,
    chunk,
    exif,
    gif,
    middle,
    near,
    plain,
    png,
    saved,
    seen,
)


def sent(upload: bytes) -> bytes:
    (part,) = fit(upload).parts
    return part.content


@pytest.mark.parametrize(
    ("upload", "content_type", "filename"),
    [
        (plain("PNG"), "image/png", "image.png"),
        (plain("PNG", mode="L", colour=99), "image/png", "image.png"),
        (plain("PNG", mode="1", colour=1), "image/png", "image.png"),
        (plain("PNG", (750, 1334)), "image/png", "image.png"),
        (plain("GIF"), "image/gif", "image.gif"),
        (plain("JPEG"), "image/jpeg", "image.jpg"),
        (plain("JPEG", mode="L", colour=99), "image/jpeg", "image.jpg"),
        (plain("JPEG", progressive=True), "image/jpeg", "image.jpg"),
    ],
    ids=["png", "grey", "bits", "largest", "gif", "jpeg", "grey-jpeg", "progressive"],
)
def test_small_common_picture_is_passed_on_byte_for_byte(upload: bytes, content_type: str, filename: str) -> None:
    (part,) = fit(upload).parts
    assert (part.content, part.content_type, part.filename) == (upload, content_type, filename)
    assert (part.width, part.height) == Image.open(io.BytesIO(upload)).size


@pytest.mark.parametrize(
    "upload",
    [
        plain("WEBP"),
        plain("BMP"),
        plain("PNG", (751, 10)),
        plain("PNG", (10, 1335)),
        plain("PNG", (1334, 750)),
        plain("PNG", mode="RGBA", colour=(*BLUE, 255)),
        plain("PNG", mode="I;16", colour=9),
        plain("PNG", mode="P", colour=1, transparency=1),
        plain("GIF", transparency=1),
        gif((5, 5), 1),
        plain("JPEG", mode="CMYK", colour=(0, 0, 0, 0)),
        animated("GIF", [RED, BLUE]),
        plain("JPEG", exif=b"Exif\0\0" + exif(6)),
    ],
    ids=[
        "webp", "bmp", "wide", "high", "lies", "alpha", "16 bit", "palette alpha", "gif alpha", "hole", "cmyk", "moves",
        "turned",
    ],
)  # fmt: skip
def test_everything_else_becomes_a_jpeg(upload: bytes) -> None:
    for part in fit(upload).parts:
        assert part.content.startswith(b"\xff\xd8\xff")
        assert (part.content_type, part.filename) == ("image/jpeg", "image.jpg")
        assert seen(part).size == (part.width, part.height)


def test_picture_over_a_megabyte_is_made_smaller() -> None:
    upload = saved(Image.effect_noise((750, 1334), 100).convert("RGB"), "PNG", compress_level=0)
    assert len(upload) > LARGEST_BYTES >= len(sent(upload)) > 100_000


def text(**how: str) -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    for key, value in how.items():
        info.add_text(key, value, zip=len(value) > 1000)
    return info


@pytest.mark.parametrize(
    ("upload", "clean"),
    [
        (plain("PNG", pnginfo=text(Author="somebody")), plain("PNG")),
        (plain("PNG", pnginfo=text(Author="x" * 50_000_000)), plain("PNG")),
        (plain("PNG", dpi=(72, 72), icc_profile=b"profile"), plain("PNG")),
        (plain("PNG", exif=exif(1)), plain("PNG")),
        (plain("GIF", comment=b"somebody"), plain("GIF").replace(b"87a", b"89a")),
        (plain("GIF").replace(b";", b"!\xff\x0bXMP DataXMP\x04<x/>\0;"), plain("GIF")),
        (plain("JPEG", comment=b"somebody"), plain("JPEG")),
        (plain("JPEG", icc_profile=b"profile"), plain("JPEG")),
        (plain("JPEG", exif=b"Exif\0\0" + exif(1)), plain("JPEG")),
        (plain("JPEG", xmp=b"<x:xmpmeta/>"), plain("JPEG")),
    ],
    ids=["text", "text bomb", "profile", "exif", "comment", "xmp", "jpeg", "jpeg profile", "jpeg exif", "jpeg xmp"],
)
def test_metadata_is_dropped_and_the_picture_left_as_it_is(upload: bytes, clean: bytes) -> None:
    assert upload != clean
    assert sent(upload) == clean


@pytest.mark.parametrize("encoding", ["PNG", "JPEG", "GIF"])
def test_what_follows_the_picture_in_the_file_is_not_sent_on(encoding: str) -> None:
    assert sent(plain(encoding) + b"PK\x03\x04 a whole archive") == plain(encoding)


def test_second_picture_of_a_stereo_camera_is_not_sent_on_and_its_parser_never_asked() -> None:
    first, second = Image.new("RGB", (60, 40), RED), Image.new("RGB", (60, 40), BLUE)
    upload = saved(first, "MPO", save_all=True, append_images=[second])
    assert Image.open(io.BytesIO(upload), formats=("JPEG",)).format == "MPO"  # Pillow's JPEG door leads on
    fitted = fit(upload)
    assert (fitted.format, fitted.frames) == ("JPEG", 1)
    assert near(middle(fitted.parts[0]), RED)
    assert b"MPF" not in fitted.parts[0].content


def test_preview_inside_of_jfif_is_dropped() -> None:
    clean = plain("JPEG")
    upload = clean.replace(b"\xff\xe0\0\x10JFIF", b"\xff\xe0\0\x13JFIF", 1)
    upload = upload[:18] + b"\x01\x01\xff\0\0" + upload[20:]
    assert sent(upload) == clean


def test_colours_without_jfif_are_what_the_adobe_segment_says() -> None:
    """It is no metadata: without it these RGB samples would be taken for YCbCr."""
    upload = plain("JPEG", colour=RED, keep_rgb=True)
    assert b"Adobe" in sent(upload)
    assert near(middle(fit(upload).parts[0]), RED)


def test_chunks_nobody_knows_are_dropped() -> None:
    rows = b"\0\x80"
    assert sent(png(1, 1, 8, 0, rows, chunk(b"prVt", b"secret"), chunk(b"gAMA", b"\0\0\0\1"))) == png(1, 1, 8, 0, rows)


def test_content_is_in_no_repr() -> None:
    fitted = fit(plain())
    assert "PNG" in repr(fitted)
    assert "IHDR" not in repr(fitted)
