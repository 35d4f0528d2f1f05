"""How many fetches refused credentials may cause."""

import json
from collections.abc import Callable

from ..stores import Entries, Key

_FETCHES = 3.0
_REFILL_SECONDS = 20.0
_FULL_SECONDS = _FETCHES * _REFILL_SECONDS
_FETCHES_A_DAY = 300
_SHANGHAI_OFFSET_SECONDS = 8 * 3600
_DAY_SECONDS = 86_400.0


class BudgetSpent(Exception):
    """Refusals have caused enough fetches for now."""


class Budget:
    """Three fetches, one more every 20 s, 300 a day, for all processes: a token bucket in the store.

    An endpoint that keeps answering 40001 cannot use up the day's quota of token calls (2,000; WECHAT.md 1.1), which
    begins anew at midnight in Shanghai. Only the lease holder takes from it.
    """

    def __init__(self, key: Key, store: Entries, clock: Callable[[], float], *, kind: str = "refused") -> None:
        self._bucket = f"budget:{key.appid}:{key.credential}:{kind}"
        self._day = f"budget-day:{key.appid}:{key.credential}:{kind}"
        self._store = store
        self._clock = clock

    def left(self) -> int:
        """How many fetches may be taken now."""
        return min(int(self._in_bucket()), _FETCHES_A_DAY - self._taken_today())

    def check(self) -> None:
        """Raise BudgetSpent if none is left."""
        if self.left() < 1:
            raise BudgetSpent

    def take(self) -> None:
        """Take one fetch. Raises BudgetSpent."""
        self.check()
        self._store.put(self._bucket, json.dumps([self._in_bucket() - 1, self._clock()]), _FULL_SECONDS)
        self._put_taken_today(self._taken_today() + 1)

    def give_back(self) -> None:
        """WeChat confirmed the value unchanged: that does not count for the day."""
        self._put_taken_today(max(0, self._taken_today() - 1))

    def _in_bucket(self) -> float:
        now = self._clock()
        left, at = json.loads(self._store.get(self._bucket) or f"[{_FETCHES}, {now}]")
        if at > now + _FULL_SECONDS:
            return _FETCHES  # the clock was set back
        refilled: float = left + max(0.0, now - at) / _REFILL_SECONDS
        return min(_FETCHES, refilled)

    def _taken_today(self) -> int:
        day, taken = json.loads(self._store.get(self._day) or "[0, 0]")
        return int(taken) if day == self._today() else 0

    def _put_taken_today(self, taken: int) -> None:
        self._store.put(self._day, json.dumps([self._today(), taken]), _DAY_SECONDS)

    def _today(self) -> int:
        """Days in Shanghai since 1970."""
        return int((self._clock() + _SHANGHAI_OFFSET_SECONDS) // _DAY_SECONDS)
