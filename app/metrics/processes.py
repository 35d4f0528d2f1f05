"""What all processes have counted, from the files that they count in."""

from collections.abc import Iterable
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.multiprocess import MultiProcessCollector


class Processes(MultiProcessCollector):
    """Adds up what the processes have counted that share PROMETHEUS_MULTIPROC_DIR.

    Between making its file and writing to it a process has an empty one, which the base class cannot read.
    """

    def __init__(self) -> None:
        super().__init__(None)  # type: ignore[no-untyped-call] # the library has no annotation there

    def collect(self) -> Iterable[Metric]:
        """As the base class does it, of those that have begun to count."""
        begun = [str(file) for file in Path(self._path).glob("*.db") if _size(file)]
        metrics: Iterable[Metric] = self.merge(begun)  # type: ignore[no-untyped-call] # nor there
        return metrics


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:  # of a process that is gone
        return 0
