"""Cuts a text that is too long for one check into parts that overlap, so that a word across a cut is still seen."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

OVERLAP = 100
"""characters that neighbouring parts share: each run of so many is whole in one of them"""

_NEAR = 300
"""characters before the end of a part among which a good place for the cut is looked for"""
_GOOD_PLACES = tuple(
    re.compile(pattern) for pattern in (r"\n\s*", r"[。！？!?…]+[”」』)）]*|[.;；]\s", r"[，,、：:]|\s")
)
"""ends of lines, of sentences, of words: the first kind that is near is taken"""
_LONGEST_CLUSTER = 30
_JOINERS = "\u200d\ufe0e\ufe0f"


@dataclass(frozen=True, slots=True)
class Measure:
    """How long WeChat says a text may be: `longest` of the `units`, of which a character has `most` at the most."""

    longest: int
    units: Callable[[str], int]
    most: int

    def excess(self, text: str) -> int:
        """How many units the text has too many; 0 or less if it fits."""
        return self.units(text) - self.longest


def utf16_units(text: str) -> int:
    """A character (字) of WeChat's may be a code point or one of these: they are never fewer."""
    return len(text.encode("utf-16-le")) // 2


def json_bytes(text: str) -> int:
    """The size of a text as it is sent, in UTF-8: a line end is two bytes."""
    return len(json.dumps(text, ensure_ascii=False).encode())


V2 = Measure(2_500, utf16_units, 2)
V1 = Measure(480_000, json_bytes, 6)
"""WeChat says 500 KB, and passes more unread (WECHAT.md 3.1)"""


def split(text: str, measure: Measure) -> list[str]:
    """The text in parts that fit; itself where it does."""
    return list(_parts(text, measure))


def _parts(text: str, measure: Measure) -> Iterator[str]:
    start = 0
    while True:
        end = _furthest(text, start, measure)
        if end == len(text):
            yield text[start:]
            return
        cut = _good_cut(text, max(start + 2 * OVERLAP, end - _NEAR), end)
        yield text[start:cut]
        start = _whole(text, cut - OVERLAP)


def _furthest(text: str, start: int, measure: Measure) -> int:
    """The last place at which a part from `start` on may end: of the most characters that fit, or a few less."""
    end = min(len(text), start + measure.longest)
    while (excess := measure.excess(text[start:end])) > 0:
        end -= -(-excess // measure.most)
    return end


def _good_cut(text: str, earliest: int, latest: int) -> int:
    for place in _GOOD_PLACES:
        ends = [match.end() for match in place.finditer(text, earliest, latest)]
        if ends:
            return ends[-1]
    return _whole(text, latest)


def _whole(text: str, cut: int) -> int:
    """The cut, or one a little earlier that does not tear an accent or a joined emoji from what it belongs to."""
    for place in range(cut, max(1, cut - _LONGEST_CLUSTER), -1):
        before, after = text[place - 1], text[place]
        if not unicodedata.combining(after) and after not in _JOINERS and before != "\u200d":
            return place
    return cut
