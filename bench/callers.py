"""Many callers at once, each with one text to check: `python -m bench.callers URL KEY NUMBER ROUND`.

Prints one JSON line: the number of answers with each status, and the seconds of the slowest one.
"""

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

_TIMEOUT_SECONDS = 30.0


class Callers:
    """The callers, in one process, and their results."""

    def __init__(self, url: str, key: str, round_: str) -> None:
        parts = urlsplit(url)
        self._host, self._path = parts.netloc, parts.path
        self._headers = {"Authorization": f"Bearer {key}"}
        self._round = round_
        self._lock = threading.Lock()
        self.statuses: Counter[str] = Counter()
        self.slowest = 0.0

    def call(self, number: int) -> None:
        """One caller, with a text of its own."""
        text = json.dumps({"content": f"text {number} of round {self._round}"})
        began = time.monotonic()
        with closing(HTTPConnection(self._host, timeout=_TIMEOUT_SECONDS)) as connection:
            connection.request("POST", self._path, text, self._headers)
            answer = connection.getresponse()
            answer.read()
        took = time.monotonic() - began
        with self._lock:
            self.statuses[str(answer.status)] += 1
            self.slowest = max(self.slowest, took)


def main(arguments: Sequence[str]) -> None:
    """Print the results once every caller has an answer."""
    url, key, number, round_ = arguments
    callers = Callers(url, key, round_)
    threads = [threading.Thread(target=callers.call, args=[one]) for one in range(int(number))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = {"statuses": callers.statuses, "slowest": callers.slowest}
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
