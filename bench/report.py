"""What a measurement returns, and how it is printed."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

Row = Sequence[str]
HEADER: Row = ("", "value", "by round", "must be", "")


class Claim(NamedTuple):
    """A number with a bound: `least` or `most`. `rounds` are its values in single rounds."""

    what: str
    value: float
    rounds: Sequence[float] = ()
    least: float = 0.0
    most: float = float("inf")

    @property
    def holds(self) -> bool:
        """Whether the value, as it is printed, is within the bounds."""
        return self.least <= round(self.value, 2) <= self.most

    def row(self) -> Row:
        """A row below HEADER."""
        by_round = f"{min(self.rounds):.2f} - {max(self.rounds):.2f}" if self.rounds else ""
        bound = f">= {self.least:g}" if self.least else f"<= {self.most:g}"
        return self.what, f"{self.value:.2f}", by_round, bound, "" if self.holds else "NO"


class Report(NamedTuple):
    """The results of one measurement: a table, claims, and the reasons not to trust them."""

    rows: Sequence[Row]
    claims: Sequence[Claim] = ()
    noise: Sequence[str] = ()


def ratio(what: str, ours: Sequence[float], others: Sequence[float], **bound: float) -> Claim:
    """The ratio of two medians, and of each pair of neighbouring rounds."""
    return Claim(what, median(ours) / median(others), [a / b for a, b in zip(ours, others, strict=True)], **bound)


def table(rows: Sequence[Row]) -> str:
    """The rows with aligned columns: the first to the left, the others to the right."""
    first, *others = ([len(cell) for cell in column] for column in zip(*rows, strict=True))
    form = f"{{:<{max(first)}}}" + "".join(f"  {{:>{max(lengths)}}}" for lengths in others)
    return "\n".join(form.format(*row).rstrip() for row in rows)
