"""Many callers at once, in processes of their own: what each was answered, and how long that took.

    callers.call([Ask(f"{server.url}/healthz")] * 800)                          each once, as fast as it goes
    run = callers.start([Ask(f"{server.url}/healthz")] * 200, seconds=8)        200 callers, again and again
    ...                                                                         what the test does meanwhile
    answers = run.answers()

Each request opens a connection of its own, so that it may meet any worker. The fixture `callers` has the processes.
"""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import chain
from multiprocessing import get_context
from typing import Any
from urllib.parse import urlsplit

from tests.e2e.servers import DEADLINE_SECONDS, KEY


@dataclass(frozen=True)
class Ask:
    """One request: a GET, or a POST of `given` as JSON. It carries the key of these tests."""

    url: str
    given: Mapping[str, object] | None = field(default=None, hash=False)


@dataclass(frozen=True)
class Answer:
    """What came back for `ask`; `status` is 0 if nothing did. `at` is Unix seconds, when it was sent."""

    ask: Ask
    status: int
    at: float
    seconds: float
    body: bytes = b""
    retry_after: str | None = None

    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


class Run:
    """Calls that are being made."""

    def __init__(self, shares: Sequence[Future[list[Answer]]]) -> None:
        self._shares = shares

    def answers(self) -> list[Answer]:
        """Wait for all of them."""
        return list(chain.from_iterable(share.result() for share in self._shares))


class Callers:
    """Processes that wait to be told what to ask. A context manager."""

    def __init__(self, processes: int = 2) -> None:
        self._processes = processes
        self._pool = ProcessPoolExecutor(processes, get_context("spawn"))
        self.call([])  # now they are there: no test waits for them

    def __enter__(self) -> "Callers":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def start(self, asks: Sequence[Ask], *, together: int = 200, seconds: float = 0, pause: float = 0) -> Run:
        """Ask each once, `together` at a time. With `seconds`: each is a caller that goes on asking for so long.

        It rests `pause` seconds between two questions, where all begin at different times.
        """
        limit = max(len(asks), self._processes) if seconds else together
        threads = -(-limit // self._processes)
        shares = [asks[number :: self._processes] for number in range(self._processes)]
        return Run([self._pool.submit(_make, share, threads, seconds, pause) for share in shares])

    def call(self, asks: Sequence[Ask], *, together: int = 200) -> list[Answer]:
        """Ask each once, and wait for the answers."""
        return self.start(asks, together=together).answers()


def statuses(answers: Iterable[Answer]) -> set[int]:
    """Which there are."""
    return {answer.status for answer in answers}


def slowest(answers: Iterable[Answer]) -> float:
    """Seconds."""
    return max(answer.seconds for answer in answers)


def _make(asks: Sequence[Ask], threads: int, seconds: float, pause: float) -> list[Answer]:
    ends_at = time.monotonic() + seconds
    with ThreadPoolExecutor(threads) as pool:
        answers = [pool.submit(_repeat, ask, ends_at, pause, pause * n / len(asks)) for n, ask in enumerate(asks)]
        return list(chain.from_iterable(future.result() for future in answers))


def _repeat(ask: Ask, ends_at: float, pause: float, first_pause: float) -> list[Answer]:
    time.sleep(first_pause)
    answers = [_answer(ask)]
    while time.monotonic() + pause < ends_at:
        time.sleep(pause)
        answers.append(_answer(ask))
    return answers


def _answer(ask: Ask) -> Answer:
    at, started = time.time(), time.monotonic()
    url = urlsplit(ask.url)
    connection = HTTPConnection(url.netloc, timeout=DEADLINE_SECONDS)
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json", "Connection": "close"}
    body = None if ask.given is None else json.dumps(ask.given)
    try:
        connection.request("GET" if body is None else "POST", f"{url.path}?{url.query}", body, headers)
        response = connection.getresponse()
        content = response.read()
    except (OSError, HTTPException) as error:
        return Answer(ask, 0, at, time.monotonic() - started, repr(error).encode())
    finally:
        connection.close()
    return Answer(ask, response.status, at, time.monotonic() - started, content, response.headers["Retry-After"])
