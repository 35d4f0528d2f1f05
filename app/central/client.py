"""One account's credentials at the other central server, which is left alone while it refuses to give them."""

from collections.abc import Callable

from ..wechat import ENDPOINT_ERRORS, Cooldowns, Issued
from .doors import Door
from .server import CentralServer


class CentralClient:
    """Asks for one account. What a person has to mend, here or there, begins a cooldown of at most `wait_seconds`.

    Not for as long as WeChat's own words would make that server wait: once it is mended there, we are soon told.
    """

    def __init__(self, appid: str, server: CentralServer, cooldowns: Cooldowns, wait_seconds: float) -> None:
        self.host = server.host
        self._appid = appid
        self._server = server
        self._cooldowns = cooldowns
        self._wait_seconds = wait_seconds

    def current(self, door: Door) -> Issued:
        """The current credential. Raises what the server says, and CentralUnavailable."""
        return self._ask(door, lambda: self._server.current(door, self._appid))

    def successor(self, door: Door, rejected: str) -> Issued:
        """What comes after `rejected`, which WeChat refused; may be the same one. Raises as `current`."""
        return self._ask(door, lambda: self._server.successor(door, self._appid, rejected))

    def _ask(self, door: Door, ask: Callable[[], Issued]) -> Issued:
        self._cooldowns.check(door.path)
        try:
            return ask()
        except ENDPOINT_ERRORS as error:
            wait = min(error.retry_after or self._wait_seconds, self._wait_seconds)
            self._cooldowns.begin(door.path, error, waits=[wait])
            raise
