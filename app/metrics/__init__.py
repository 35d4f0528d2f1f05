"""Metrics for Prometheus; table.py lists them."""

from .folder import memory_folder, share_counts
from .meters import CONTENT_TYPE, UNMATCHED, Meters
from .store import StoreCollector
from .table import CALLS, GATEWAY_CALLS, METRICS, PLACES, WORKERS, Described
