"""The other central server, over HTTP: bounded in time and size; no error holds key or credentials."""

import time
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from ..accounts import PageUrl, is_loopback
from ..errors import CentralUnavailable, SettingsError, WeChatError, WeChatRefused
from ..settings import Settings
from ..wechat import ENDPOINT_ERRORS, Cooldowns, Exchange, Issued, NoAnswer, Request, deadline
from .answers import Endpoint, meaning

_ALL_ADDRESSES = ("", "0.0.0.0", "::", "[::]")  # noqa: S104 -- compared with, not bound


class CentralServer:
    """Asks the central server at `url` (scheme, name, port). Safe to share. No proxy is used.

    Times are in seconds; `deadline_seconds` bounds a request over all its bytes.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        connect_timeout_seconds: float = 3,
        read_timeout_seconds: float = 5,
        deadline_seconds: float = 10,
        observe: Callable[[str, int | None], None] = lambda _path, _errcode: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.url = url
        self.host = urlsplit(url).netloc
        self._key = key
        self._exchange = Exchange(connect_timeout_seconds, read_timeout_seconds, clock=clock)
        self._deadline = deadline_seconds
        self._observe = observe

    def current(self, endpoint: Endpoint, appid: str) -> Issued:
        """The account's current credential. Raises CentralUnavailable, CentralRefused, or WeChat's error there."""
        return self._ask(
            Request("GET", self.url + endpoint.path, {"account": appid}, headers=self._headers()), endpoint
        )

    def successor(self, endpoint: Endpoint, appid: str, rejected: str) -> Issued:
        """The successor of `rejected`, which WeChat refused; may be the same one. Raises as `current`."""
        body = {"rejected": rejected, "account": appid}
        request = Request("POST", f"{self.url}{endpoint.path}/refresh", json=body, headers=self._headers())
        return self._ask(request, endpoint, rejected)

    def probe(self, host: str) -> str | None:
        """The Date header of the answer of `host` (scheme, name, port) to `GET /healthz`.

        Raises CentralUnavailable with the reason if it does not answer.
        """
        with deadline(self._deadline):
            try:
                return self._exchange.send(Request("GET", f"{host}/healthz")).headers.get("Date")
            except NoAnswer as error:
                reason = error.reason
        raise CentralUnavailable(reason)

    def _ask(self, request: Request, endpoint: Endpoint, *secrets: str) -> Issued:
        # Errors are raised outside of `except`: a chained one could keep what was received.
        outcome = self._outcome(request, endpoint, *secrets)
        if isinstance(outcome, Issued):
            self._observe(endpoint.path, 0)
            return outcome
        self._observe(endpoint.path, outcome.errcode if isinstance(outcome, WeChatRefused) else None)
        raise outcome

    def _outcome(self, request: Request, endpoint: Endpoint, *secrets: str) -> Issued | WeChatError:
        try:
            with deadline(self._deadline):
                answer = self._exchange.send(request)
        except NoAnswer as error:
            why = error.reason if error.connected else "could not be reached"
            return CentralUnavailable(f"The central server {self.host}: {why}.")
        return meaning(answer, endpoint, self.host, (self._key, *secrets))

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._key}", "Accept": "application/json"}


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


def check_central(settings: Settings, addresses: Iterable[object]) -> None:
    """Refuse a central server that is this server. `addresses`: (host, port) where it listens. Raises SettingsError."""
    if settings.central is None:
        return
    url = PageUrl.parse(settings.central[0])
    for address in addresses:
        if isinstance(address, tuple) and url.port == address[1] and _same_host(url.host, str(address[0])):
            raise SettingsError(["WECHAT_CENTRAL_URL: is this server itself; right is the one that asks WeChat"])


def _same_host(named: str, bound: str) -> bool:
    if bound in _ALL_ADDRESSES:
        return is_loopback(named)  # other names are not resolved
    return named.strip("[]") == bound.strip("[]") or (named == "localhost" and is_loopback(bound))
