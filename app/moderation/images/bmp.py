"""BMP: how large the picture is."""

from .blocks import Blocks
from .picture import Picture

SIGNATURE = b"BM"

_OLDEST_HEADER = 12
_HEADERS = (40, 52, 56, 64, 108, 124)
_PLAIN = (0, 3)
"""compressions: none, and bit fields"""


def read(upload: bytes) -> Picture:
    """The picture as it is: it is never sent in this format. Raises ImageUnreadable."""
    blocks = Blocks(upload, "BMP")
    blocks.take(14)
    header = blocks.little(4)
    if header == _OLDEST_HEADER:
        return Picture("BMP", upload, blocks.little(2), blocks.little(2))
    if header not in _HEADERS:
        raise blocks.wrong("its header has an unknown size.")
    width, height = blocks.little(4), int.from_bytes(blocks.take(4), "little", signed=True)
    blocks.take(4)
    if blocks.little(4) not in _PLAIN:  # run lengths are decoded in Python, a byte at a time
        raise blocks.wrong("its compression is not supported. Send it uncompressed, or as PNG.")
    return Picture("BMP", upload, width, abs(height))
