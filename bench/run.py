"""One run of the benchmarks: where and how long to measure, and rounds of load by wrk."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple, Self

from .contestants import Server
from .noise import Noise
from .processes import Void, http, pinned
from .report import Report, ratio

_SCRIPT = Path(__file__).with_name("load.lua")
_SLACK_SECONDS = 10.0  # for wrk to connect and disconnect


class Round(NamedTuple):
    """The results of one round."""

    rate: float
    """requests per second"""
    p99: float
    """of the latency, in milliseconds"""
    requests: int

    @classmethod
    def parse(cls, output: str) -> Self:
        """Read the output of wrk with load.lua. Raises Void on answers with an error status and on socket errors."""
        found = json.loads(output.splitlines()[-1])
        faults = [f"{found[kind]} {kind}" for kind in ("status", "connect", "read", "write", "timeout") if found[kind]]
        if faults:
            raise Void(f"Requests failed under load: {', '.join(faults)}.")
        return cls(found["requests"] / found["seconds"], found["p99_ms"], found["requests"])


@dataclass(frozen=True, slots=True)
class Run:
    """`folder` is new for each measurement; a round lasts `seconds`."""

    folder: Path
    rounds: int
    seconds: int
    server_core: int
    load_core: int
    noise: Noise

    def load(self, server: Server, core: int, *, connections: int = 4, seconds: int = 0, body: str = "") -> Round:
        """Request the server's URL over `connections`, as fast as the answers come. Raises Void if one fails.

        With a `body`, which is JSON, the requests are POST.
        """
        seconds = seconds or self.seconds
        wrk = ["wrk", "--threads=1", f"--connections={connections}", f"--duration={seconds}s", f"--script={_SCRIPT}"]
        command, limit = pinned([*wrk, server.url, "--", *([body] if body else [])], core), seconds + _SLACK_SECONDS
        with self.noise.watched():
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=limit)
        return Round.parse(done.stdout)

    def disturbed(self, what: str, server: Server, core: int, disturb: Callable[[int], Callable[[], object]]) -> Report:
        """The 99th percentile of the latency while disturbed and idle, in turn. What `disturb` returns ends it."""
        idle, meanwhile = [], []
        self.load(server, core, seconds=1)
        for number in range(self.rounds):
            idle.append(self.load(server, core).p99)
            end = disturb(number)
            meanwhile.append(self.load(server, core).p99)
            end()
        rows = [("p99, ms", "idle", "meanwhile"), (what, f"{median(idle):.1f}", f"{median(meanwhile):.1f}")]
        return Report(rows, [ratio(f"p99 {what} / idle", meanwhile, idle, most=1.2)])


def json_of(url: str) -> Any:
    """The JSON at `url`. Raises Void."""
    answer = http.get(url, timeout=10)
    if answer.status_code != 200:
        raise Void(f"{url} answers {answer.status_code}: {answer.text[:500]}")
    return answer.json()


def calls(wechat: str, path: str = "") -> int:
    """The number of calls to `path` that the mock has received; without a path, of all calls."""
    return sum(path in ("", call["path"]) for call in json_of(f"{wechat}/_mock/calls")["calls"])


def make_slow(wechat: str, path: str, seconds: int) -> None:
    """Let the mock answer calls to `path` late from now on."""
    slow = {"path": path, "times": None, "delay_seconds": seconds}
    http.post(f"{wechat}/_mock/faults", json=slow, timeout=10).raise_for_status()
