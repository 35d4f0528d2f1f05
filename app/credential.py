"""A credential, how old it is, and the protocols of the places that hold it."""

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, Protocol


class Key(NamedTuple):
    """What a credential is kept under. The secret is never part of it."""

    appid: str
    credential: str
    """`access_token` or `jsapi_ticket`"""


class State(Enum):
    """What callers get, and who fetches."""

    FRESH = "fresh"
    """Everybody gets it; nobody fetches."""
    STALE = "stale"
    """Everybody gets it; somebody looks for a new one meanwhile, and a failure stays unnoticed."""
    EXPIRED = "expired"
    """Nobody gets it; one fetches, the others wait, and a failure is everybody's."""


@dataclass(frozen=True, slots=True)
class Credential:
    """One access_token or jsapi_ticket. All times are Unix seconds of this server's clock."""

    value: str = field(repr=False)
    obtained_at: float
    """when WeChat last confirmed it; read before the request was sent"""
    stale_at: float
    """when to look for a successor"""
    expires_at: float
    """when to stop handing it out"""
    generation: int
    """1 for the first one under its key, one more with every save"""
    first_seen_at: float
    """when this value was first seen"""
    birth_seen: bool = False
    """whether its predecessor was seen to end, which tells how old it is (a ticket's `expires_in` does not)"""

    def state(self, now: float) -> State:
        """FRESH, STALE or EXPIRED at `now`. The one place that compares these times."""
        if now >= self.expires_at:
            return State.EXPIRED
        return State.STALE if now >= self.stale_at else State.FRESH


class Store(Protocol):
    """Holds credentials and leases for all workers. Every method raises StoreUnavailable when it cannot answer."""

    def load(self, key: Key) -> Credential | None:
        """The credential as it was last saved, whatever its age, or None."""

    def save(self, key: Key, credential: Credential, expected_generation: int) -> bool:
        """Replace the credential if the stored one has `expected_generation` (0: there is none), else say False."""

    def acquire(self, key: Key, owner: str, seconds: float) -> bool:
        """Take the lease on fetching `key` for so long, if nobody has it."""

    def release(self, key: Key, owner: str) -> None:
        """Give the lease back, if `owner` still has it."""

    def close(self) -> None:
        """Let go of files and connections of the calling thread."""


class Notes(Protocol):
    """Holds small texts with an expiry for all workers: holds, pauses, budgets."""

    def get(self, name: str) -> str | None:
        """The text, or None when there is none or its time is over."""

    def put(self, name: str, text: str, seconds: float) -> None:
        """Keep the text under `name` for so long, in place of what was there; with 0 seconds, forget it."""

    def add(self, name: str, text: str, seconds: float) -> bool:
        """Keep the text unless there is one already: then False."""

    def forget(self, prefix: str) -> None:
        """Forget all texts whose names begin so."""


class Shelf(Store, Notes, Protocol):
    """A store that keeps notes as well, as every backend does."""
