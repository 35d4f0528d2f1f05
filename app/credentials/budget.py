"""How many fetches refused credentials may cause."""

import json
from collections.abc import Callable

from ..stores import CLOCKS_DIFFER_SECONDS, Entries, Key
from ..wechat import day_in_shanghai

_FETCHES = 3.0
_REFILL_SECONDS = 20.0
_FETCHES_A_DAY = 300
_DAY_SECONDS = 86_400.0


class BudgetSpent(Exception):
    """Refusals have caused enough fetches for now."""


class Budget:
    """Three fetches, one more every 20 s, 300 a day, for all processes: a token bucket in the store.

    An endpoint that keeps answering 40001 cannot use up the day's quota of token calls (2,000; WECHAT.md 1.1), which
    starts anew at midnight in Shanghai. `public`: the budget of callers without a key, where a fetch that confirms the
    value unchanged does not count for the day. Only the lease holder writes it.
    """

    def __init__(self, key: Key, store: Entries, clock: Callable[[], float], *, public: bool = False) -> None:
        self._name = f"budget:{key.appid}:{key.credential}:{'public' if public else 'refused'}"
        self._public = public
        self._store = store
        self._clock = clock

    def left(self) -> int:
        """Number of fetches that may be taken now."""
        in_bucket, taken_today = self._read()
        return min(int(in_bucket), _FETCHES_A_DAY - taken_today)

    def taken_after(self, time: float) -> bool:
        """Whether a fetch was taken after this Unix time."""
        text = self._store.get(self._name)
        return text is not None and bool(json.loads(text)[1] > time)

    def take(self) -> None:
        """Take one fetch. Raises BudgetSpent."""
        if self.left() < 1:
            raise BudgetSpent
        in_bucket, taken_today = self._read()
        self._write(in_bucket - 1, taken_today + 1)

    def confirmed_unchanged(self) -> None:
        """Report that the fetch just taken returned the refused value again."""
        text = self._store.get(self._name)
        if self._public and text is not None:
            in_bucket, at, day, taken = json.loads(text)  # `at` stays, or `taken_after` would be true from now on
            self._store.put(self._name, json.dumps([in_bucket, at, day, max(0, taken - 1)]), _DAY_SECONDS)

    def _read(self) -> tuple[float, int]:
        """Fetches in the bucket now, and those taken today."""
        now = self._clock()
        in_bucket, at, day, taken = json.loads(self._store.get(self._name) or f"[{_FETCHES}, {now}, 0, 0]")
        if at > now + CLOCKS_DIFFER_SECONDS:  # the clock was set back
            in_bucket = _FETCHES
        in_bucket += max(0.0, now - at) / _REFILL_SECONDS
        return min(_FETCHES, in_bucket), taken if day == day_in_shanghai(now) else 0

    def _write(self, in_bucket: float, taken_today: int) -> None:
        now = self._clock()
        self._store.put(self._name, json.dumps([in_bucket, now, day_in_shanghai(now), taken_today]), _DAY_SECONDS)
