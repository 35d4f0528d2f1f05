"""What failed fetches leave behind: until when WeChat is left alone, by all nodes or by those behind one address."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Literal

from ..credential import Key, Notes
from ..exceptions import WeChatError, WeChatUnavailable
from ..failures import Failure, Failures
from ..timing import Timing

Kind = Literal["pause", "retry"]
"""of a credential that is missing or refused; of one that is still good"""


class Setbacks:
    """The failures of fetching one credential.

    What WeChat said holds for everybody. That it said nothing may be the trouble of our own network: it holds for the
    nodes with this `egress`, and the others go on.
    """

    def __init__(
        self, key: Key, notes: Notes, *, egress: str, timing: Timing, clock: Callable[[], float], random: Random
    ) -> None:
        self._key = key
        self._egress = egress
        self._timing = timing
        self._clock = clock
        self._random = random
        self._failures = Failures(notes, clock)

    def check(self) -> None:
        """Raise the error that callers get while no fetch is made for them."""
        pause = self._last("pause")
        if pause and self._clock() < pause.until:
            raise pause.error(self._clock())

    def pause(self, error: WeChatError) -> None:
        """After a failed fetch of a missing or refused credential; `error` then says how long to wait."""
        pause = self._remember("pause", error, self._timing.pause_seconds)
        error.retry_after = pause.until - self._clock()

    def put_off(self, error: WeChatError, latest: float = float("inf")) -> float:
        """After a failed refresh of a valid credential: when to try again, at the `latest` then (Unix seconds)."""
        stretch = self._random.uniform(0.8, 1.2)
        return self._remember("retry", error, self._timing.retry_seconds, stretch, latest).until

    def put_off_until(self) -> float:
        """When a refresh of a valid credential may be tried; long ago if nothing is in its way."""
        retry = self._last("retry")
        return retry.until if retry else 0.0

    def last(self) -> Failure | None:
        """The last failure from here, if it was lately; `until` is when the next fetch may be tried."""
        return self._last("pause") or self._last("retry")

    def forget(self) -> None:
        """A fetch succeeded from here."""
        for name in (*self._names("pause"), *self._names("retry")):
            self._failures.forget(name)

    def _last(self, kind: Kind) -> Failure | None:
        failures = [failure for name in self._names(kind) if (failure := self._failures.last(name))]
        return max(failures, key=lambda failure: failure.until, default=None)

    def _remember(
        self,
        kind: Kind,
        error: WeChatError,
        waits: Sequence[float],
        stretch: float = 1.0,
        latest: float = float("inf"),
    ) -> Failure:
        everywhere, here = self._names(kind)
        name = here if isinstance(error, WeChatUnavailable) else everywhere
        return self._failures.remember(name, error, waits, stretch=stretch, latest=latest)

    def _names(self, kind: Kind) -> tuple[str, str]:
        everywhere = f"{kind}:{self._key.appid}:{self._key.credential}"
        return everywhere, f"{everywhere}:{self._egress}"
