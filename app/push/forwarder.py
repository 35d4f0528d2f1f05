"""Forward a push unchanged to the account's own server and return its answer before WeChat gives up."""

import logging
import threading
from collections.abc import Callable
from http import HTTPStatus

from ..wechat import Exchange, NoAnswer, Request, deadline
from .errors import PushNotForwarded
from .message import PLAIN_TEXT, SUCCESS, Reply

_MOST_BYTES = 64 * 1024

_log = logging.getLogger(__name__)


class Forwarder:
    """Sends to any URL that the operator has set: private addresses too, without proxy and redirects.

    An answer takes `deadline_seconds` at most. At most `places` threads wait for answers at once: a slow server of one
    account must not take the threads that others need. Safe to share between threads.
    """

    def __init__(self, places: int, deadline_seconds: float, clock: Callable[[], float]) -> None:
        self._places = threading.BoundedSemaphore(places)
        self._deadline = deadline_seconds
        self._exchange = Exchange(deadline_seconds, deadline_seconds, clock=clock)

    def forward(self, url: str, query: str, body: bytes, content_type: str) -> Reply:
        """Return the server's answer, or `success` where it refuses the push (4xx): WeChat's retries would not help.

        Raises PushNotForwarded for any other status than 200 and for an answer that is late or cut off.
        """
        if not self._places.acquire(blocking=False):
            raise PushNotForwarded("Too many pushes are being forwarded.")
        try:
            with deadline(self._deadline):
                headers = {"Content-Type": content_type} if content_type else {}
                answer = self._exchange.send(Request("POST", _with_query(url, query), body=body, headers=headers))
        except NoAnswer as failure:  # has no URL
            what = "did not answer in time" if failure.late else "broke off its answer"
            raise _failed(what if failure.connected else "could not be reached") from None
        finally:
            self._places.release()
        if HTTPStatus.BAD_REQUEST <= answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            _log.error("push refused by push_forward_url: status=%d", answer.status)
            return SUCCESS
        if answer.status != HTTPStatus.OK:
            raise _failed(f"answered {answer.status}")
        if len(answer.body) > _MOST_BYTES:
            raise _failed("answered with more than 64 KB")
        return Reply(answer.body, answer.headers.get("Content-Type", PLAIN_TEXT))


def _failed(what: str) -> PushNotForwarded:
    return PushNotForwarded(f"The server at push_forward_url {what}.")


def _with_query(url: str, query: str) -> str:
    """Append WeChat's parameters, unchanged, to those of the operator's URL."""
    if not query:
        return url
    return f"{url}{'&' if '?' in url else '?'}{query}"
