"""What a picture's container says about it, before anything is decoded."""

from dataclasses import dataclass, field
from typing import Literal

Format = Literal["PNG", "JPEG", "GIF", "WEBP", "BMP"]


@dataclass(frozen=True, slots=True)
class Picture:
    """Sizes are pixels as they are stored: before the orientation is applied."""

    format: Format
    content: bytes = field(repr=False)
    """the picture alone: no metadata, nothing that follows it in the file"""
    width: int
    height: int
    seconds: tuple[float, ...] = (0.0,)
    """how long each frame is shown; one entry for a still"""
    orientation: int = 1
    """EXIF's: 1 is upright"""
    sendable: bool = False
    """WeChat and we mean the same by these bytes, so they need no conversion, their size aside"""
    shrinks: bool = False
    """its decoder can scale it down on the way"""
    scans: int = 1
    """passes that the decoder makes over the whole picture"""
    coefficients: int = 0
    """that the decoder has to hold, two bytes each, until it has read the last scan; 0 if it works row by row"""

    @property
    def frames(self) -> int:
        """One for a still."""
        return len(self.seconds)

    @property
    def is_turned(self) -> bool:
        """Shown with width and height exchanged."""
        return self.orientation >= 5

    @property
    def upright_size(self) -> tuple[int, int]:
        """Width and height as they are shown."""
        return (self.height, self.width) if self.is_turned else (self.width, self.height)
