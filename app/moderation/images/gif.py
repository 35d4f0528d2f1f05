"""GIF: which blocks make the picture, and how many frames."""

from .blocks import Blocks, joined
from .picture import Picture

SIGNATURES = (b"GIF87a", b"GIF89a")

EXTENSION, _IMAGE, END = 0x21, 0x2C, 0x3B
_GRAPHIC_CONTROL = 0xF9
_LARGEST = 0xFFFF


def read(upload: bytes) -> Picture:
    """The picture without comments and applications' blocks. Raises ImageUnreadable."""
    walk = _walked(upload)
    if not walk.seconds:
        raise walk.blocks.wrong("there is no picture in it.")
    content = joined([walk.screen(), walk.palette, *walk.pieces, bytes((END,))], upload)
    sendable = len(walk.seconds) == 1 and walk.is_full and not walk.is_transparent
    return Picture("GIF", content, walk.width, walk.height, tuple(walk.seconds), sendable=sendable)


def pieces(content: bytes) -> tuple[bytes, list[memoryview]]:
    """The header with its palette, and the blocks that make the picture, each from its first byte on."""
    walk = _walked(content)
    return walk.screen() + bytes(walk.palette), walk.pieces


def _walked(upload: bytes) -> "_Walk":
    walk = _Walk(Blocks(upload, "GIF"))
    while walk.block():
        pass
    return walk


class _Walk:
    """Goes once through the blocks and keeps those that make the picture."""

    def __init__(self, blocks: Blocks) -> None:
        self.blocks = blocks
        self.pieces: list[memoryview] = []
        self.seconds: list[float] = []
        self.is_full = False
        """the last frame covers the whole canvas"""
        self.is_transparent = False
        self._shown = 0.0
        self._head = blocks.take(13)
        self.width, self.height = (int.from_bytes(self._head[at : at + 2], "little") for at in (6, 8))
        self.palette = blocks.take(_palette_bytes(self._head[10]))

    def screen(self) -> bytes:
        """The header, its canvas as large as the frames need it: browsers and Pillow grow it on the way."""
        if max(self.width, self.height) > _LARGEST:
            raise self.blocks.wrong("a frame lies outside of every possible canvas.")
        size = self.width.to_bytes(2, "little") + self.height.to_bytes(2, "little")
        return bytes(self._head[:6]) + size + bytes(self._head[10:])

    def block(self) -> bool:
        """Read the next block; False if that was the end."""
        self.blocks.count()
        start, kind = self.blocks.at, self.blocks.little(1)
        if kind == EXTENSION:
            self._extension(start)
        elif kind == _IMAGE:
            self._image(start)
        elif kind != END:
            raise self.blocks.wrong(f"a block of unknown kind ({kind}).")
        return kind != END

    def _extension(self, start: int) -> None:
        is_control = self.blocks.little(1) == _GRAPHIC_CONTROL
        self.blocks.take_chain()
        if is_control:
            control = self.blocks.since(start)
            if len(control) != 8:
                raise self.blocks.wrong("a frame's control block has the wrong size.")
            self.is_transparent |= bool(control[3] & 1)
            self._shown = int.from_bytes(control[4:6], "little") / 100
            self.pieces.append(control)

    def _image(self, start: int) -> None:
        left, top, width, height = (self.blocks.little(2) for _ in range(4))
        self.blocks.take(_palette_bytes(self.blocks.little(1)) + 1)
        self.blocks.take_chain()
        self.pieces.append(self.blocks.since(start))
        self.seconds.append(self._shown)
        self._shown = 0.0
        self.width, self.height = max(self.width, left + width), max(self.height, top + height)
        self.is_full = (left, top, width, height) == (0, 0, self.width, self.height)


def _palette_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0
