"""Many callers at once, and what each was answered.

    call([check(server)] * 800, at_once=32)            each once, as fast as possible
    with calling(sign(server), check(server)) as load:     callers that repeat until the block ends
        ...                                            the test breaks something
    assert load.failed == []

Each request opens its own connection, so that any worker may get it.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.e2e.servers import DEADLINE_SECONDS, KEY, Server, eventually

_PAUSE_SECONDS = 0.06


@dataclass(frozen=True)
class Ask:
    """One request: a GET, or a POST of `given` as JSON. It carries the key of these tests."""

    url: str
    given: Mapping[str, object] | None = field(default=None, hash=False)


@dataclass(frozen=True)
class Answer:
    """The answer to `ask`; without one `status` is 0 and `body` says why."""

    ask: Ask
    status: int
    body: bytes
    retry_after: str | None = None

    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


def sign(server: Server) -> Ask:
    """The request of a page."""
    return Ask(f"{server.url}/api/jssdk/signature?" + urlencode({"url": f"{server.url}/page?a=1"}))


def check(server: Server, content: str = "hello") -> Ask:
    """The request of a mini program's backend."""
    return Ask(f"{server.url}/api/moderation/text", {"content": content})


def token(server: Server, account: str = "default") -> Ask:
    """The request of another business server."""
    return Ask(f"{server.url}/api/access_token?account={account}")


def call(asks: Sequence[Ask], *, at_once: int = 200) -> list[Answer]:
    """The answers to all requests, in their order."""
    with ThreadPoolExecutor(min(at_once, len(asks))) as pool:
        return list(pool.map(answer_to, asks))


def statuses(answers: Sequence[Answer]) -> set[int]:
    """The different status codes."""
    return {answer.status for answer in answers}


class Load:
    """Callers that repeat their requests, and the answers so far."""

    def __init__(self, asks: Sequence[Ask], callers: int, pause_seconds: float) -> None:
        self._pause_seconds = pause_seconds
        self.answers: list[Answer] = []
        self._calls = [0] * callers
        self._over = threading.Event()
        turns = [[*asks[number % len(asks) :], *asks[: number % len(asks)]] for number in range(callers)]
        self._threads = [threading.Thread(target=self._call, args=(n, turn)) for n, turn in enumerate(turns)]
        for thread in self._threads:
            thread.start()

    def go_on(self, calls: int = 8) -> None:
        """Wait until each caller has got `calls` more answers."""
        wanted = [made + calls for made in self._calls]
        eventually(lambda: all(map(int.__ge__, self._calls, wanted)), "each caller is answered")

    def go_on_until(self, condition: Callable[[], object], what: str) -> None:
        """Wait until the condition holds, then for a few more calls."""
        eventually(condition, what)
        self.go_on(3)

    def stop(self) -> None:
        """Wait for the last answers."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    @property
    def failed(self) -> list[Answer]:
        """The answers that report no success."""
        return [answer for answer in self.answers if answer.status not in (200, 202)]

    def _call(self, number: int, asks: Sequence[Ask]) -> None:
        while True:
            for ask in asks:
                self.answers.append(answer_to(ask))
                self._calls[number] += 1
                if self._over.wait(self._pause_seconds):
                    return


@contextmanager
def calling(*asks: Ask, callers: int = 12, pause_seconds: float = _PAUSE_SECONDS) -> Iterator[Load]:
    """Callers that send these requests in turn, with pauses, until the block ends."""
    load = Load(asks, callers, pause_seconds)
    try:
        yield load
    finally:
        load.stop()


def answer_to(ask: Ask) -> Answer:
    """Send one request on a new connection."""
    url = urlsplit(ask.url)
    connection = HTTPConnection(url.netloc, timeout=DEADLINE_SECONDS)
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json", "Connection": "close"}
    body = None if ask.given is None else json.dumps(ask.given)
    try:
        connection.request("GET" if body is None else "POST", f"{url.path}?{url.query}", body, headers)
        response = connection.getresponse()
        return Answer(ask, response.status, response.read(), response.headers["Retry-After"])
    except (OSError, HTTPException) as error:
        return Answer(ask, 0, repr(error).encode())
    finally:
        connection.close()
