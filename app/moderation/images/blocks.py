"""A file that is made of blocks, read in order and never past its end."""

from collections.abc import Sequence

from ...exceptions import ImageTooLarge, ImageUnreadable

MOST_BLOCKS = 50_000
"""chunks, segments or extensions of one file; a picture of 10 MB in chunks of 4 KB has 2,500"""
AS_IT_IS = "It has to arrive byte for byte; with curl, send it by --data-binary."


class Blocks:
    """A place in the bytes. Whatever would lie beyond their end raises ImageUnreadable."""

    def __init__(self, content: bytes, name: str, end: int | None = None) -> None:
        self._view = memoryview(content)
        self._end = len(content) if end is None else end
        self._name = name
        self._counted = 0
        self.at = 0

    def count(self) -> None:
        """One block more. Raises ImageTooLarge where they are many out of all proportion."""
        self._counted += 1
        if self._counted > MOST_BLOCKS:
            raise ImageTooLarge(f"The {self._name} file has more than {MOST_BLOCKS} blocks; no program writes so many.")

    def more(self) -> bool:
        """Is anything left?"""
        return self.at < self._end

    def take(self, length: int) -> memoryview:
        """The next `length` bytes."""
        start, self.at = self.at, self.at + length
        if self.at > self._end:
            raise self.cut_off()
        return self._view[start : self.at]

    def big(self, length: int) -> int:
        """The next bytes as a number, most significant first."""
        return int.from_bytes(self.take(length), "big")

    def little(self, length: int) -> int:
        """The next bytes as a number, least significant first."""
        return int.from_bytes(self.take(length), "little")

    def take_chain(self) -> None:
        """Pieces that each begin with their length, one byte, up to an empty one. There may be millions."""
        at, view = self.at, self._view
        while at < self._end and (length := view[at]):
            at += length + 1
        self.at = at
        self.take(1)

    def since(self, start: int) -> memoryview:
        """What was taken since then."""
        return self._view[start : self.at]

    def cut_off(self) -> ImageUnreadable:
        """The error for a file that ends too early."""
        return self.wrong("it ends before the picture does. Was the upload cut off?")

    def wrong(self, why: str) -> ImageUnreadable:
        """The error for a broken file."""
        return ImageUnreadable(f"The {self._name} file is broken: {why} {AS_IT_IS}")


def joined(pieces: Sequence[memoryview | bytes], content: bytes) -> bytes:
    """The pieces one behind the other; `content` itself, not a copy, where they are all of it."""
    whole = b"".join(pieces)
    return content if whole == content else whole
