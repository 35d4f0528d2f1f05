"""One HTTP request and its whole answer: bounded in time and size, with nothing taken from the surroundings."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from urllib3.exceptions import HTTPError

from .connections import BoundedAdapter
from .deadline import seconds_left
from .obstacles import is_late, never_connected, obstacle, was_stale

_MAX_ANSWER_BYTES = 1024 * 1024
_IDLE_SECONDS = 30.0
"""a connection that was not used for longer is not used again: WeChat and the NAT before it may have forgotten it"""


class NoAnswer(Exception):
    """Nothing usable came back; `reason` says why in a few words, without any URL."""

    def __init__(self, reason: str, *, connected: bool = True, late: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.connected = connected
        """whether the peer may have seen the request"""
        self.late = late
        """whether the answer, or the rest of it, did not come in time"""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, before it is sent."""

    method: str
    url: str = field(repr=False)
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Mapping[str, object] | None = field(default=None, repr=False)
    file: tuple[str, bytes, str] | None = field(default=None, repr=False)
    """filename, content, content type: sent as one part of a multipart form"""
    body: bytes | None = field(default=None, repr=False)
    """sent as it is, with a Content-Type among `headers`"""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    once: bool = False
    """sent on a new connection, so that nobody wonders whether an old one was dead, and never again"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object. Raises NoAnswer."""
        if len(self.body) > _MAX_ANSWER_BYTES:
            raise NoAnswer("more than 1 MB")
        try:
            # WeChat's is UTF-8 whatever the header says (WECHAT.md 0.16), at times with raw control characters (0.17).
            document = json.loads(self.body.decode("utf-8", "replace"), strict=False)
        except (ValueError, RecursionError):
            raise NoAnswer("the answer is not JSON") from None
        if isinstance(document, dict):
            return document
        raise NoAnswer("the answer is no JSON object")


class Exchange:
    """Sends requests; each takes no longer than the `deadline` of the block that it is in. Each thread has its session.

    No proxy, CA bundle or .netrc is taken from the surroundings, and no redirect is followed: another host has no
    business with what is sent. Times are in seconds; `clock` gives Unix seconds.
    """

    def __init__(
        self,
        connect_timeout_seconds: float,
        read_timeout_seconds: float,
        *,
        proxy: str | None = None,
        clock: Callable[[], float],
    ) -> None:
        self._connect_timeout = connect_timeout_seconds
        self._read_timeout = read_timeout_seconds
        self._proxy = proxy
        self._clock = clock
        self._thread = threading.local()

    def send(self, request: Request, connect_seconds: float = float("inf")) -> Answer:
        """The answer, read to its end; connecting takes `connect_seconds` at most. Raises NoAnswer."""
        # Raised outside of `except`: a chained requests exception would keep the URL, and with it the token.
        try:
            return self._received_alive(request, connect_seconds)
        except (requests.RequestException, HTTPError, OSError) as error:
            failure = _no_answer(error)
        raise failure

    def knock(self, url: str) -> str | None:
        """The Date header of whatever comes from there.

        Raises NoAnswer, which says what is in the way.
        """
        try:
            with self._session().get(
                url, timeout=(self._connect_timeout, self._read_timeout), allow_redirects=False, stream=True
            ) as response:
                return response.headers.get("Date")
        except (requests.RequestException, HTTPError, OSError) as error:
            in_the_way = obstacle(error)
        raise NoAnswer(in_the_way)

    def _received_alive(self, request: Request, connect_seconds: float) -> Answer:
        """Sent again, uncounted, where a kept connection was dead: WeChat closes idle ones (WECHAT.md 0.14)."""
        try:
            return self._received(request, connect_seconds)
        except requests.ConnectionError as error:
            if not was_stale(error) or request.once:
                raise
        return self._received(request, connect_seconds)

    def _received(self, request: Request, connect_seconds: float) -> Answer:
        document = None if request.json is None else json.dumps(request.json, ensure_ascii=False).encode()
        left = max(seconds_left(), 0.001)
        with self._session(new_connection=request.once).request(
            request.method,
            request.url,
            params=request.params,
            data=request.body if document is None else document,
            files={"media": request.file} if request.file else None,
            headers={**request.headers, **({"Content-Type": "application/json"} if document else {})},
            timeout=(min(self._connect_timeout, connect_seconds, left), min(self._read_timeout, left)),
            allow_redirects=False,
            stream=True,
        ) as response:
            content = response.raw.read(_MAX_ANSWER_BYTES + 1, decode_content=True)
            return Answer(response.status_code, response.headers, content)

    def _session(self, *, new_connection: bool = False) -> requests.Session:
        session: requests.Session | None = getattr(self._thread, "session", None)
        if session is None:
            session = self._thread.session = self._new_session()
        elif new_connection or not 0 <= self._clock() - self._thread.used_at < _IDLE_SECONDS:
            session.close()  # its connections; it opens others by itself
        self._thread.used_at = self._clock()
        return session

    def _new_session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        session.proxies = {"http": self._proxy, "https": self._proxy} if self._proxy else {}
        session.mount("https://", BoundedAdapter())
        session.mount("http://", BoundedAdapter())
        return session


def _no_answer(error: Exception) -> NoAnswer:
    if never_connected(error):
        return NoAnswer("could not be reached", connected=False)
    if is_late(error):
        return NoAnswer("no complete answer in time", late=True)
    return NoAnswer(f"the exchange broke off ({type(error).__name__})")
