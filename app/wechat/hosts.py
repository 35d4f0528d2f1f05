"""Which of WeChat's hosts to ask first: one that could not be reached is set aside for a while."""

from collections.abc import Callable, Sequence


class Hosts:
    """WeChat's hosts in order of preference, shared by all threads. `clock` gives Unix seconds.

    Without this, each call would wait for the dead one's connect timeout again.
    """

    def __init__(self, hosts: Sequence[str], aside_seconds: float, clock: Callable[[], float]) -> None:
        self._hosts = tuple(hosts)
        self._aside_seconds = aside_seconds
        self._clock = clock
        self._unreachable_at: dict[str, float] = {}

    def in_order(self) -> list[str]:
        """All of them: those that are set aside come last, each part in its own order."""
        return sorted(self._hosts, key=self._is_aside)

    def set_aside(self, host: str) -> None:
        """`host` could not be reached."""
        self._unreachable_at[host] = self._clock()

    def take_back(self, host: str) -> None:
        """`host` was reached."""
        self._unreachable_at.pop(host, None)

    def _is_aside(self, host: str) -> bool:
        unreachable_at = self._unreachable_at.get(host)
        # A clock that was set back must not keep a host aside.
        return unreachable_at is not None and 0 <= self._clock() - unreachable_at < self._aside_seconds
