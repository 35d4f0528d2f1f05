"""What decoding would take, counted from the headers alone, and whether that is too much."""

from ...exceptions import ImageTooLarge
from .limits import Limits
from .picture import Picture

_COEFFICIENTS_PER_PIXEL = 2
"""a coefficient has two bytes, a decoded pixel four"""


def check(picture: Picture, shrink: int, limits: Limits) -> None:
    """Raises ImageTooLarge. `shrink`: a JPEG's decoder leaves that much less; it saves nothing on the coefficients."""
    if picture.frames > limits.frames:
        raise ImageTooLarge(f"The animation has {picture.frames} frames; at most {limits.frames} are checked.")
    if picture.scans > limits.scans:
        raise ImageTooLarge(f"The JPEG has {picture.scans} scans; at most {limits.scans} are decoded.")
    _at_most(limits.pixels, _at_once(picture, shrink), "pixels have to be decoded. Scale the picture down")
    passes = max(picture.frames, picture.scans if picture.coefficients else 1)
    together = "pixels are in all frames or scans together. Send fewer or smaller ones"
    _at_most(limits.pixels_in_all, picture.width * picture.height * passes, together)


def _at_once(picture: Picture, shrink: int) -> int:
    width, height = -(-picture.width // shrink), -(-picture.height // shrink)
    return width * height + picture.coefficients // _COEFFICIENTS_PER_PIXEL


def _at_most(limit: int, count: int, what: str) -> None:
    if count > limit:
        raise ImageTooLarge(f"{count:,} {what}: at most {limit:,} are decoded.")
