"""WeChat's clock: another clock plus an offset that tests and the control plane move; it can stand still."""

from collections.abc import Callable

MAX_SECONDS = 2**32 - 1
"""Unix seconds that still fit a rid's eight hex digits (the year 2106)."""


class Clock:
    """Calling it returns the current Unix seconds; moving it does not move the clock it is based on."""

    def __init__(self, source: Callable[[], float], *, now: float | None = None, still: bool = False) -> None:
        """Begins at `now` instead of the source's time; raises ValueError outside of 1970 to 2106."""
        self._source = source
        self._start = now, still
        self.reset()

    def __call__(self) -> float:
        return self._offset + (0 if self._still else self._source())

    @property
    def still(self) -> bool:
        """Does it stand still?"""
        return self._still

    def advance(self, seconds: float) -> None:
        """Move by so many seconds; negative ones move it back. Raises ValueError outside of 1970 to 2106."""
        self.set(self() + seconds)

    def set(self, now: float) -> None:
        """Make it `now` (Unix seconds); it runs on from there. Raises ValueError outside of 1970 to 2106."""
        if not 0 <= now <= MAX_SECONDS:
            raise ValueError(f"the clock goes from 0 to {MAX_SECONDS} Unix seconds")
        self._offset = now - (0 if self._still else self._source())

    def hold(self, *, still: bool = True) -> None:
        """Stand still until it is moved, or run on from where it stands."""
        now = self()
        self._still = still
        self.set(now)

    def reset(self) -> None:
        """Back to the start."""
        now, still = self._start
        self._offset, self._still = 0.0, False
        if now is not None:
            self.set(now)
        if still:
            self.hold()
