"""The counters of this process, and the sums over all processes."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Metric,
    generate_latest,
    values,
)
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from ..stores import Key
from .table import CALLS, GATEWAY_CALLS, PLACES, REFRESHES, REQUESTS, WORKERS, Described

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
"""of what `Meters.text` returns"""
UNMATCHED = "unmatched"
"""the route of a request that matches none"""

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_MOST_ERRCODES = 200
"""a server meets a few dozen; a faulty peer must not fill our memory"""
_LARGEST_ERRCODE = 10**9
_OTHER = "other"


class Meters:
    """The counters of one process; each method counts one event.

    Where PROMETHEUS_MULTIPROC_DIR is set before prometheus_client is imported, all processes with that folder are
    added up, and the counts of processes that ended stay.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        """`names`: the account's name by its appid."""
        self._names = names
        self._errcodes: set[int] = set()
        self._requests = Histogram(REQUESTS.name, REQUESTS.meaning, REQUESTS.labels, buckets=_BUCKETS, registry=None)
        self._calls = Counter(CALLS.name, CALLS.meaning, CALLS.labels, registry=None)
        self._gateway_calls = Counter(GATEWAY_CALLS.name, GATEWAY_CALLS.meaning, GATEWAY_CALLS.labels, registry=None)
        self._refreshes = Counter(REFRESHES.name, REFRESHES.meaning, REFRESHES.labels, registry=None)
        self._workers = Gauge(WORKERS.name, WORKERS.meaning, registry=None, multiprocess_mode="livesum")
        self._workers.set(1)
        self._places = Gauge(PLACES.name, PLACES.meaning, PLACES.labels, registry=None, multiprocess_mode="livesum")
        self._known_requests: dict[tuple[str, int], Histogram] = {}

    def request(self, route: str, status: int, seconds: float) -> None:
        """A request was answered. `route` is its rule, never its path."""
        # Called thousands of times a second: `labels` costs as much as `observe`.
        known = self._known_requests.get((route, status))
        if known is None:
            known = self._known_requests[route, status] = self._requests.labels(route, status)
        known.observe(seconds)

    def call(self, endpoint: str, errcode: int | None) -> None:
        """WeChat's endpoint was called; `errcode` is None without a usable answer, 0 for success."""
        if errcode is None:
            self._calls.labels(endpoint, "unavailable", "").inc()
        else:
            self._calls.labels(endpoint, "answered", self._bounded(errcode)).inc()

    def gateway_call(self, key: str, endpoint: str, errcode: int | None) -> None:
        """The gateway answered a caller: the name of its key, an endpoint of the table, the errcode if there is one."""
        self._gateway_calls.labels(key, endpoint, "" if errcode is None else self._bounded(errcode)).inc()

    def refresh(self, key: Key, outcome: str) -> None:
        """A refresh of the credential ended."""
        self._refreshes.labels(self._names[key.appid], key.credential, outcome).inc()

    def places(self, free: int, taken: int, waiting: int) -> None:
        """The places for slow calls to WeChat, and how many callers wait for one."""
        for state, number in (("free", free), ("taken", taken), ("waiting", waiting)):
            self._places.labels(state).set(number)

    def counted(self, *metrics: Described) -> list[list[tuple[dict[str, str], int]]]:
        """For each of the metrics its rows: labels, and the sum over all processes."""
        samples = [sample for family in self._registry().collect() for sample in family.samples]
        return [[(one.labels, int(one.value)) for one in samples if one.name == wanted.name] for wanted in metrics]

    def text(self, *others: Collector) -> bytes:
        """All that the processes and the `others` have counted, in Prometheus's text format 0.0.4."""
        registry = self._registry()
        for other in others:
            registry.register(other)
        return generate_latest(registry)

    def _registry(self) -> CollectorRegistry:
        """What all processes have counted."""
        registry = CollectorRegistry()
        if values.ValueClass is values.MutexValue:
            own = (self._requests, self._calls, self._gateway_calls, self._refreshes, self._workers, self._places)
            for metric in own:
                registry.register(metric)
        else:
            registry.register(_Processes())
        return registry

    def _bounded(self, errcode: int) -> str:
        if errcode not in self._errcodes:
            if len(self._errcodes) >= _MOST_ERRCODES or abs(errcode) > _LARGEST_ERRCODE:
                return _OTHER
            self._errcodes.add(errcode)
        return str(errcode)


class _Processes(MultiProcessCollector):
    """The sums over the files of all processes, without the gauges of ended ones."""

    def __init__(self) -> None:
        super().__init__(None)  # type: ignore[no-untyped-call] # the library has no annotation there

    def collect(self) -> Iterable[Metric]:
        """The metrics of all files that count."""
        files = [str(file) for file in Path(self._path).glob("*.db") if _counts(file)]
        metrics: Iterable[Metric] = self.merge(files)  # type: ignore[no-untyped-call] # nor there
        return metrics


def _counts(file: Path) -> bool:
    """Whether the file has something to add: the base class cannot read the empty one of a process that just began."""
    try:
        if file.name.startswith("gauge_live"):
            os.kill(int(file.stem.rpartition("_")[2]), 0)
        return file.stat().st_size > 0
    except FileNotFoundError:  # another scrape has removed it
        return False
    except (ProcessLookupError, PermissionError):  # no process has this id, or another user's
        file.unlink(missing_ok=True)
        return False
