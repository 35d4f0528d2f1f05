"""Signatures while WeChat takes its time over checks: `python -m bench.slow_checks`.

200 callers come at once, each with one text, and WeChat takes 2 s for a check. The signature door is measured idle and
then, in the same run, meanwhile: the ratio of its 99th percentiles is the result.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .contestants import OURS, Server, mock, serving
from .load import Round, load
from .processes import http, workers_mebibytes
from .signatures import Void

_CALLERS = 200
_CHECK_SECONDS = 2
_KEY = "bench-key-that-opens-moderation"
_CONNECTIONS = 4
_MODERATING = {
    "WECHAT_MINI_APPID": "wx0000000000000002",
    "WECHAT_MINI_SECRET": "mock-mini-secret",
    "WECHAT_API_KEYS": f"bench={_KEY}",
}


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured in one run."""

    idle: list[Round]
    meanwhile: list[Round]
    callers: list[dict[str, Any]]
    """what bench.callers prints, for each round"""
    most_at_once: int
    """checks that WeChat had under way together"""
    mebibytes: float

    @property
    def ratio(self) -> float:
        """Of the 99th percentiles, the middle ones of their rounds."""
        return _p99(self.meanwhile) / _p99(self.idle)

    @property
    def statuses(self) -> Counter[str]:
        """How often the callers got each."""
        return sum((Counter(one["statuses"]) for one in self.callers), Counter())

    def lines(self) -> str:
        """For people."""
        rows = [
            ("signature p99, ms, idle", f"{_p99(self.idle):.1f}"),
            ("signature p99, ms, meanwhile", f"{_p99(self.meanwhile):.1f}"),
            ("ratio (must be <= 2)", f"{self.ratio:.2f}"),
            ("answers to the callers", ", ".join(f"{number} x {status}" for status, number in self.statuses.items())),
            ("slowest of them, s", f"{max(one['slowest'] for one in self.callers):.2f}"),
            ("checks at WeChat at once (must be <= 24)", str(self.most_at_once)),
            ("memory of the worker, MiB", f"{self.mebibytes:.1f}"),
        ]
        return "\n".join(f"{name:<42}{value}" for name, value in rows)


def measure(folder: Path, *, rounds: int, seconds: int, cores: tuple[int, int]) -> Result:
    """Server on the first of two cores; load, probe and mock, each a process of its own, on the second."""
    ours = replace(OURS, environment={**OURS.environment, **_MODERATING})
    with ExitStack() as stack:
        wechat = stack.enter_context(mock(folder, cores[1]))
        server = stack.enter_context(serving(ours, wechat, folder, cores[0]))
        load(server.url, seconds=1, connections=_CONNECTIONS, core=cores[1])
        idle = [_probe(server, seconds, cores[1]) for _ in range(rounds)]
        slow = {"path": "/wxa/msg_sec_check", "times": None, "delay_seconds": _CHECK_SECONDS}
        http.post(f"{wechat}/_mock/faults", json=slow, timeout=10).raise_for_status()
        crowded = [_crowded(server, number, seconds, cores[1]) for number in range(rounds)]
        meanwhile, found = zip(*crowded, strict=True)
        return Result(idle, list(meanwhile), list(found), _most_at_once(wechat), workers_mebibytes(server.process))


def _crowded(server: Server, number: int, seconds: int, core: int) -> tuple[Round, dict[str, Any]]:
    callers = _callers(server, number, core)
    one = _probe(server, seconds, core)
    return one, json.loads(callers.communicate(timeout=60)[0])


def _callers(server: Server, number: int, core: int) -> "subprocess.Popen[bytes]":
    # Of low priority: it must not keep the probe, on the same core, from noticing its answers.
    door = server.url.partition("/api/")[0] + "/api/moderation/text"
    command = [sys.executable, "-m", "bench.callers", door, _KEY, str(_CALLERS), str(number)]
    return subprocess.Popen(["nice", "-n", "19", "taskset", "--cpu-list", str(core), *command], stdout=subprocess.PIPE)


def _probe(server: Server, seconds: int, core: int) -> Round:
    one = load(server.url, seconds=seconds, connections=_CONNECTIONS, core=core)
    if one.faults:
        raise Void(f"the signature door under load: {one.faults}.")
    return one


def _p99(rounds: list[Round]) -> float:
    return sorted(one.p99_milliseconds for one in rounds)[len(rounds) // 2]


def _most_at_once(wechat: str) -> int:
    """From when each check came, and how long each took."""
    calls = http.get(f"{wechat}/_mock/calls", params={"path": "/wxa/msg_sec_check"}, timeout=10).json()["calls"]
    begins = [float(call["at"]) for call in calls]
    return max(sum(at <= other < at + _CHECK_SECONDS for other in begins) for at in begins or [0])


def main() -> int:
    """Returns the exit status."""
    first, second, *_ = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        result = measure(Path(folder), rounds=5, seconds=3, cores=(first, second))
    print(result.lines())
    return 0 if result.ratio <= 2 and set(result.statuses) == {"200", "503"} else 1


if __name__ == "__main__":
    sys.exit(main())
