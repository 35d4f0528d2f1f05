"""WeChat's hosts: which one is asked first."""

import time
from collections.abc import Callable, Sequence

_ASIDE_SECONDS = 30.0


class Hosts:
    """Hosts (scheme, name, port) that serve the same. Safe to share.

    For 30 s an unreachable host comes after the others, so that not every call waits for its connect timeout.
    """

    def __init__(self, hosts: Sequence[str], clock: Callable[[], float] = time.time) -> None:
        self._hosts = tuple(hosts)
        self._clock = clock
        self._unreachable_at: dict[str, float] = {}

    def in_order(self) -> list[str]:
        """All hosts, in the order in which to try them."""
        return sorted(self._hosts, key=self._is_aside)

    def unreachable(self, host: str) -> None:
        """Report that no connection to this host could be made."""
        self._unreachable_at[host] = self._clock()

    def reached(self, host: str) -> None:
        """Report a connection to this host."""
        self._unreachable_at.pop(host, None)

    def _is_aside(self, host: str) -> bool:
        unreachable_at = self._unreachable_at.get(host)
        # A clock that was set back keeps no host aside.
        return unreachable_at is not None and 0 <= self._clock() - unreachable_at < _ASIDE_SECONDS
