"""Looks at everything that a server needs, one thing after the other, and says what a person should do."""

from .checkup import examine
from .explaining import advice
from .findings import Finding, Verdict

__all__ = ["Finding", "Verdict", "advice", "examine"]
