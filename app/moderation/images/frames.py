"""Which frames of an animation are looked at."""

from bisect import bisect_right
from itertools import accumulate, pairwise

_TOO_SHORT, _SHOWN_INSTEAD = 0.011, 0.1
"""seconds: browsers show a frame that asks for a hundredth of a second or less for a tenth"""
_NOTHING = 1e-9
"""seconds, that the sums may be off"""


def chosen(seconds: tuple[float, ...], wanted: int) -> list[int]:
    """At most `wanted` frames (two or more), first and last among them, spread evenly over the time they are shown.

    By time, not by number: what is on the screen for most of the time cannot hide among a hundred short frames.
    Of a long frame several times are one look; the looks that this saves go into the widest gaps between the others.
    """
    if len(seconds) <= wanted:
        return list(range(len(seconds)))
    starts = _starts(seconds)
    times = [starts[-1] * index / (wanted - 1) for index in range(wanted)]
    found = {0, len(seconds) - 1} | {bisect_right(starts, time + _NOTHING) - 1 for time in times}
    while len(found) < wanted:
        found.add(_middle_of_widest_gap(sorted(found)))
    return sorted(found)


def _starts(seconds: tuple[float, ...]) -> list[float]:
    shown = [_SHOWN_INSTEAD if each < _TOO_SHORT else each for each in seconds[:-1]]
    return list(accumulate(shown, initial=0.0))


def _middle_of_widest_gap(found: list[int]) -> int:
    before, behind = max(pairwise(found), key=lambda gap: gap[1] - gap[0])
    return (before + behind) // 2
