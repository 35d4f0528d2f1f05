"""Output: marks and colours on a terminal, plain words in a pipe, JSON for scripts."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import click

from ...logging import escaped
from ...wechat import Hint
from ..doctor import Verdict

_LOOKS: dict[Verdict, tuple[str, str, str | None]] = {
    Verdict.OK: ("✓", "ok", "green"),
    Verdict.FAILED: ("✗", "FAILED", "red"),
    Verdict.NOTE: ("!", "note", "yellow"),
    Verdict.SKIPPED: ("-", "skipped", None),
}
"""mark on a terminal, word in a pipe, colour"""


@dataclass(frozen=True, slots=True)
class Terminal:
    """Writes to standard output. `fancy`: it is a terminal."""

    language: Literal["en", "zh"]
    fancy: bool

    def line(self, text: str = "", **style: Any) -> None:
        """One line; control characters are escaped, as part of the text may be WeChat's."""
        click.secho(escaped(text), **style)

    def json(self, document: Any) -> None:
        """A JSON document."""
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))

    def verdict(self, verdict: Verdict, text: str) -> None:
        """A line that begins with the verdict."""
        mark, word, color = _LOOKS[verdict]
        click.echo(f"  {click.style(mark if self.fancy else f'{word:<7}', fg=color)} {escaped(text)}")

    def advice(self, hint: Hint | None) -> None:
        """What to do, if that is known."""
        if hint:
            self.line(self._advice_line(hint), fg="yellow")

    def with_advice(self, text: str, hint: Hint | None) -> str:
        """What went wrong and what to do, for an error that ends the command."""
        return escaped(text) + (f"\n{self._advice_line(hint)}" if hint else "")

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """The first row is the heading."""
        widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
        for number, row in enumerate(rows):
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.line("  ".join(cells).rstrip(), bold=number == 0)

    def _advice_line(self, hint: Hint) -> str:
        return f"    {'→' if self.fancy else '->'} {hint[self.language]}"


def duration(seconds: float | None) -> str:
    """`2 h 5 min`, `5 min`, `59 s`; `-` for None."""
    if seconds is None:
        return "-"
    hours, minutes = divmod(int(seconds) // 60, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min" if minutes else f"{int(seconds)} s"
