"""Passes a push on to the account's own server, as it came, and brings its answer back before WeChat gives up."""

import threading
from collections.abc import Callable
from http import HTTPStatus

from ..exceptions import PushNotForwarded
from ..wechat.deadline import deadline
from ..wechat.exchange import Exchange, NoAnswer, Request
from .reply import PLAIN_TEXT, Reply

_MOST_BYTES = 64 * 1024


class Forwarder:
    """Sends to whatever URL the operator has set: private addresses too, no proxy, no redirect followed.

    An answer takes `deadline_seconds` at most, and no more than `places` are waited for at once: an account's slow
    server must not take the threads that others need. Safe to share.
    """

    def __init__(self, places: int, deadline_seconds: float, clock: Callable[[], float]) -> None:
        self._places = threading.BoundedSemaphore(places)
        self._deadline = deadline_seconds
        self._exchange = Exchange(deadline_seconds, deadline_seconds, clock=clock)

    def forward(self, url: str, query: str, body: bytes, content_type: str) -> Reply:
        """The server's answer. Raises PushNotForwarded unless it is 200, whole and in time."""
        if not self._places.acquire(blocking=False):
            raise PushNotForwarded("Too many pushes are being forwarded.")
        try:
            with deadline(self._deadline):
                headers = {"Content-Type": content_type} if content_type else {}
                reply = self._answer(Request("POST", _with_query(url, query), body=body, headers=headers))
        finally:
            self._places.release()
        if isinstance(reply, str):  # raised outside of `except`: the chain would hold the URL
            raise PushNotForwarded(f"The server at push_forward_url {reply}.")
        return reply

    def _answer(self, request: Request) -> Reply | str:
        """The answer, or what went wrong."""
        try:
            answer = self._exchange.send(request)
        except NoAnswer as failure:
            if not failure.connected:
                return "could not be reached"
            return "did not answer in time" if failure.late else "broke off its answer"
        if answer.status != HTTPStatus.OK:
            return f"answered {answer.status}"
        if len(answer.body) > _MOST_BYTES:
            return "answered with more than 64 KB"
        return Reply(answer.body, answer.headers.get("Content-Type", PLAIN_TEXT))


def _with_query(url: str, query: str) -> str:
    """WeChat's parameters, unchanged, behind those that the operator's URL has."""
    if not query:
        return url
    return f"{url}{'&' if '?' in url else '?'}{query}"
