"""Callers that go on in the background while a test breaks something: what each of them got, and how fast."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode, urlsplit

from mock_wechat import MINI, OFFICIAL, Limit
from tests.e2e.servers import DEADLINE_SECONDS, KEY, Server, eventually

_HEADERS = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json", "Connection": "close"}
UNLIMITED = (OFFICIAL, replace(MINI, limits={"/wxa/msg_sec_check": Limit()}))
"""the mock's accounts: on a fast machine the callers check more texts than WeChat takes in a minute"""

_CALLERS = 12
_PAUSE_SECONDS = 0.02

Request = tuple[str, str, str | None]
"""method, path with query, body"""


@dataclass(frozen=True)
class Answer:
    """What one caller got: `status` 0 is no answer, and `text` says why. `seconds` from connecting to the end."""

    path: str
    status: int
    text: str
    seconds: float

    @property
    def good(self) -> bool:
        """A signature, a verdict of WeChat's, a credential."""
        return self.status == 200


@dataclass
class Traffic:
    """The answers so far."""

    answers: list[Answer] = field(default_factory=list)

    def go_on(self, seconds: float) -> None:
        """Let the callers call for so long, and until as many calls as there are callers are answered in that time."""
        began, before = time.monotonic(), len(self.answers)
        eventually(
            lambda: time.monotonic() - began > seconds and len(self.answers) > before + _CALLERS, "callers are answered"
        )

    def go_on_until(self, condition: Callable[[], object], what: str) -> None:
        """Let the callers call until something has happened, and a little longer."""
        eventually(condition, what)
        self.go_on(0.2)

    @property
    def failed(self) -> list[Answer]:
        """Who did not get what was asked for."""
        return [answer for answer in self.answers if not answer.good]


def sign(server: Server) -> Request:
    """What a page asks for."""
    return "GET", "/api/jssdk/signature?" + urlencode({"url": f"{server.url}/page?a=1"}), None


def check(_server: Server) -> Request:
    """What a mini program's backend asks for."""
    return "POST", "/api/moderation/text", json.dumps({"content": "hello"})


def token(_server: Server) -> Request:
    """What another business server asks for."""
    return "GET", "/api/access_token", None


EVERYTHING = (sign, check, token)


@contextmanager
def traffic(*servers: Server, calls: Sequence[Callable[[Server], Request]] = EVERYTHING) -> Iterator[Traffic]:
    """Callers that call each server in turn, with a connection for each request, until the block ends.

    When the block is entered, every kind of call has been answered well by every server.
    """
    requests = [(server, call(server)) for server in servers for call in calls]
    for server, request in requests:
        first = ask(server, request)
        assert first.good, first
    under_way, stopping = Traffic(), threading.Event()
    threads = [
        threading.Thread(target=_call, args=(requests[n:] + requests[:n], under_way, stopping)) for n in range(_CALLERS)
    ]
    for thread in threads:
        thread.start()
    try:
        yield under_way
    finally:
        stopping.set()
        for thread in threads:
            thread.join()


def ask(server: Server, request: Request) -> Answer:
    """One call, with a connection of its own."""
    method, path, body = request
    began = time.monotonic()
    connection = HTTPConnection(urlsplit(server.url).netloc, timeout=DEADLINE_SECONDS)
    try:
        connection.request(method, path, body, _HEADERS)
        response = connection.getresponse()
        status, text = response.status, response.read().decode()
    except (OSError, HTTPException) as error:
        status, text = 0, repr(error)
    finally:
        connection.close()
    return Answer(path.partition("?")[0], status, text, time.monotonic() - began)


def _call(requests: Sequence[tuple[Server, Request]], under_way: Traffic, stopping: threading.Event) -> None:
    while True:
        for server, request in requests:
            under_way.answers.append(ask(server, request))
            if stopping.wait(_PAUSE_SECONDS):
                return
