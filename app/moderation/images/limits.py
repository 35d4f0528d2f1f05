"""What is too much of a picture, and how large a part for WeChat may be."""

from dataclasses import dataclass

LARGEST_BYTES = 1_000_000
"""of a part; WeChat says 1 MB and leaves open which (WECHAT.md 4)"""
LARGEST_WIDTH, LARGEST_HEIGHT = 750, 1334
"""pixels of a part (WECHAT.md 4): upright, as a phone is held; a picture that lies has to fit the width"""


@dataclass(frozen=True, slots=True)
class Limits:
    """All are counted from headers, before anything is decoded."""

    pixels: int = 25_000_000
    """to decode at once: of a JPEG what is left after the decoder's own scaling"""
    frames: int = 300
    pixels_in_all: int = 500_000_000
    """in all frames of an animation, or in all scans of a progressive JPEG"""
    scans: int = 100
    """of a JPEG: good encoders write about ten, and each is another pass over the whole picture"""
    parts: int = 16
    """to send of one picture: each costs a call of WeChat's quota"""
    frames_checked: int = 8
    """of an animation"""
