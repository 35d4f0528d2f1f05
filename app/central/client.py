"""One account's credentials at the other central server, which is left alone while it refuses to give them."""

from collections.abc import Callable

from ..exceptions import CentralRefused, ConfigurationRefused, DayLimitReached
from ..holds import Holds
from ..wechat import Issued
from .doors import Door
from .server import CentralServer


class CentralClient:
    """Asks for one account. What a person has to mend, here or there, is remembered for `hold_seconds` at most.

    Not for as long as WeChat's own words would make that server wait: once it is mended there, we are soon told.
    """

    def __init__(self, appid: str, server: CentralServer, holds: Holds, hold_seconds: float) -> None:
        self.host = server.host
        self._appid = appid
        self._server = server
        self._holds = holds
        self._hold_seconds = hold_seconds

    def check(self, door: Door) -> None:
        """Raise the remembered error, if there is one."""
        self._holds.check(door.path)

    def current(self, door: Door) -> Issued:
        """The current credential. Raises what the server says, and CentralUnavailable."""
        return self._held(door, lambda: self._server.current(door, self._appid))

    def successor(self, door: Door, rejected: str) -> Issued:
        """What comes after `rejected`, which WeChat refused; may be the same one. Raises as `current`."""
        return self._held(door, lambda: self._server.successor(door, self._appid, rejected))

    def _held(self, door: Door, ask: Callable[[], Issued]) -> Issued:
        self.check(door)
        try:
            return ask()
        except (CentralRefused, ConfigurationRefused, DayLimitReached) as error:
            error.retry_after = min(error.retry_after or self._hold_seconds, self._hold_seconds)
            self._holds.keep(door.path, error, error.retry_after)
            raise
