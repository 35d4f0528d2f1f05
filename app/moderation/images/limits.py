"""What decoding one image may take."""

from dataclasses import dataclass

from ...errors import ImageTooLarge


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes and counts are read from headers and checked before anything is decoded."""

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


def at_most(limit: int, count: int, what: str) -> None:
    """Raise ImageTooLarge if `count` is over the limit."""
    if count > limit:
        raise ImageTooLarge(f"The image has {count:,} {what}; at most {limit:,} are decoded.")
