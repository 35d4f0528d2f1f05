"""Checks everything that a server needs, one thing after the other, and says what an operator should do."""

from .checkup import examine
from .findings import Finding, Verdict
from .store import find_no_file, find_sealed
