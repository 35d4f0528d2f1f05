"""What Prometheus is told: table.py says what there is."""

from .meters import CONTENT_TYPE, UNMATCHED, Meters
from .store import StoreCollector
from .table import METRICS, Described

__all__ = ["CONTENT_TYPE", "METRICS", "UNMATCHED", "Described", "Meters", "StoreCollector"]
