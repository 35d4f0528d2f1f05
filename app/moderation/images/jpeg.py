"""JPEG: which segments make the picture, how often the decoder passes over it, what it has to hold meanwhile."""

import re

from ...exceptions import ImageUnreadable
from .blocks import Blocks, joined
from .orientation import orientation
from .picture import Picture

SIGNATURE = b"\xff\xd8\xff"

_APP0, _APP1, _APP14 = 0xE0, 0xE1, 0xEE
_APPLICATION = range(0xE0, 0xF0)
_COMMENT = 0xFE
_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_COMMON = (0xC0, 0xC1, 0xC2)
"""baseline, extended, progressive"""
_ARITHMETIC = (0xC9, 0xCA)
_PROGRESSIVE = (0xC2, 0xCA)
_SCAN, _END = 0xDA, 0xD9
_FILL = re.compile(rb"\xff+")
_BEHIND_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""the marker that ends a scan; in the scan stand stuffed and restart markers alone"""


def read(upload: bytes) -> Picture:
    """The picture without its metadata. Raises ImageUnreadable."""
    walk = _Walk(upload)
    while walk.segment():
        pass
    if not walk.frame or not walk.scans:
        raise walk.blocks.wrong("there is no picture in it.")
    frame = walk.frame
    return Picture(
        "JPEG",
        joined(walk.pieces, upload),
        int.from_bytes(frame[3:5], "big"),
        int.from_bytes(frame[1:3], "big"),
        orientation=walk.orientation,
        sendable=walk.is_common and frame[5] in (1, 3),
        shrinks=True,
        scans=walk.scans,
        coefficients=_samples(frame) if walk.is_held_whole else 0,
    )


class _Walk:
    """Goes once through the segments and keeps those that make the picture."""

    def __init__(self, upload: bytes) -> None:
        self.blocks = Blocks(upload, "JPEG")
        self.pieces: list[memoryview | bytes] = [self.blocks.take(2)]
        self.frame = b""
        self.scans = 0
        self.orientation = 1
        self.is_common = False
        """of a kind that everybody can decode"""
        self.is_held_whole = False
        """one scan does not make a picture: the decoder has to see them all first"""
        self._upload = upload

    def segment(self) -> bool:
        """Read the next segment; False if that was the end."""
        self.blocks.count()
        marker = self._marker()
        if marker == _END:
            self.pieces.append(b"\xff\xd9")
            return False
        length = self.blocks.big(2)
        if length < 2:
            raise self.blocks.wrong("a segment has no length.")
        content = self.blocks.take(length - 2)
        kept = self._kept(marker, content)
        if kept is not None:
            self.pieces += [bytes((0xFF, marker)), (len(kept) + 2).to_bytes(2, "big"), kept]
        if marker == _SCAN:
            self._scan(content)
        return True

    def _marker(self) -> int:
        fill = _FILL.match(self._upload, self.blocks.at)
        if fill is None:
            raise self.blocks.wrong("a segment is missing, or has the wrong length.")
        self.blocks.at = fill.end()
        return self.blocks.little(1)

    def _kept(self, marker: int, content: memoryview) -> memoryview | bytes | None:
        """Of the applications' segments those two that say what the colours mean, JFIF's without its preview."""
        if marker in _FRAME:
            self._frame(marker, content)
        if marker == _APP0 and bytes(content[:5]) == b"JFIF\0" and len(content) >= 14:
            return content if len(content) == 14 else bytes(content[:12]) + b"\0\0"
        if marker == _APP1 and bytes(content[:6]) == b"Exif\0\0":
            self.orientation = orientation(bytes(content[6:]))
        if marker == _APP14 and bytes(content[:5]) == b"Adobe":
            return content
        return None if marker in _APPLICATION or marker == _COMMENT else content

    def _frame(self, marker: int, content: memoryview) -> None:
        if self.frame or len(content) < 6 or len(content) != 6 + 3 * content[5]:
            raise self.blocks.wrong("it has two pictures in one, or a wrong header.")
        if marker not in (*_COMMON, *_ARITHMETIC) or content[0] != 8:
            raise ImageUnreadable("The JPEG file is of a kind that no browser shows. Send a common JPEG, or PNG.")
        self.frame = bytes(content)
        self.is_common = marker in _COMMON
        self.is_held_whole = marker in _PROGRESSIVE

    def _scan(self, content: memoryview) -> None:
        self.scans += 1
        if not self.frame or not content:
            raise self.blocks.wrong("a scan comes before the header, or has none.")
        self.is_held_whole |= content[0] != self.frame[5]
        behind = _BEHIND_SCAN.search(self._upload, self.blocks.at)
        if behind is None:
            raise self.blocks.cut_off()
        self.pieces.append(self.blocks.take(behind.start() - self.blocks.at))


def _samples(frame: bytes) -> int:
    """Of all components together, each as finely sampled as it is."""
    sampling = [(byte >> 4) * (byte & 15) for byte in frame[7::3]]
    finest = max((byte >> 4 for byte in frame[7::3]), default=1) * max((byte & 15 for byte in frame[7::3]), default=1)
    return int.from_bytes(frame[1:3], "big") * int.from_bytes(frame[3:5], "big") * sum(sampling) // max(1, finest)
