"""Pillow, within limits: an image's frames as RGB on white."""

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from PIL import ExifTags, Image, ImageFile, WebPImagePlugin  # noqa: F401 - Image.open would load all plugins to find it
from PIL.JpegImagePlugin import JpegImageFile

from ...errors import CentralServerError
from ..errors import ImageTooLarge
from . import containers
from .containers import GifFrame, damaged

_WHITE = (255, 255, 255)
_BAND_ROWS = 256
_CLEAR, _PREVIOUS = 2, 3  # disposals of GIF


@dataclass(frozen=True, slots=True)
class Limits:
    """What decoding one image may take. Sizes and counts are read from headers and checked before decoding."""

    pixels: int = 12 << 20
    """a still, or what a JPEG's decoder leaves of it; 4080 x 3072 is what phones call 12 megapixels"""
    jpeg_pixels: int = 120_000_000
    """a JPEG as stored: its decoder scales it down on the way"""
    samples: int = 48_000_000
    """of a progressive JPEG: its decoder holds all of them, two bytes each, whatever it leaves"""
    scans: int = 100
    """of a progressive JPEG: encoders write about ten, and each is another pass over the image"""
    frames: int = 300
    frame_pixels: int = 40_000_000
    """in all frames of an animation"""
    decode_seconds: float = 5.0
    """checked between frames; CPU time to convert a HEIC or AVIF"""
    wait_seconds: float = 2.0
    """for another image that is being decoded"""
    parts: int = 16
    """sent for one image: each costs a call of WeChat's quota"""
    frames_checked: int = 8
    """of an animation"""


class Source:
    """An image that is opened and not decoded yet. Raises ImageUnreadable, and ImageTooLarge for too many frames."""

    def __init__(self, upload: bytes, limits: Limits) -> None:
        upload = containers.converted(upload, limits.pixels, limits.decode_seconds)
        container = containers.read(upload, limits.frames)
        self._container, self._limits = container, limits
        self.seconds = container.seconds
        """how long each frame is shown"""
        self.orientation = 1
        """EXIF's: 1 to 8"""
        self._image: ImageFile.ImageFile | None = None
        if container.format == "GIF":
            # The canvas grows where a frame needs it, as in browsers.
            sizes = [struct.unpack_from("<HH", upload, 6), *(frame.box[2:] for frame in container.gif_frames)]
            self.size = max(size[0] for size in sizes), max(size[1] for size in sizes)
            frames = len(container.gif_frames)
        else:
            self._image = image = _opened(container.format, container.content)
            self.size, self.orientation = image.size, _orientation(image)
            """width and height as stored, before `orientation` is applied"""
            frames = getattr(image, "n_frames", 1)
            if not self.seconds or getattr(image, "default_image", False):  # for programs that know no animation
                self.seconds = (0.0, *self.seconds)
        if not frames or frames != len(self.seconds):
            raise damaged(container.format, "its frames cannot be counted")

    def prepare(self, scale: float) -> None:
        """Let a JPEG's decoder scale down on the way, to no less than `scale`. Raises ImageTooLarge."""
        limits, (width, height), frames = self._limits, self.size, len(self.seconds)
        pixels = width * height
        if isinstance(self._image, JpegImageFile):
            _at_most(limits.jpeg_pixels, pixels, "pixels")
            if self._container.scans > 1 or "progressive" in self._image.info:
                layers = [across * down for _, across, down, _ in self._image.layer]
                _at_most(limits.samples, pixels * sum(layers) // max(layers), "samples, progressively encoded")
            _at_most(limits.scans, self._container.scans, "scans")
            self._image.draft(None, (max(1, int(width * scale)), max(1, int(height * scale))))
            pixels = self._image.width * self._image.height
        _at_most(limits.frames, frames, "frames")
        if frames > 1:
            areas = [(box[2] - box[0]) * (box[3] - box[1]) for box, *_ in self._container.gif_frames]
            _at_most(limits.pixels // 2, pixels, "pixels in each frame")
            _at_most(limits.frame_pixels, sum(areas) or pixels * frames, "pixels in all frames")
        # Pillow's decoder for WEBP holds several copies.
        _at_most(limits.pixels * 3 // 4 if self._container.format == "WEBP" else limits.pixels, pixels, "pixels")

    def frames(self) -> Iterator[Image.Image]:
        """Each frame as the whole canvas shows it, gone when the next one is asked for. Raises ImageUnreadable."""
        with _decoding(self._container.format):
            if self._image is None:
                yield from _composed(self.size, self._container.gif_frames)
            else:
                for number in range(len(self.seconds)):
                    self._image.seek(number)
                    self._image.load()
                    yield _on_white(self._image)


def _at_most(limit: int, count: int, what: str) -> None:
    if count > limit:
        raise ImageTooLarge(f"The image has {count:,} {what}; at most {limit:,} are decoded.")


@contextmanager
def _decoding(name: str) -> Iterator[None]:
    """Pillow raises a dozen kinds of errors on damaged files: convert them to ImageUnreadable."""
    try:
        yield
    except (CentralServerError, MemoryError):
        raise
    except Image.DecompressionBombError:
        raise ImageTooLarge(f"The {name} file has far more pixels than are decoded.") from None
    except Exception as error:
        raise damaged(name, "it cannot be decoded to its end and may have been cut off") from error


def _opened(name: str, content: bytes) -> ImageFile.ImageFile:
    with _decoding(name):
        if name == "JPEG":
            return JpegImageFile(io.BytesIO(content))  # Image.open would read all images of a stereo camera
        image = Image.open(io.BytesIO(content), formats=(name,))
        if name == "BMP" and image.info.get("compression") in (1, 2):  # decoded in Python, a byte at a time
            raise damaged(name, "its compression is not supported; send it uncompressed, or as PNG")
        return image


def _orientation(image: Image.Image) -> int:
    exif = Image.Exif()  # not image.getexif(), which decodes a PNG
    with suppress(Exception):  # it may be broken
        exif.load(image.info.get("exif", b""))
    value = exif.get(ExifTags.Base.Orientation, 1)
    return value if value in range(1, 9) else 1


def _composed(size: tuple[int, int], frames: tuple[GifFrame, ...]) -> Iterator[Image.Image]:
    """Drawn over each other as browsers do it: Pillow clears to the background colour, which browsers never show."""
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
