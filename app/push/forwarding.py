"""Passes a push on to the account's own server, as it came, and brings its answer back before WeChat gives up."""

import threading

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

from ..exceptions import PushNotForwarded
from ..wechat.deadline import DeadlineAdapter, deadline
from .reply import PLAIN_TEXT, Reply

_MOST_BYTES = 64 * 1024
_OK = 200


class Forwarder:
    """Sends to whatever URL the operator has set: private addresses too, no proxy, no redirect followed.

    An answer takes `deadline_seconds` at most, and no more than `places` are waited for at once: an account's slow
    server must not take the threads that others need. Safe to share: each thread has its own session.
    """

    def __init__(self, places: int, deadline_seconds: float) -> None:
        self._places = threading.BoundedSemaphore(places)
        self._deadline = deadline_seconds
        self._thread = threading.local()

    def forward(self, url: str, query: str, body: bytes, content_type: str) -> Reply:
        """The server's answer. Raises PushNotForwarded unless it is 200, whole and in time."""
        if not self._places.acquire(blocking=False):
            raise PushNotForwarded("Too many pushes are being forwarded.")
        try:
            with deadline(self._deadline):
                reply = self._exchange(_with_query(url, query), body, content_type)
        finally:
            self._places.release()
        if isinstance(reply, str):  # raised outside of `except`: the chain would hold the URL
            raise PushNotForwarded(f"The server at push_forward_url {reply}.")
        return reply

    def _exchange(self, url: str, body: bytes, content_type: str) -> Reply | str:
        """The answer, or what went wrong."""
        headers = {"Content-Type": content_type} if content_type else {}
        try:
            with self._session().post(
                url, body, headers=headers, timeout=self._deadline, allow_redirects=False, stream=True
            ) as response:
                content = response.raw.read(_MOST_BYTES + 1, decode_content=True)
        except (requests.Timeout, ReadTimeoutError, TimeoutError):
            return "did not answer in time"
        except (requests.RequestException, HTTPError, OSError) as error:
            return f"could not be reached ({type(error).__name__})"
        if response.status_code != _OK:
            return f"answered {response.status_code}"
        if len(content) > _MOST_BYTES:
            return "answered with more than 64 KB"
        return Reply(content, response.headers.get("Content-Type", PLAIN_TEXT))

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._thread, "session", None)
        if session is None:
            session = self._thread.session = requests.Session()
            session.trust_env = False
            session.mount("https://", DeadlineAdapter())
            session.mount("http://", DeadlineAdapter())
        return session


def _with_query(url: str, query: str) -> str:
    """WeChat's parameters, unchanged, behind those that the operator's URL has."""
    if not query:
        return url
    return f"{url}{'&' if '?' in url else '?'}{query}"
