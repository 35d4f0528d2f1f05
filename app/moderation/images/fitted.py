"""What becomes of a picture: the parts that are sent to WeChat."""

from dataclasses import dataclass, field

from .picture import Format


@dataclass(frozen=True, slots=True)
class Part:
    """A file that WeChat takes. `filename` is fixed and ASCII: nothing of the caller's goes there."""

    content: bytes = field(repr=False)
    content_type: str
    filename: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Fitted:
    """The worst verdict on a part is the verdict on the picture."""

    parts: tuple[Part, ...]
    """empty where `too_long`"""
    frames: int
    """of the picture; 1 for a still"""
    frames_checked: int
    """how many of them the parts show; 0 where `too_long`"""
    width: int
    height: int
    """pixels of the picture, upright"""
    format: Format
    too_long: bool = False
    """so long a strip that checking all of it takes too many calls: a person has to look (`review`)"""
