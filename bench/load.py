"""One round of load, by wrk."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_SCRIPT = Path(__file__).with_name("load.lua")
_SLACK_SECONDS = 10.0
"""for wrk to connect and disconnect"""


@dataclass(frozen=True, slots=True)
class Round:
    """The results of one round."""

    requests_per_second: float
    p99_milliseconds: float
    faults: str
    """answers with an error status and socket errors, such as `3 status, 1 read`; empty if there were none"""

    @classmethod
    def parse(cls, output: str) -> Self:
        """Read the output of wrk with load.lua."""
        found = json.loads(output.splitlines()[-1])
        kinds = ("status", "connect", "read", "write", "timeout")
        faults = ", ".join(f"{found[kind]} {kind}" for kind in kinds if found[kind])
        return cls(found["requests"] / found["seconds"], found["p99_ms"], faults)


def load(url: str, *, seconds: int, connections: int, core: int) -> Round:
    """GET `url` over so many connections, as fast as the answers come, from one core."""
    wrk = ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s"]
    done = subprocess.run(
        ["taskset", "--cpu-list", str(core), *wrk, "--script", _SCRIPT, url],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=seconds + _SLACK_SECONDS,
    )
    return Round.parse(done.stdout)
