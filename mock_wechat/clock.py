"""WeChat's clock: another clock plus an offset that tests and the control plane move."""

from collections.abc import Callable

LAST_SECOND = 2**32 - 1
"""Unix seconds that still fit a rid's eight hex digits (the year 2106)."""


class Clock:
    """Calling it gives the current Unix seconds; moving it moves nobody else's clock."""

    def __init__(self, source: Callable[[], float]) -> None:
        self._source = source
        self._offset = 0.0

    def __call__(self) -> float:
        return self._source() + self._offset

    def advance(self, seconds: float) -> None:
        """Move by so many seconds; negative ones move it back. Raises ValueError outside of 1970 to 2106."""
        self.set(self() + seconds)

    def set(self, now: float) -> None:
        """Make it `now` (Unix seconds); it runs on from there. Raises ValueError outside of 1970 to 2106."""
        if not 0 <= now <= LAST_SECOND:
            raise ValueError(f"the clock goes from 0 to {LAST_SECOND} Unix seconds")
        self._offset = now - self._source()

    def reset(self) -> None:
        """Show the source's time again."""
        self._offset = 0.0
