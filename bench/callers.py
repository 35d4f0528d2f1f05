"""Many callers at once, each with one text to check: `python -m bench.callers URL KEY NUMBER SECONDS`.

Whoever is told to come back does so after Retry-After. Prints one JSON line: how often each status came, how many of
the callers have their verdict, and how long the slowest single answer took, in seconds.
"""

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection
from urllib.parse import urlsplit

_PATIENCE_SECONDS = 30.0


class Callers:
    """All of them, in one process."""

    def __init__(self, url: str, key: str, seconds: float) -> None:
        parts = urlsplit(url)
        self._host, self._path = parts.netloc, parts.path
        self._headers = {"Authorization": f"Bearer {key}"}
        self._ends_at = time.monotonic() + seconds
        self._lock = threading.Lock()
        self.statuses: Counter[str] = Counter()
        self.served = 0
        self.slowest = 0.0

    def call(self, number: int) -> None:
        """One caller's day."""
        with closing(HTTPConnection(self._host, timeout=_PATIENCE_SECONDS)) as connection:
            while time.monotonic() < self._ends_at:
                wait = self._ask(connection, f"text number {number}")
                if wait is None:
                    return
                time.sleep(wait)

    def _ask(self, connection: HTTPConnection, text: str) -> float | None:
        """Seconds until the next try; None after a verdict."""
        began = time.monotonic()
        connection.request("POST", self._path, json.dumps({"content": text}), self._headers)
        answer = connection.getresponse()
        answer.read()
        took = time.monotonic() - began
        with self._lock:
            self.statuses[str(answer.status)] += 1
            self.slowest = max(self.slowest, took)
            self.served += answer.status == HTTPStatus.OK
        return None if answer.status == HTTPStatus.OK else float(answer.headers.get("Retry-After", 1))


def main(arguments: Sequence[str]) -> None:
    """Returns when all have their verdict, or the time is over."""
    url, key, number, seconds = arguments
    callers = Callers(url, key, float(seconds))
    threads = [threading.Thread(target=callers.call, args=[one]) for one in range(int(number))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = {"statuses": callers.statuses, "served": callers.served, "slowest": callers.slowest}
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
