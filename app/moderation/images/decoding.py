"""Where Pillow reads what somebody uploaded.

The parsers are named, not looked up: `Image.open` would load all of Pillow's forty, and its JPEG door leads on to MPO
and TIFF. They are given the picture alone, without metadata, so that they have nothing else to parse.
"""

import io
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager

from PIL import Image
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from ...exceptions import ImageUnreadable
from . import libwebp
from .blocks import AS_IT_IS
from .gif_frames import composed
from .picture import Format, Picture

_PARSERS: dict[Format, type[ImageFile]] = {
    "PNG": PngImageFile,
    "JPEG": JpegImageFile,
    "GIF": GifImageFile,
    "WEBP": WebPImageFile,
    "BMP": BmpImageFile,
}


def decoded(picture: Picture, frames: Sequence[int], shrink: int) -> Generator[Image.Image, None, None]:
    """The frames one after the other, each as the whole canvas looks then; each is gone when the next is asked for.

    `shrink`: where the picture can be scaled down on the way. To be used within `refusing`.
    """
    if picture.format == "WEBP" and picture.shrinks and libwebp.is_there():
        with libwebp.decoded(picture.content, _shrunk(picture, shrink), is_scaled=shrink > 1) as image:
            yield image
        return
    if picture.format == "GIF" and picture.frames > 1:
        with closing(composed(picture)) as canvases:
            yield from (canvas for number, canvas in enumerate(canvases) if number in frames)
        return
    with _opened(picture, shrink) as image:
        for frame in frames:
            image.seek(frame)
            image.load()
            yield image


@contextmanager
def _opened(picture: Picture, shrink: int) -> Iterator[ImageFile]:
    image = _PARSERS[picture.format](io.BytesIO(picture.content))
    try:
        expected = picture.width, picture.height
        if picture.format == "JPEG":
            image.draft(image.mode, (picture.width // shrink, picture.height // shrink))
            expected = _shrunk(picture, shrink)
        # What was counted has to be what is decoded, however strange the file.
        if image.size != expected or getattr(image, "n_frames", 1) != picture.frames:
            raise ValueError("sizes or frames differ from what the container says")
        yield image
    finally:
        image.close()


def _shrunk(picture: Picture, shrink: int) -> tuple[int, int]:
    return -(-picture.width // shrink), -(-picture.height // shrink)


@contextmanager
def refusing(picture: Picture) -> Iterator[None]:
    """Whatever Pillow raises on a damaged picture, a dozen kinds of error, becomes ImageUnreadable."""
    try:
        yield
    except MemoryError:
        raise
    except Exception as error:
        raise ImageUnreadable(
            f"The {picture.format} file is damaged: it cannot be decoded to its end. Was the upload cut off? {AS_IT_IS}"
        ) from error
