"""What servers really hashed, spelled out, and the name of what was wrong: for the server and for the page."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

TICKET = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
NONCESTR = "Wm3WZYTPz0wzccnW"
TIMESTAMP = 1414587457

_FILE = Path(__file__).parents[2] / "vectors" / "signature_mistakes.json"


@dataclass(frozen=True)
class Case:
    """A page's URL, what its server hashed, and the mistakes in that: none, up to two, or None for unknown ones."""

    name: str
    url: str
    string1: str
    mistakes: list[str] | None
    landing_url: str | None
    card_ticket: str | None
    timestamp: int

    @classmethod
    def read(cls, row: dict[str, Any]) -> Self:
        return cls(
            row["name"],
            row["url"],
            row["string1"],
            row["mistakes"],
            row.get("landing_url"),
            row.get("card_ticket"),
            row.get("timestamp", TIMESTAMP),
        )

    def signature(self, ticket: str = TICKET) -> str:
        return hashlib.sha1(self.string1.replace("TICKET", ticket).encode()).hexdigest()


CASES = [Case.read(row) for row in json.loads(_FILE.read_text("utf-8"))]
