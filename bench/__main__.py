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
from typing import Any

from . import accounts, gateway, parts, refresh, signatures, slow_checks
from .noise import Noise
from .processes import ROOT, Void
from .report import HEADER, table
from .run import Run

_TOOLS = {"wrk": "wrk", "taskset": "util-linux", "setpriv": "util-linux", "node": "nodejs"}  # Debian's packages
_MEASUREMENTS = {
    module.__name__.rpartition(".")[2]: module
    for module in (signatures, refresh, slow_checks, gateway, parts, accounts)
}


def main(arguments: Sequence[str]) -> str:
    """Run the measurements. Returns the reason of a failure, empty if every claim holds on a quiet machine."""
    options = _parser().parse_args(arguments)
    if problem := _what_is_missing():
        return problem
    server_core, load_core, *_ = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {load_core})
    noise, reports = Noise(), []
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            for name in options.measurements or _MEASUREMENTS:
                print(f"{name}: {options.rounds} rounds ...\n", flush=True)
                (own := Path(folder, name)).mkdir()
                run = Run(own, options.rounds, options.seconds, server_core, load_core, noise)
                reports.append(_MEASUREMENTS[name].measure(run))
                print(f"{table(reports[-1].rows)}\n", flush=True)
    except (Void, subprocess.SubprocessError) as error:
        return f"The result is void. {error}"
    claims = [claim for one in reports for claim in one.claims]
    print(table([HEADER, *(claim.row() for claim in claims)]), flush=True)
    if reasons := [*noise.reasons(), *(reason for one in reports for reason in one.noise)]:
        return f"The machine was too noisy: {'; '.join(reasons)}. Run it again on an idle machine."
    return "" if all(claim.holds for claim in claims) else "Not every number is what it must be."


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure our server beside its peers.")
    parser.add_argument("measurements", nargs="*", metavar="NAME", help=f"default: all, {', '.join(_MEASUREMENTS)}")
    parser.add_argument("--rounds", type=int, default=5, choices=range(1, 101), metavar="N", help="default: 5")
    parser.add_argument("--seconds", type=int, default=3, choices=range(1, 61), metavar="S", help="default: 3")
    return parser


def _what_is_missing() -> str:
    for program, package in _TOOLS.items():
        if shutil.which(program) is None:
            return f"{program} is missing. On Debian or Ubuntu: sudo apt-get install {package}"
    if not (ROOT / "bench" / "node_modules").is_dir():
        return "wechat-jssdk and Express are missing. Install them: npm ci --prefix bench"
    if len(os.sched_getaffinity(0)) < 2:
        return "Two cores are needed: one for the server, one for the load."
    return ""


def _on_signals(handler: Any) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handler)


def _end(received: int, _: Any) -> None:
    _on_signals(signal.SIG_IGN)  # a second one must not interrupt the clean-up
    sys.exit(128 + received)  # so that every `finally` runs


if __name__ == "__main__":
    _on_signals(_end)
    sys.exit(main(sys.argv[1:]) or 0)
