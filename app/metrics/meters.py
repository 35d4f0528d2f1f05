"""Counts what happens in this process, and tells what happened in all of them."""

from collections.abc import Mapping

from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    values,
)
from prometheus_client.registry import Collector

from ..stores import Key
from .processes import Processes
from .table import CALLS, REFRESHES, REQUESTS, WORKERS

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
"""of what `Meters.text` returns"""
UNMATCHED = "unmatched"
"""the route of a request that no route is for"""

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_MOST_ERRCODES = 200
"""WeChat has more, but a server meets a few dozen; a peer gone mad shall not fill our memory"""
_LARGEST_ERRCODE = 10**9
_OTHER = "other"


class Meters:
    """The counters of one process: each method says that something happened.

    Where PROMETHEUS_MULTIPROC_DIR is set before prometheus_client is imported, all processes with that folder count
    together, and what a dead one has counted stays.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        """`names`: the account's name by its appid."""
        self._names = names
        self._errcodes: set[int] = set()
        self._requests = Histogram(REQUESTS.name, REQUESTS.meaning, REQUESTS.labels, buckets=_BUCKETS, registry=None)
        self._calls = Counter(CALLS.name, CALLS.meaning, CALLS.labels, registry=None)
        self._refreshes = Counter(REFRESHES.name, REFRESHES.meaning, REFRESHES.labels, registry=None)
        self._workers = Gauge(WORKERS.name, WORKERS.meaning, registry=None, multiprocess_mode="livesum")
        self._workers.set(1)
        self._known_requests: dict[tuple[str, int], Histogram] = {}

    def request(self, route: str, status: int, seconds: float) -> None:
        """A request was answered. `route` is its rule, never its path."""
        # This is called thousands of times a second: finding the labels' own histogram anew would cost as much again.
        known = self._known_requests.get((route, status))
        if known is None:
            known = self._known_requests[route, status] = self._requests.labels(route, status)
        known.observe(seconds)

    def call(self, endpoint: str, errcode: int | None) -> None:
        """WeChat's endpoint was called; `errcode` is None when nothing usable came back, 0 when all is well."""
        if errcode is None:
            self._calls.labels(endpoint, "unavailable", "").inc()
        else:
            self._calls.labels(endpoint, "answered", self._bounded(errcode)).inc()

    def refresh(self, key: Key, outcome: str) -> None:
        """A refresh of the credential ended so."""
        self._refreshes.labels(self._names[key.appid], key.credential, outcome).inc()

    def text(self, *others: Collector) -> bytes:
        """Everything counted by all processes, and what the `others` say, in Prometheus's text format 0.0.4."""
        registry = CollectorRegistry()
        if values.ValueClass is values.MutexValue:
            for metric in (self._requests, self._calls, self._refreshes, self._workers):
                registry.register(metric)
        else:
            registry.register(Processes())
        for other in others:
            registry.register(other)
        return generate_latest(registry)

    def _bounded(self, errcode: int) -> str:
        if errcode not in self._errcodes:
            if len(self._errcodes) >= _MOST_ERRCODES or abs(errcode) > _LARGEST_ERRCODE:
                return _OTHER
            self._errcodes.add(errcode)
        return str(errcode)
