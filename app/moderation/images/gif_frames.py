"""The frames of an animated GIF, each laid over what the ones before it left, as browsers do it.

Pillow's own composition clears a frame to the background colour, which no browser shows: black writing on a place that
was cleared would be invisible to the check. It also works on the whole canvas, however small the frame.
"""

import io
from collections.abc import Generator, Iterator
from typing import NamedTuple

from PIL import Image
from PIL.GifImagePlugin import GifImageFile

from . import gif
from .picture import Picture
from .scaling import strips

_WHITE = (255, 255, 255)
_CLEAR, _PREVIOUS = 2, 3


class _Frame(NamedTuple):
    file: bytes
    """a GIF of this frame alone"""
    box: tuple[int, int, int, int]
    disposal: int


def composed(picture: Picture) -> Generator[Image.Image, None, None]:
    """The canvas after each frame, on white; it changes when the next one is asked for."""
    with Image.new("RGB", (picture.width, picture.height), _WHITE) as canvas:
        for frame in _frames(picture.content):
            before = canvas.crop(frame.box) if frame.disposal == _PREVIOUS else None
            _lay(canvas, frame)
            yield canvas
            if frame.disposal == _CLEAR:
                canvas.paste(_WHITE, frame.box)
            elif before is not None:
                canvas.paste(before, frame.box)


def _lay(canvas: Image.Image, frame: _Frame) -> None:
    left, top, _, _ = frame.box
    with GifImageFile(io.BytesIO(frame.file)) as image:
        image.load()
        for box in strips(image.size):
            with image.crop(box) as strip, strip.convert("RGBA") as colours:
                canvas.paste(colours, (left, top + box[1]), colours)
        image.close()


def _frames(content: bytes) -> Iterator[_Frame]:
    """`content` is what `gif.read` left: a control block or none before each frame, nothing else."""
    head, pieces = gif.pieces(content)
    control = b""
    for piece in pieces:
        if piece[0] == gif.EXTENSION:
            control = bytes(piece)
            continue
        left, top, width, height = (int.from_bytes(piece[at : at + 2], "little") for at in (1, 3, 5, 7))
        screen = head[:6] + bytes(piece[5:9]) + head[10:]
        file = b"".join((screen, control, bytes(piece[:1]), bytes(4), piece[5:], bytes((gif.END,))))
        yield _Frame(file, (left, top, left + width, top + height), control[3] >> 2 & 7 if control else 0)
        control = b""
