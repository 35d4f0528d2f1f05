"""Signatures while checks at WeChat are slow: `python -m bench.slow_checks`.

Two services share one store. 200 callers at a time send a text to `internal`, and WeChat takes 2 s for a check. The
signature of `public` is measured idle and under these checks, in turn: the ratio of its 99th percentiles is the result.
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
from .processes import http
from .signatures import Void

_CALLERS = 200
_CHECK_SECONDS = 2
_MOST_RATIO = 1.2
_KEY = "bench-key-with-scope-moderation"
_CONNECTIONS = 4
_MODERATING = {
    "WECHAT_MINI_APPID": "wx0000000000000002",
    "WECHAT_MINI_SECRET": "mock-mini-secret",
    "WECHAT_API_KEYS": f"bench={_KEY}",
}


@dataclass(frozen=True, slots=True)
class Result:
    """The measurements of one run."""

    idle: list[Round]
    meanwhile: list[Round]
    callers: list[dict[str, Any]]
    """the output of bench.callers, for each round"""

    @property
    def ratio(self) -> float:
        """Of the medians of the rounds' 99th percentiles."""
        return _p99(self.meanwhile) / _p99(self.idle)

    @property
    def statuses(self) -> Counter[str]:
        """The number of answers with each status."""
        return sum((Counter(one["statuses"]) for one in self.callers), Counter())

    def lines(self) -> str:
        """The results as a table."""
        rows = [
            ("signature p99, ms, idle", f"{_p99(self.idle):.1f}"),
            ("signature p99, ms, meanwhile", f"{_p99(self.meanwhile):.1f}"),
            (f"ratio (must be <= {_MOST_RATIO})", f"{self.ratio:.2f}"),
            ("answers to the callers", ", ".join(f"{number} x {status}" for status, number in self.statuses.items())),
            ("slowest of them, s", f"{max(one['slowest'] for one in self.callers):.2f}"),
        ]
        return "\n".join(f"{name:<42}{value}" for name, value in rows)


def measure(folder: Path, *, rounds: int, seconds: int, cores: tuple[int, int]) -> Result:
    """Public service and probe on the first of two cores; internal service, callers and mock on the second."""
    environment = {**OURS.environment, **_MODERATING, "WECHAT_STORE_URL": f"sqlite:///{folder}/credentials.db"}
    public, internal = (
        replace(OURS, name=listener, environment={**environment, "WECHAT_LISTENER": listener})
        for listener in ("public", "internal")
    )
    idle, meanwhile, found = [], [], []
    with ExitStack() as stack:
        wechat = stack.enter_context(mock(folder, cores[1]))
        signing = stack.enter_context(serving(public, wechat, folder, cores[0]))
        checking = stack.enter_context(serving(internal, wechat, folder, cores[1]))
        slow = {"path": "/wxa/msg_sec_check", "times": None, "delay_seconds": _CHECK_SECONDS}
        http.post(f"{wechat}/_mock/faults", json=slow, timeout=10).raise_for_status()
        load(signing.url, seconds=1, connections=_CONNECTIONS, core=cores[0])
        for number in range(rounds):
            idle.append(_probe(signing, seconds, cores[0]))
            callers = _callers(checking, number, cores[1])
            meanwhile.append(_probe(signing, seconds, cores[0]))
            found.append(json.loads(callers.communicate(timeout=60)[0]))
    return Result(idle, meanwhile, found)


def _callers(server: Server, number: int, core: int) -> "subprocess.Popen[bytes]":
    url = server.url.partition("/api/")[0] + "/api/moderation/text"
    command = [sys.executable, "-m", "bench.callers", url, _KEY, str(_CALLERS), str(number)]
    return subprocess.Popen(["taskset", "--cpu-list", str(core), *command], stdout=subprocess.PIPE)


def _probe(server: Server, seconds: int, core: int) -> Round:
    one = load(server.url, seconds=seconds, connections=_CONNECTIONS, core=core)
    if one.faults:
        raise Void(f"the signature under load: {one.faults}.")
    return one


def _p99(rounds: list[Round]) -> float:
    return sorted(one.p99_milliseconds for one in rounds)[len(rounds) // 2]


def main() -> int:
    """Returns the exit status."""
    first, second, *_ = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        result = measure(Path(folder), rounds=5, seconds=3, cores=(first, second))
    print(result.lines())
    return 0 if result.ratio <= _MOST_RATIO and result.statuses.keys() <= {"200", "503"} else 1


if __name__ == "__main__":
    sys.exit(main())
