"""What goes wrong next: counted, never random."""

from .fault import Fault
from .wire import path_matches


class Faults:
    """The queue: a call goes to the first fault that matches it, in the order they were set."""

    def __init__(self) -> None:
        self._queue: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._queue.append(fault)

    def take(self, path: str, appid: str | None) -> Fault | None:
        """The fault that this call meets, counted down; None if the call is spared."""
        for fault in self._queue:
            if path_matches(path, fault.path) and fault.appid in (None, appid) and _is_due(fault):
                self._count_down(fault)
                return fault
        return None

    def pending(self) -> list[Fault]:
        return list(self._queue)

    def forget(self, appid: str | None = None) -> None:
        """All of them, or those that were set for one account."""
        self._queue = [fault for fault in self._queue if appid not in (None, fault.appid)]

    def _count_down(self, fault: Fault) -> None:
        if fault.times is None:
            return
        fault.times -= 1
        if not fault.times:
            self._queue.remove(fault)


def _is_due(fault: Fault) -> bool:
    fault.seen += 1
    return fault.seen % fault.every == 0
