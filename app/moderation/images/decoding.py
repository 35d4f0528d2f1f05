"""Pillow, within limits: an image's frames as RGB on white."""

import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from PIL import AvifImagePlugin, Image, ImageFile, WebPImagePlugin

from ...errors import CentralServerError, ImageTooLarge, ImageUnreadable
from .containers import Container, GifFrame, damaged
from .limits import Limits, at_most

with suppress(ImportError):
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False)

_PLUGINS = (AvifImagePlugin, WebPImagePlugin)
"""imported here: to find them, Image.open would load all of Pillow's plugins"""
_WHITE = (255, 255, 255)
_BAND_ROWS = 256
_ORIENTATION = 0x0112
_CLEAR, _PREVIOUS = 2, 3
"""disposals of GIF"""


class Picture:
    """An image that is opened and not decoded yet."""

    def __init__(self, container: Container) -> None:
        self.container = container
        self.size = container.gif_size
        """width and height as stored, before `orientation` is applied"""
        self.orientation = 1
        """EXIF's: 1 to 8"""
        self.seconds = container.seconds
        """how long each frame is shown"""
        self._image: ImageFile.ImageFile | None = None
        if container.format != "GIF":
            self._image = image = _opened(container.format, container.content)
            self.size, self.orientation = image.size, _orientation(image)
            frames = 1 if container.format == "HEIF" else getattr(image, "n_frames", 1)
            self.seconds = container.seconds or (0.1,) * frames
            if frames != len(self.seconds):
                raise damaged(container.format, "its frames cannot be counted")

    def prepare(self, scale: float, limits: Limits) -> None:
        """Let a JPEG's decoder scale down on the way, to no less than `scale`. Raises ImageTooLarge."""
        container, (width, height) = self.container, self.size
        left = self.size
        if container.format == "JPEG" and self._image:
            at_most(limits.jpeg_pixels, width * height, "pixels in a JPEG")
            at_most(limits.samples, container.samples, "samples in a progressive JPEG")
            at_most(limits.scans, container.scans, "scans in a progressive JPEG")
            self._image.draft(None, (max(1, int(width * scale)), max(1, int(height * scale))))
            left = self._image.size
        at_most(limits.frames, len(self.seconds), "frames")
        if len(self.seconds) > 1:
            drawn = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (frame.box for frame in container.gif_frames))
            at_most(limits.pixels // 2, width * height, "pixels in each frame")
            at_most(limits.frame_pixels, drawn or width * height * len(self.seconds), "pixels in all frames")
        # Pillow's decoders for these hold the image several times over.
        is_costly = container.format in ("WEBP", "AVIF")
        at_most(limits.pixels * 3 // 4 if is_costly else limits.pixels, left[0] * left[1], "pixels")

    def frames(self) -> Iterator[Image.Image]:
        """Each frame as the whole canvas shows it, gone when the next one is asked for. Raises ImageUnreadable."""
        with decoding(self.container.format):
            if self._image is None:
                yield from _gif_frames(self.size, self.container.gif_frames)
            else:
                for number in range(len(self.seconds)):
                    if number:
                        self._image.seek(number)
                    self._image.load()
                    yield _on_white(self._image)


@contextmanager
def decoding(name: str) -> Iterator[None]:
    """Pillow raises a dozen kinds of errors on damaged files: make them ImageUnreadable."""
    try:
        yield
    except (CentralServerError, MemoryError):
        raise
    except Image.DecompressionBombError:
        raise ImageTooLarge(f"The {name} file has far more pixels than are decoded.") from None
    except Exception as error:
        raise damaged(name, "it cannot be decoded to its end and may have been cut off") from error


def _opened(name: str, content: bytes) -> ImageFile.ImageFile:
    if name not in Image.OPEN and name == "HEIF":
        raise ImageUnreadable("HEIC files are read where pillow-heif is installed, and it is not. Convert the file.")
    with decoding(name):
        image = Image.open(io.BytesIO(content), formats=(name,))
        if name == "BMP" and image.info.get("compression") in (1, 2):  # decoded in Python, a byte at a time
            raise damaged(name, "its compression is not supported; send it uncompressed, or as PNG")
        return image


def _orientation(image: Image.Image) -> int:
    exif = Image.Exif()  # not image.getexif(), which decodes a PNG
    with suppress(Exception):  # it may be broken
        exif.load(image.info.get("exif", b""))
    value = exif.get(_ORIENTATION, 1)
    return value if value in range(1, 9) else 1


def _gif_frames(size: tuple[int, int], frames: tuple[GifFrame, ...]) -> Iterator[Image.Image]:
    """Laid over each other as browsers do it: Pillow clears to the background colour, which browsers never show."""
    canvas = Image.new("RGB", size, _WHITE)
    for frame in frames:
        before = canvas.crop(frame.box) if frame.disposal == _PREVIOUS else _WHITE
        with Image.open(io.BytesIO(frame.content), formats=("GIF",)) as image:
            _paste(canvas, image, frame.box[:2])
        yield canvas
        if frame.disposal in (_CLEAR, _PREVIOUS):
            canvas.paste(before, frame.box)


def _on_white(image: ImageFile.ImageFile) -> Image.Image:
    if image.mode == "RGB" and not image.has_transparency_data:
        return image
    canvas = Image.new("RGB", image.size, _WHITE)
    _paste(canvas, image, (0, 0))
    return canvas


def _paste(canvas: Image.Image, image: ImageFile.ImageFile, at: tuple[int, int]) -> None:
    """In bands, so that converting the colours takes little memory."""
    for top in range(0, image.height, _BAND_ROWS):
        band = image.crop((0, top, image.width, min(top + _BAND_ROWS, image.height)))
        if band.mode == "I;16":  # Pillow's own conversion cuts off at 255
            band = Image.frombytes("L", band.size, band.tobytes()[1::2])
        # Programs disagree on whether a BMP has an alpha channel, and it is often empty: nothing can hide in it.
        mask = band.convert("RGBA") if band.has_transparency_data and image.format != "BMP" else None
        canvas.paste(mask or band.convert("RGB"), (at[0], at[1] + top), mask)
