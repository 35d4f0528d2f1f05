"""The command line: `python -m bench`."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .contestants import OURS, WECHATPY
from .processes import DidNotStart
from .signatures import Void, measure
from .table import table

_TOOLS = {"wrk": "wrk", "taskset": "util-linux"}
"""program -> Debian's package"""


def main(arguments: Sequence[str]) -> int:
    """Returns the exit status."""
    options = _parser().parse_args(arguments)
    problem = _what_is_missing()
    if problem:
        return _fail(problem)
    first, second, *_ = sorted(os.sched_getaffinity(0))
    print(f"{options.rounds} rounds of {options.seconds} s for each server, in turn ...", flush=True)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            ours, peer = measure(
                (OURS, WECHATPY), Path(folder), rounds=options.rounds, seconds=options.seconds, cores=(first, second)
            )
    except (DidNotStart, Void, subprocess.SubprocessError) as error:
        return _fail(f"The result is void. {error}")
    print(table(ours, peer))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Signatures per second and core, ours beside wechatpy + Flask."
    )
    parser.add_argument("--rounds", type=int, default=5, choices=range(1, 101), metavar="N", help="default: 5")
    parser.add_argument("--seconds", type=int, default=3, choices=range(1, 61), metavar="S", help="default: 3")
    return parser


def _what_is_missing() -> str:
    for program, package in _TOOLS.items():
        if shutil.which(program) is None:
            return f"{program} is missing. On Debian or Ubuntu: sudo apt-get install {package}"
    if len(os.sched_getaffinity(0)) < 2:
        return "Two cores are needed: one for the server, one for the load."
    return ""


def _fail(reason: str) -> int:
    sys.stderr.write(reason + "\n")
    return 1


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _: sys.exit(128 + received))  # so that every `finally` runs
    sys.exit(main(sys.argv[1:]))
