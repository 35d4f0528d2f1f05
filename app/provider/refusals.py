"""What is remembered of refused access_tokens: how many fetches they may still cause, and when one is forced."""

import json
from collections.abc import Callable

from ..credential import Credential, Key, Notes

_BUDGET = 3.0
_BUDGET_REFILL_SECONDS = 20.0
_BUDGET_FULL_SECONDS = _BUDGET * _BUDGET_REFILL_SECONDS

_FORGET_SECONDS = 600.0
_FORCED_A_DAY = 2
_DAY_SECONDS = 86_400.0


class Budget:
    """Bounds the fetches that refusals cause: a bucket of 3 for each credential, one more every 20 s.

    An endpoint that keeps answering 40001 cannot make us use up the day's quota. Only who has the lease takes from it.
    """

    def __init__(self, key: Key, notes: Notes, clock: Callable[[], float]) -> None:
        self._name = f"budget:{key.appid}:{key.credential}"
        self._notes = notes
        self._clock = clock

    def left(self) -> float:
        """How many fetches are in the bucket; the part of one that is not whole yet is still filling."""
        now = self._clock()
        left, at = json.loads(self._notes.get(self._name) or f"[{_BUDGET}, {now}]")
        return float(min(_BUDGET, left + (now - at) / _BUDGET_REFILL_SECONDS))

    def take(self) -> bool:
        """Take one fetch, if there is one."""
        left = self.left()
        if left < 1:
            return False
        self._notes.put(self._name, json.dumps([left - 1, self._clock()]), _BUDGET_FULL_SECONDS)
        return True


class LastResort:
    """Says when only a forced refresh is left: WeChat holds on to a stable token that its own endpoints refuse.

    That is so when two different endpoints have refused the current token, the first one `after_seconds` ago, and none
    has accepted it since; at most twice a day, for WeChat kills the token of everybody who uses it.
    """

    def __init__(self, key: Key, notes: Notes, clock: Callable[[], float], after_seconds: float) -> None:
        self._refusals = f"refused:{key.appid}:{key.credential}"
        self._forced = f"forced:{key.appid}:{key.credential}"
        self._notes = notes
        self._clock = clock
        self._after = after_seconds

    def refused(self, credential: Credential, endpoint: str) -> None:
        """`endpoint` did not take this credential."""
        since, endpoints = self._about(credential)
        if endpoint not in endpoints:
            text = json.dumps([credential.first_seen_at, since, [*endpoints, endpoint]])
            self._notes.put(self._refusals, text, _FORGET_SECONDS)

    def accepted(self) -> None:
        """Some endpoint took the current credential."""
        if self._notes.get(self._refusals):
            self._notes.put(self._refusals, "", 0)

    def due(self, credential: Credential) -> bool:
        """Whether to force a new one now."""
        since, endpoints = self._about(credential)
        return len(endpoints) > 1 and self._clock() - since >= self._after and len(self._recent()) < _FORCED_A_DAY

    def spend(self) -> None:
        """A new one is being forced."""
        self.accepted()
        self._notes.put(self._forced, json.dumps([*self._recent(), self._clock()]), _DAY_SECONDS)

    def _about(self, credential: Credential) -> tuple[float, list[str]]:
        text = self._notes.get(self._refusals)
        first_seen_at, since, endpoints = json.loads(text) if text else (None, 0.0, [])
        return (since, endpoints) if first_seen_at == credential.first_seen_at else (self._clock(), [])

    def _recent(self) -> list[float]:
        forced: list[float] = json.loads(self._notes.get(self._forced) or "[]")
        return [at for at in forced if at > self._clock() - _DAY_SECONDS]
