"""One account's credentials at the other central server, with a cooldown after refusals."""

from collections.abc import Callable

from ..wechat import ENDPOINT_ERRORS, Cooldowns, Issued
from .answers import Endpoint
from .server import CentralServer


class CentralClient:
    """Asks for one account. An error that an operator has to mend, here or there, begins a cooldown.

    It lasts at most `wait_seconds`, also where WeChat makes that server wait longer, so that we soon learn when it is
    mended there.
    """

    def __init__(self, appid: str, server: CentralServer, cooldowns: Cooldowns, wait_seconds: float) -> None:
        self.host = server.host
        self._appid = appid
        self._server = server
        self._cooldowns = cooldowns
        self._wait_seconds = wait_seconds

    def current(self, endpoint: Endpoint) -> Issued:
        """The current credential. Raises CentralUnavailable, CentralRefused, or WeChat's error on that server."""
        return self._ask(endpoint, lambda: self._server.current(endpoint, self._appid))

    def successor(self, endpoint: Endpoint, rejected: str) -> Issued:
        """The successor of `rejected`, which WeChat refused; may be the same one. Raises as `current`."""
        return self._ask(endpoint, lambda: self._server.successor(endpoint, self._appid, rejected))

    def _ask(self, endpoint: Endpoint, ask: Callable[[], Issued]) -> Issued:
        self._cooldowns.check(endpoint.path)
        try:
            return ask()
        except ENDPOINT_ERRORS as error:
            wait = min(error.retry_after or self._wait_seconds, self._wait_seconds)
            self._cooldowns.begin(endpoint.path, error, waits=[wait])
            raise
