"""Looks at everything that a server needs, one thing after the other, and says what a person should do."""

from .checkup import examine
from .explaining import advice
from .findings import Finding, Verdict
from .store import find_no_file, find_sealed, store_hint

__all__ = ["Finding", "Verdict", "advice", "examine", "find_no_file", "find_sealed", "store_hint"]
