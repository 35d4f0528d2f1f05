"""How much of the machine other programs used during the rounds."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import mean

_MOST_CORES = 0.1
_TICKS = os.sysconf("SC_CLK_TCK")


class Noise:
    """The share of a core that other programs used, for each watched round."""

    def __init__(self) -> None:
        self.cores: list[float] = []

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch one round."""
        began, others = time.monotonic(), _others_seconds()
        yield
        self.cores.append(max(0.0, (_others_seconds() - others) / (time.monotonic() - began)))

    def reasons(self) -> list[str]:
        """The reasons not to trust the results; empty if there are none."""
        if not self.cores or mean(self.cores) <= _MOST_CORES:
            return []
        used = f"{mean(self.cores):.2f} of a core on average, {max(self.cores):.2f} in the worst round"
        return [f"other programs used {used} (at most {_MOST_CORES} on average)"]


def _others_seconds() -> float:
    """CPU time since the start of the machine, of all programs but this one and its descendants."""
    ticks = [int(field) for field in Path("/proc/stat").read_text(encoding="ascii").split()[1:9]]
    idle, waiting = ticks[3:5]
    return (sum(ticks) - idle - waiting - _own_ticks()) / _TICKS


def _own_ticks() -> int:
    """User and system time of this process, its descendants, and those of them that have ended."""
    used: dict[int, int] = {}
    children: dict[int, list[int]] = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended
            pid, fields = int(file.parent.name), file.read_bytes().rpartition(b")")[2].split()
            children.setdefault(int(fields[1]), []).append(pid)
            used[pid] = sum(map(int, fields[11:15]))
    found = [os.getpid()]
    for pid in found:
        found += children.get(pid, ())
    return sum(used.get(pid, 0) for pid in found)
