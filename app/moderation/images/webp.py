"""WEBP: which chunks make the picture, and how many frames."""

from collections.abc import Iterator

from .blocks import Blocks, joined
from .orientation import orientation
from .picture import Picture

_PICTURE = (b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF")
_LOSSLESS = 0x2F
_METADATA_FLAGS = 0b00101100
"""of VP8X: ICC profile, EXIF, XMP"""


def is_webp(upload: bytes) -> bool:
    """Do the first bytes say so?"""
    return upload[:4] == b"RIFF" and upload[8:12] == b"WEBP"


def read(upload: bytes) -> Picture:
    """The picture without its metadata. Raises ImageUnreadable."""
    blocks = Blocks(upload, "WEBP", _end(upload))
    chunks = list(_chunks(blocks))
    kinds = [kind for kind, _, _ in chunks]
    if not any(kind in kinds for kind in (b"VP8 ", b"VP8L", b"ANMF")):
        raise blocks.wrong("there is no picture in it.")
    width, height = _size(kinds[0], chunks[0][1], blocks)
    seconds = tuple(int.from_bytes(payload[12:15], "little") / 1000 for kind, payload, _ in chunks if kind == b"ANMF")
    exif = next((bytes(payload) for kind, payload, _ in chunks if kind == b"EXIF"), b"")
    turned = orientation(exif.removeprefix(b"Exif\0\0"))
    content = _content(upload, chunks)
    return Picture("WEBP", content, width, height, seconds or (0.0,), turned, shrinks=not seconds)


def _end(upload: bytes) -> int:
    """Where the picture ends: what follows is none of it."""
    blocks = Blocks(upload, "WEBP")
    blocks.take(4)
    end = blocks.little(4) + 8
    if end > len(upload):
        raise blocks.cut_off()
    return end


def _chunks(blocks: Blocks) -> Iterator[tuple[bytes, memoryview, memoryview]]:
    """Kind, payload, and the whole chunk with its padding."""
    blocks.take(12)
    while blocks.more():
        blocks.count()
        start = blocks.at
        kind, length = bytes(blocks.take(4)), blocks.little(4)
        payload = blocks.take(length)
        if length % 2 and blocks.more():
            blocks.take(1)
        yield kind, payload, blocks.since(start)


def _size(kind: bytes, payload: memoryview, blocks: Blocks) -> tuple[int, int]:
    if kind == b"VP8X" and len(payload) >= 10:
        return int.from_bytes(payload[4:7], "little") + 1, int.from_bytes(payload[7:10], "little") + 1
    if kind == b"VP8 " and bytes(payload[3:6]) == b"\x9d\x01\x2a" and len(payload) >= 10:
        return int.from_bytes(payload[6:8], "little") & 0x3FFF, int.from_bytes(payload[8:10], "little") & 0x3FFF
    if kind == b"VP8L" and len(payload) >= 5 and payload[0] == _LOSSLESS:
        bits = int.from_bytes(payload[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    raise blocks.wrong("it does not say how large the picture is.")


def _content(upload: bytes, chunks: list[tuple[bytes, memoryview, memoryview]]) -> bytes:
    pieces: list[memoryview | bytes] = []
    for kind, payload, whole in chunks:
        if kind == b"VP8X":
            pieces += [whole[:8], bytes((payload[0] & ~_METADATA_FLAGS,)), whole[9:]]
        elif kind in _PICTURE:
            pieces.append(whole)
    length = 4 + sum(map(len, pieces))
    return joined([b"RIFF", length.to_bytes(4, "little"), b"WEBP", *pieces], upload)
