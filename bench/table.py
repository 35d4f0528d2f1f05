"""The result as a small table: ours beside a peer."""

from collections.abc import Callable

from .load import Round
from .signatures import Result


def table(ours: Result, peer: Result) -> str:
    """Medians, their ratio, and the lowest and highest ratio of two neighbouring rounds."""
    rows = [
        ("", ours.name, peer.name, "ratio", "by round", "must be"),
        _measured("requests/s, one core", ours, peer, lambda one: one.requests_per_second, ">= 0.95"),
        _measured("p99, ms", ours, peer, lambda one: one.p99_milliseconds, ""),
        ("memory at rest, MiB", f"{ours.mebibytes:.1f}", f"{peer.mebibytes:.1f}", "", "", "<= 96 MiB"),
    ]
    return "\n".join("{:<22}{:>9}{:>18}{:>8}{:>14}{:>12}".format(*row).rstrip() for row in rows)


def _measured(
    what: str, ours: Result, peer: Result, figure: Callable[[Round], float], must_be: str
) -> tuple[str, str, str, str, str, str]:
    a, b = ours.median(figure), peer.median(figure)
    ratios = [figure(x) / figure(y) for x, y in zip(ours.rounds, peer.rounds, strict=True)]
    return what, f"{a:.1f}", f"{b:.1f}", f"{a / b:.2f}", f"{min(ratios):.2f} - {max(ratios):.2f}", must_be
