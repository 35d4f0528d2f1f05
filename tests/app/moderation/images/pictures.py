"""Files to try things with, made by Pillow or by hand."""

import io
import struct
import zlib
from collections.abc import Sequence
from typing import Any

from PIL import Image
from pillow_heif import register_heif_opener

from app.moderation.images import Part

register_heif_opener()

RED, YELLOW, BLUE, WHITE = (255, 0, 0), (255, 255, 0), (0, 0, 255), (255, 255, 255)
Colour = tuple[int, ...] | int


def saved(image: Image.Image, encoding: str, **how: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, encoding, **how)
    return file.getvalue()


def plain(
    encoding: str = "PNG", size: tuple[int, int] = (60, 40), colour: Colour = BLUE, mode: str = "RGB", **how: Any
) -> bytes:
    return saved(Image.new(mode, size, colour), encoding, **how)


def animated(encoding: str, colours: Sequence[Colour], size: tuple[int, int] = (60, 40), **how: Any) -> bytes:
    how = {"speed": 10, **how} if encoding == "AVIF" else how
    first, *others = (Image.new("RGB", size, colour) for colour in colours)
    return saved(first, encoding, save_all=True, append_images=others, **{"duration": 100, **how})


def shades(number: int) -> list[tuple[int, int, int]]:
    """So many colours, no two alike."""
    return [(index * 12 % 256, 255 - index * 12 % 256, 255) for index in range(number)]


def seen(part: Part) -> Image.Image:
    """The part as WeChat decodes it."""
    image = Image.open(io.BytesIO(part.content), formats=("JPEG",))
    image.load()
    return image.convert("RGB")


def middle(part: Part) -> tuple[int, int, int]:
    pixel = seen(part).getpixel((part.width // 2, part.height // 2))
    assert isinstance(pixel, tuple)
    return (int(pixel[0]), int(pixel[1]), int(pixel[2]))


def near(found: tuple[int, ...], expected: tuple[int, ...], off: int = 3) -> bool:
    return all(abs(one - other) <= off for one, other in zip(found, expected, strict=True))


def chunk(kind: bytes, content: bytes) -> bytes:
    """Of a PNG."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *others: bytes) -> bytes:
    """By hand: `rows` with their filter bytes."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(rows, 9))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(others) + data + chunk(b"IEND", b"")


def apng(disposal: int) -> bytes:
    """By hand: 6 x 4 blue, its left half red with this disposal, a white column at the right."""

    def rows(colour: tuple[int, int, int], width: int) -> bytes:
        return zlib.compress((b"\0" + bytes((*colour, 255)) * width) * 4)

    def control(number: int, width: int, left: int, disposal: int) -> bytes:
        return chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, width, 4, left, 0, 1, 10, disposal, 0))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 6, 4, 8, 6, 0, 0, 0))
        + chunk(b"acTL", struct.pack(">II", 3, 0))
        + control(0, 6, 0, 0)
        + chunk(b"IDAT", rows(BLUE, 6))
        + control(1, 3, 0, disposal)
        + chunk(b"fdAT", struct.pack(">I", 2) + rows(RED, 3))
        + control(3, 1, 5, 0)
        + chunk(b"fdAT", struct.pack(">I", 4) + rows(WHITE, 1))
        + chunk(b"IEND", b"")
    )


def disposing_gif(disposal: int, transparent: int) -> bytes:
    """By hand, the same; `transparent`: 1 if the red frame names a transparent colour."""
    head = b"GIF89a" + struct.pack("<HHBBB", 6, 4, 0x81, 0, 0) + bytes((*BLUE, *RED, *WHITE, 0, 0, 0))

    def frame(colour: int, width: int, left: int, flags: int) -> bytes:
        control = b"!\xf9\x04" + struct.pack("<BHBB", flags, 10, 3, 0)
        clear, end, bits = 4, 5, []  # a clear before each pixel keeps the codes at three bits
        for code in [each for _ in range(width * 4) for each in (clear, colour)] + [end]:
            bits += [code >> bit & 1 for bit in range(3)]
        data = bytes(
            sum(bit << at for at, bit in enumerate(bits[start : start + 8])) for start in range(0, len(bits), 8)
        )
        image = b"," + struct.pack("<HHHHB", left, 0, width, 4, 0) + b"\x02" + bytes((len(data),)) + data + b"\0"
        return control + image

    return head + frame(0, 6, 0, 4) + frame(1, 3, 0, disposal << 2 | transparent) + frame(2, 1, 5, 4) + b";"


def gif(size: tuple[int, int], frames: int, frame_size: tuple[int, int] = (1, 1)) -> bytes:
    """By hand: frames of `frame_size` with one pixel of data, on a canvas of `size`."""
    head = b"GIF89a" + struct.pack("<HHBBB", *size, 0x80, 0, 0) + b"\0\0\0\xff\0\0"
    frame = b"," + struct.pack("<HHHHB", 0, 0, *frame_size, 0) + b"\x02\x02\x44\x01\0"
    return head + frame * frames + b";"


def exif(orientation: int) -> bytes:
    """A TIFF directory with this one entry (EXIF 2.3, 4.6.4)."""
    return b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
