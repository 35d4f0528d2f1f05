"""How a picture is cut into parts that stay readable when WeChat's limits scale them down."""

from typing import NamedTuple

from .limits import LARGEST_HEIGHT, LARGEST_WIDTH

_LONGEST_SHAPE = 2
"""a picture at most so many times as long as it is wide is sent in one part"""
_SHORTEST_TILE = 256
"""pixels: a hairline is not cut into crumbs"""


class Tile(NamedTuple):
    """A part of the picture, in pixels of the picture as it is stored."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.right - self.left, self.bottom - self.top


def count(width: int, height: int) -> int:
    """How many tiles the picture makes."""
    long, short = max(width, height), min(width, height)
    edge = max(short, _SHORTEST_TILE)
    if long <= max(edge, _LONGEST_SHAPE * short):
        return 1
    return 1 + -(-(long - edge) // _step(edge))


def cut(width: int, height: int) -> list[Tile]:
    """The tiles, spread evenly along the longer side. They are squares that overlap by a quarter or more.

    So whatever fills a phone's screen (16:9 or longer) fills at least one tile, wherever it lies.
    """
    tiles = count(width, height)
    if tiles == 1:
        return [Tile(0, 0, width, height)]
    edge = max(min(width, height), _SHORTEST_TILE)
    starts = [(max(width, height) - edge) * index // (tiles - 1) for index in range(tiles)]
    if height > width:
        return [Tile(0, start, width, start + edge) for start in starts]
    return [Tile(start, 0, start + edge, height) for start in starts]


def fitted(size: tuple[int, int], is_turned: bool = False) -> tuple[int, int]:
    """Width and height scaled down, never up, so that the part fits, where `is_turned` once it is upright."""
    width, height = size
    widest, highest = (LARGEST_HEIGHT, LARGEST_WIDTH) if is_turned else (LARGEST_WIDTH, LARGEST_HEIGHT)
    scale = min(1.0, widest / width, highest / height)
    return max(1, min(widest, round(width * scale))), max(1, min(highest, round(height * scale)))


def _step(edge: int) -> int:
    return edge * 3 // 4
