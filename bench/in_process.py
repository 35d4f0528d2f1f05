"""CPU time of calls inside one process, which has a core to itself, and a log and metrics folder as in production.

`python -m bench.in_process MODULE ROUNDS ...` prints the microseconds of each of the module's `calls(...)` as JSON.
"""

import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

from werkzeug.test import create_environ

from app import logging as logs

from .contestants import ACCOUNT, OURS, PATH, QUERY
from .processes import environment, pinned
from .run import Run

_LIMIT_SECONDS = 90
_ROUNDS = 3  # for each round of load
_ROUND_SECONDS = 0.05
_BATCH = 10


def least_microseconds(run: Run, wechat: str, module: str, *arguments: str) -> dict[str, float]:
    """The time of the shortest round for each call: other activity only makes a round longer."""
    more = {"WECHAT_API_BASE": wechat, "PROMETHEUS_MULTIPROC_DIR": str(run.folder), **ACCOUNT, **OURS.environment}
    command = [sys.executable, "-m", "bench.in_process", module, str(run.rounds * _ROUNDS), *arguments]
    command, whole = pinned(command, run.server_core), environment(more)
    with (run.folder / "log").open("ab") as log:
        printed = subprocess.check_output(command, cwd=run.folder, env=whole, stderr=log, timeout=_LIMIT_SECONDS)
    least: dict[str, float] = json.loads(printed)
    return least


def request(application: Callable[..., Any]) -> Callable[[], None]:
    """A function that requests the signature once, as a page on another origin does."""
    headers = {"Origin": "https://h5.example.com", "User-Agent": "Mozilla/5.0"}
    environ = create_environ(PATH, "http://127.0.0.1:8000", query_string=QUERY, headers=headers)

    def start(status: str, *_: Any) -> None:
        if not status.startswith("200"):
            raise RuntimeError(f"the signature is answered {status}")

    def call() -> None:
        body = application(environ.copy(), start)
        b"".join(body)
        if close := getattr(body, "close", None):
            close()

    return call


def _microseconds(call: Callable[[], object]) -> float:
    began, times, used = time.process_time(), 0, 0.0
    while used < _ROUND_SECONDS:
        for _ in range(_BATCH):
            call()
        times += _BATCH
        used = time.process_time() - began
    return used / times * 1e6


if __name__ == "__main__":
    logs.configure(sys.stderr)
    calls = import_module(sys.argv[1]).calls(*sys.argv[3:])
    gc.freeze()  # as a worker does
    turns = [[_microseconds(call) for call in calls.values()] for _ in range(int(sys.argv[2]))]
    print(json.dumps({name: min(rounds) for name, rounds in zip(calls, zip(*turns, strict=True), strict=True)}))
