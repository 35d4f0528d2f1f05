"""Which of the five formats a file has: its first bytes say so, whatever its name or Content-Type claims."""

from ...exceptions import ImageUnreadable
from . import bmp, gif, jpeg, png, webp
from .blocks import AS_IT_IS
from .picture import Picture


def read(upload: bytes) -> Picture:
    """What the file's container says. Nothing is decoded. Raises ImageUnreadable."""
    picture = _read(upload)
    if not picture.width or not picture.height:
        raise ImageUnreadable(f"The {picture.format} file is broken: its picture has no width or no height.")
    return picture


def _read(upload: bytes) -> Picture:
    if upload.startswith(png.SIGNATURE):
        return png.read(upload)
    if upload.startswith(jpeg.SIGNATURE):
        return jpeg.read(upload)
    if upload.startswith(gif.SIGNATURES):
        return gif.read(upload)
    if webp.is_webp(upload):
        return webp.read(upload)
    if upload.startswith(bmp.SIGNATURE):
        return bmp.read(upload)
    if not upload:
        raise ImageUnreadable("The image is empty.")
    raise ImageUnreadable(
        "This is no PNG, JPEG, GIF, WEBP or BMP file, whatever its name says. "
        f"Send one of these five; convert others (HEIC, AVIF, TIFF, SVG ...) first. {AS_IT_IS}"
    )
