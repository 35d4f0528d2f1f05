"""Pillow, within limits: an image's frames as RGB on white."""

import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from PIL import AvifImagePlugin, ExifTags, Image, ImageFile, WebPImagePlugin
from PIL.JpegImagePlugin import JpegImageFile

from ...errors import CentralServerError, ImageTooLarge, ImageUnreadable
from . import containers
from .containers import GifFrame, damaged

with suppress(ImportError):
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False)

_PLUGINS = (AvifImagePlugin, WebPImagePlugin)
"""imported here: to find them, Image.open would load all of Pillow's plugins"""
_WHITE = (255, 255, 255)
_BAND_ROWS = 256
_CLEAR, _PREVIOUS = 2, 3
"""disposals of GIF"""


@dataclass(frozen=True, slots=True)
class Limits:
    """What decoding one image may take. Sizes and counts are read from headers and checked before decoding.

    A header of an AVIF file can hide a larger frame inside: libavif decodes up to 268 megapixels and scales the result.
    """

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
    """checked between frames"""
    wait_seconds: float = 2.0
    """for another image that is being decoded"""
    parts: int = 16
    """sent for one image: each costs a call of WeChat's quota"""
    frames_checked: int = 8
    """of an animation"""


class Source:
    """An image that is opened and not decoded yet. Raises ImageUnreadable, and ImageTooLarge for too many frames."""

    def __init__(self, upload: bytes, limits: Limits) -> None:
        container = containers.read(upload, limits.frames)
        self.format = container.format
        self.seconds = container.seconds
        """how long each frame is shown"""
        self.orientation = 1
        """EXIF's: 1 to 8"""
        self._limits = limits
        self._scans = container.scans
        self._gif_frames = container.gif_frames
        self._image: ImageFile.ImageFile | None = None
        if self.format == "GIF":
            # The canvas grows where a frame needs it, as in browsers.
            sizes = [(int.from_bytes(upload[6:8], "little"), int.from_bytes(upload[8:10], "little"))]
            sizes += [frame.box[2:] for frame in self._gif_frames]
            self.size = max(width for width, _ in sizes), max(height for _, height in sizes)
            frames = len(self._gif_frames)
        else:
            self._image = image = _opened(self.format, container.content)
            self.size, self.orientation = image.size, _orientation(image)
            """width and height as stored, before `orientation` is applied"""
            frames = 1 if self.format == "HEIF" else getattr(image, "n_frames", 1)
            self.seconds = container.seconds or (0.1,) * frames
        if not frames or frames != len(self.seconds):
            raise damaged(self.format, "its frames cannot be counted")

    def prepare(self, scale: float) -> None:
        """Let a JPEG's decoder scale down on the way, to no less than `scale`. Raises ImageTooLarge."""
        limits, (width, height), frames = self._limits, self.size, len(self.seconds)
        left = width * height
        if isinstance(self._image, JpegImageFile):
            _at_most(limits.jpeg_pixels, left, "pixels")
            if self._scans > 1 or "progressive" in self._image.info:
                layers = [(across, down) for _, across, down, _ in self._image.layer]
                finest = max(across for across, _ in layers) * max(down for _, down in layers) or 1
                samples = left * sum(across * down for across, down in layers) // finest
                _at_most(limits.samples, samples, "samples, progressively encoded")
            _at_most(limits.scans, self._scans, "scans")
            self._image.draft(None, (max(1, int(width * scale)), max(1, int(height * scale))))
            left = self._image.width * self._image.height
        _at_most(limits.frames, frames, "frames")
        if frames > 1:
            drawn = sum((frame.box[2] - frame.box[0]) * (frame.box[3] - frame.box[1]) for frame in self._gif_frames)
            _at_most(limits.pixels // 2, left, "pixels in each frame")
            _at_most(limits.frame_pixels, drawn or left * frames, "pixels in all frames")
        # Pillow's decoders for these hold the image several times over.
        most = limits.pixels * 3 // 4 if self.format in ("WEBP", "AVIF") else limits.pixels
        if left > most:
            raise ImageTooLarge(
                f"The image has {width:,} x {height:,} pixels ({width * height / 1e6:.3g} megapixels); at most "
                f"{most / 1e6:.3g} megapixels are decoded, of a JPEG {limits.jpeg_pixels / 1e6:.3g}."
            )

    def frames(self) -> Iterator[Image.Image]:
        """Each frame as the whole canvas shows it, gone when the next one is asked for. Raises ImageUnreadable."""
        with _decoding(self.format):
            if self._image is None:
                yield from _composed(self.size, self._gif_frames)
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
    if name not in Image.OPEN and name == "HEIF":
        raise ImageUnreadable("HEIC files are read where pillow-heif is installed, and it is not. Convert the file.")
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
