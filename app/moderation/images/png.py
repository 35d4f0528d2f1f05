"""PNG and APNG: which chunks make the picture, and how many frames."""

import zlib
from collections.abc import Iterator
from typing import NamedTuple

from .blocks import Blocks, joined
from .orientation import orientation
from .picture import Picture

SIGNATURE = b"\x89PNG\r\n\x1a\n"

_PICTURE = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_ANIMATION = (b"acTL", b"fcTL", b"fdAT")
_ALPHA = (4, 6)
"""colour types: grey and RGB with alpha"""


class _Chunk(NamedTuple):
    kind: bytes
    content: memoryview
    whole: memoryview


def read(upload: bytes) -> Picture:
    """The picture without its metadata. Raises ImageUnreadable."""
    blocks = Blocks(upload, "PNG")
    blocks.take(len(SIGNATURE))
    chunks = list(_chunks(blocks))
    kind, header, _ = chunks[0]
    if kind != b"IHDR" or len(header) != 13:
        raise blocks.wrong("it does not begin with IHDR.")
    if not any(chunk.kind == b"IDAT" for chunk in chunks):
        raise blocks.wrong("there is no picture in it.")
    seconds = _seconds(chunks, blocks)
    depth, colour = header[8], header[9]
    opaque = colour not in _ALPHA and not any(chunk.kind == b"tRNS" for chunk in chunks)
    return Picture(
        "PNG",
        _content(upload, chunks, len(seconds)),
        int.from_bytes(header[:4], "big"),
        int.from_bytes(header[4:8], "big"),
        seconds,
        orientation(next((bytes(chunk.content) for chunk in chunks if chunk.kind == b"eXIf"), b"")),
        sendable=opaque and depth <= 8,
    )


def _chunks(blocks: Blocks) -> Iterator[_Chunk]:
    kind = b""
    while kind != b"IEND":
        blocks.count()
        start = blocks.at
        length = blocks.big(4)
        kind = bytes(blocks.take(4))
        content = blocks.take(length)
        blocks.take(4)
        yield _Chunk(kind, content, blocks.since(start))


def _seconds(chunks: list[_Chunk], blocks: Blocks) -> tuple[float, ...]:
    """An image before the first fcTL is for programs that know no animation: it counts as one more frame."""
    kinds = [chunk.kind for chunk in chunks]
    controls = [chunk.content for chunk in chunks if chunk.kind == b"fcTL"]
    first_image = kinds.index(b"IDAT")
    if not controls or b"acTL" not in kinds[:first_image]:
        return (0.0,)
    if any(len(control) != 26 for control in controls):
        raise blocks.wrong("a frame of the animation has no proper header.")
    shown = [int.from_bytes(c[20:22], "big") / (int.from_bytes(c[22:24], "big") or 100) for c in controls]
    return tuple(shown if kinds.index(b"fcTL") < first_image else [0.0, *shown])


def _content(upload: bytes, chunks: list[_Chunk], frames: int) -> bytes:
    """acTL, which may lie, says how many frames there are; a second one is dropped."""
    kept = (*_PICTURE, *_ANIMATION) if frames > 1 else _PICTURE
    pieces: list[memoryview | bytes] = [SIGNATURE]
    counted = False
    for chunk in chunks:
        if chunk.kind == b"acTL" and frames > 1 and not counted:
            pieces.append(_frame_count(sum(each.kind == b"fcTL" for each in chunks)))
            counted = True
        elif chunk.kind in kept and chunk.kind != b"acTL":
            pieces.append(chunk.whole)
    return joined(pieces, upload)


def _frame_count(frames: int) -> bytes:
    body = b"acTL" + frames.to_bytes(4, "big") + bytes(4)
    return (8).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
