"""WeChat's clock: another clock plus an offset that tests and the control plane move; it can stand still."""

from collections.abc import Callable

MAX_SECONDS = 2**32 - 1
"""Unix seconds that still fit a rid's eight hex digits (the year 2106)."""


class Clock:
    """Call it for the current Unix seconds; `still` if it stands still. Moving it does not move its source."""

    def __init__(self, source: Callable[[], float], *, now: float | None = None, still: bool = False) -> None:
        """Begins at `now` instead of the source's time. Raises ValueError outside 1970 to 2106."""
        self._source = source
        self._initial = now, still
        self.reset()

    def __call__(self) -> float:
        return self._offset + (0 if self.still else self._source())

    def advance(self, seconds: float) -> None:
        """Move by `seconds`, back if negative. Raises ValueError outside 1970 to 2106."""
        self.set(self() + seconds)

    def set(self, now: float) -> None:
        """Set to `now` (Unix seconds) and run on. Raises ValueError outside 1970 to 2106."""
        if not 0 <= now <= MAX_SECONDS:
            raise ValueError(f"the clock goes from 0 to {MAX_SECONDS} Unix seconds")
        self._offset = now - (0 if self.still else self._source())

    def set_still(self, *, still: bool = True) -> None:
        """Stop until it is moved, or run on from the current time."""
        now = self()
        self.still = still
        self.set(now)

    def reset(self) -> None:
        """Restore the initial time and mode."""
        now, still = self._initial
        self._offset, self.still = 0.0, False
        if now is not None:
            self.set(now)
        if still:
            self.set_still()
