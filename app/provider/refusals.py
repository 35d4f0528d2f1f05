"""What is remembered of refused access_tokens: how many fetches they may still cause, and when one is forced."""

import json
from collections.abc import Callable

from ..credential import Credential, Key, Notes

_BUDGET = 3.0
_BUDGET_REFILL_SECONDS = 20.0
_BUDGET_FULL_SECONDS = _BUDGET * _BUDGET_REFILL_SECONDS
_FETCHES_A_DAY = 300
_SHANGHAI_OFFSET_SECONDS = 8 * 3600

_FORGET_SECONDS = 600.0
_FORCED_A_DAY = 2
_DAY_SECONDS = 86_400.0


class Budget:
    """Bounds the fetches that refusals cause: a bucket of 3 for each credential, one more every 20 s, 300 a day.

    An endpoint that keeps answering 40001 cannot make us use up the day's quota (2,000; WECHAT.md 1.1), which begins
    anew at midnight in Shanghai. Only who has the lease takes from it.
    """

    def __init__(self, key: Key, notes: Notes, clock: Callable[[], float]) -> None:
        self._bucket = f"budget:{key.appid}:{key.credential}"
        self._today = f"budget-day:{key.appid}:{key.credential}"
        self._notes = notes
        self._clock = clock

    def left(self) -> int:
        """How many fetches may be taken now."""
        now = self._clock()
        return min(int(self._in_bucket(now)), _FETCHES_A_DAY - self._taken_today(now))

    def take(self) -> bool:
        """Take one fetch, if there is one."""
        if self.left() < 1:
            return False
        now = self._clock()
        self._notes.put(self._bucket, json.dumps([self._in_bucket(now) - 1, now]), _BUDGET_FULL_SECONDS)
        self._notes.put(self._today, json.dumps([_day(now), self._taken_today(now) + 1]), _DAY_SECONDS)
        return True

    def _in_bucket(self, now: float) -> float:
        """The part of a fetch that is not whole yet is still filling."""
        left, at = json.loads(self._notes.get(self._bucket) or f"[{_BUDGET}, {now}]")
        if at > now + _BUDGET_FULL_SECONDS:
            return _BUDGET  # the clock was set back
        filled: float = left + max(0.0, now - at) / _BUDGET_REFILL_SECONDS
        return min(_BUDGET, filled)

    def _taken_today(self, now: float) -> int:
        day, taken = json.loads(self._notes.get(self._today) or "[0, 0]")
        return int(taken) if day == _day(now) else 0


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


def _day(now: float) -> int:
    """Days in Shanghai since 1970."""
    return int((now + _SHANGHAI_OFFSET_SECONDS) // _DAY_SECONDS)
