"""One token or ticket: how long it works and how it is refused afterwards (WECHAT.md 7.1)."""

from dataclasses import dataclass
from typing import Literal

State = Literal["current", "overlap", "dead"]
DEAD: State = "dead"


@dataclass
class Issued:
    """One token or ticket. It works until `usable_until`, which its successor may bring forward (Unix seconds)."""

    appid: str
    credential: str
    value: str
    generation: int
    issued_at: float
    expires_at: float
    usable_until: float
    superseded: bool = False

    @property
    def is_ticket(self) -> bool:
        return self.credential.endswith("_ticket")

    def state(self, now: float) -> State:
        if now >= self.usable_until:
            return "dead"
        return "overlap" if self.superseded or now >= self.expires_at else "current"

    def remaining(self, now: float) -> int:
        """Whole seconds; a float's last digits must not cost one of them."""
        return int(self.expires_at - now + 1e-6)

    def as_json(self, now: float) -> dict[str, object]:
        return {
            "credential": self.credential,
            "value": self.value,
            "generation": self.generation,
            "issued_at": self.issued_at,
            "expires_at": self.expires_at,
            "usable_until": self.usable_until,
            "state": self.state(now),
        }

    def refusal(self) -> int:
        """What a dead token gets: 42001 if it lived out its life, 40001 if something ended it (WECHAT.md 7.1)."""
        return 42001 if self.usable_until >= self.expires_at else 40001
