"""A part as WeChat takes it: a JPEG of at most 1 MB."""

import io

from PIL import Image

from .limits import LARGEST_BYTES

_QUALITIES = (88, 75, 50, 25)
"""the last makes half a megabyte of pure noise"""
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF's orientation -> what undoes it"""


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """As the camera was held."""
    return image.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else image


def jpeg(image: Image.Image) -> bytes:
    """In the best quality that fits. Colours are not subsampled: thin coloured writing stays readable."""
    for quality in _QUALITIES:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality, subsampling="4:4:4")
        if file.tell() <= LARGEST_BYTES:
            break
    return file.getvalue()
