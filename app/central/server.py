"""The other central server, over HTTP: bounded in time and size, and silent about key and credentials."""

import time
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from ..accounts import PageUrl, is_loopback
from ..errors import CentralUnavailable, SettingsError, WeChatError, WeChatRefused
from ..settings import Settings
from ..wechat import Exchange, Issued, NoAnswer, Request, deadline
from .answers import meaning
from .doors import Door

_ALL_ADDRESSES = ("", "0.0.0.0", "::", "[::]")  # noqa: S104 -- compared with, not bound


class CentralServer:
    """Asks the central server at `url` (scheme, name, port). Safe to share. It is called directly, through no proxy.

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

    def current(self, door: Door, appid: str) -> Issued:
        """The account's current credential. Raises CentralUnavailable, CentralRefused, or what WeChat said there."""
        return self._ask(Request("GET", self.url + door.path, {"account": appid}, headers=self._headers()), door)

    def successor(self, door: Door, appid: str, rejected: str) -> Issued:
        """What comes after `rejected`, which WeChat refused; may be the same one. Raises as `current`."""
        body = {"rejected": rejected, "account": appid}
        request = Request("POST", f"{self.url}{door.path}/refresh", json=body, headers=self._headers())
        return self._ask(request, door, rejected)

    def probe(self, host: str) -> str | None:
        """The Date header of whatever `host` (scheme, name, port) answers to `GET /healthz`.

        Raises CentralUnavailable with the reason if it does not answer.
        """
        with deadline(self._deadline):
            try:
                return self._exchange.send(Request("GET", f"{host}/healthz")).headers.get("Date")
            except NoAnswer as error:
                reason = error.reason
        raise CentralUnavailable(reason)

    def _ask(self, request: Request, door: Door, *secrets: str) -> Issued:
        # Errors are raised outside of `except`: a chained one could keep what was received.
        outcome = self._outcome(request, door, *secrets)
        if isinstance(outcome, Issued):
            self._observe(door.path, 0)
            return outcome
        self._observe(door.path, outcome.errcode if isinstance(outcome, WeChatRefused) else None)
        raise outcome

    def _outcome(self, request: Request, door: Door, *secrets: str) -> Issued | WeChatError:
        try:
            with deadline(self._deadline):
                answer = self._exchange.send(request)
        except NoAnswer as error:
            why = error.reason if error.connected else "could not be reached"
            return CentralUnavailable(f"The central server {self.host}: {why}.")
        return meaning(answer, door, self.host, (self._key, *secrets))

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._key}", "Accept": "application/json"}


def check_central(settings: Settings, addresses: Iterable[object]) -> None:
    """Refuse a central server that is this server. `addresses`: (host, port) where it listens. Raises SettingsError."""
    if settings.central is None:
        return
    url = PageUrl.parse(settings.central.url)
    for address in addresses:
        if isinstance(address, tuple) and url.port == address[1] and _same_host(url.host, str(address[0])):
            raise SettingsError(["WECHAT_CENTRAL_URL: is this server itself; right is the one that asks WeChat"])


def _same_host(named: str, bound: str) -> bool:
    if bound in _ALL_ADDRESSES:
        return is_loopback(named)  # where other names lead is unknown here
    return named.strip("[]") == bound.strip("[]") or (named == "localhost" and is_loopback(bound))
