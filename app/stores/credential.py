"""A credential and its three states."""

import math
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

CLOCKS_DIFFER_SECONDS = 60.0
"""the clocks of two nodes are no further apart"""
SET_BACK_SECONDS = 1.0
"""a lease that ends later than now + its length + this was taken before the clock was set back: it is over"""


class Key(NamedTuple):
    """Identifies a credential in the store. The secret is never part of it."""

    appid: str
    credential: str
    """`access_token` or `jsapi_ticket`"""


class State(Enum):
    """What callers get, and who fetches."""

    FRESH = "fresh"
    """Every caller gets it; no fetch."""
    STALE = "stale"
    """Every caller gets it; one process fetches its successor in the background, and a failure reaches no caller."""
    EXPIRED = "expired"
    """No caller gets it: one fetches, the others wait and get the error if the fetch fails."""


@dataclass(frozen=True, slots=True)
class Credential:
    """One access_token or jsapi_ticket. All times are Unix seconds of this server's clock."""

    value: str = field(repr=False)
    obtained_at: float
    """when WeChat last confirmed it; read before the request was sent"""
    stale_at: float
    """when to fetch a successor"""
    expires_at: float
    """from when it is not served any more"""
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
        return State.STALE if now >= self.stale_at or self.misdated(now) else State.FRESH

    def misdated(self, now: float) -> bool:
        """Whether the clock was set back since this was dated: its end is unknown, so it is STALE."""
        return self.obtained_at > now + CLOCKS_DIFFER_SECONDS

    def succeeds(self, other: "Credential") -> bool:
        """Whether this was saved after `other`, with any value. In an emptied store generations begin again."""
        return (self.generation, self.obtained_at) != (other.generation, other.obtained_at)


def restored(
    value: Any, obtained_at: Any, stale_at: Any, expires_at: Any, generation: Any, first_seen_at: Any, birth_seen: Any
) -> Credential | None:
    """The credential with these stored fields (numbers may be texts), or None if one of them is unusable."""
    try:
        times = float(obtained_at), float(stale_at), float(expires_at), float(first_seen_at)
        count, seen = int(generation), bool(int(birth_seen))
    except (TypeError, ValueError, OverflowError):
        return None
    if not (isinstance(value, str) and value and math.isfinite(sum(times)) and count > 0):
        return None
    obtained, stale, expires, first_seen = times
    return Credential(value, obtained, stale, expires, count, first_seen, seen)
