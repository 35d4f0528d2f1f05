"""The protocol of all stores, with the docstrings of their methods."""

from collections.abc import Sequence
from typing import Protocol

from .credential import Credential, Key


class Entries(Protocol):
    """Small texts with an expiry, for all workers: cooldowns, budgets, jobs. Methods raise StoreUnavailable."""

    def get(self, name: str) -> str | None:
        """The text, or None if there is none or it has expired."""

    def get_all(self, names: Sequence[str]) -> list[str | None]:
        """What `get` returns for each of the names, in one call to the store."""

    def put(self, name: str, text: str, seconds: float) -> None:
        """Store the text for so long and replace an earlier one; 0 seconds delete it."""

    def add(self, name: str, text: str, seconds: float) -> bool:
        """Store the text unless there is one already; return whether it was stored."""

    def forget(self, prefix: str) -> None:
        """Delete all entries whose names begin with `prefix`."""


class Store(Entries, Protocol):
    """Credentials, leases and entries for all workers. Methods raise StoreUnavailable when the store cannot answer."""

    def load(self, key: Key) -> Credential | None:
        """The credential as last saved, whatever its age, or None."""

    def save(self, key: Key, credential: Credential, expected_generation: int) -> bool:
        """Replace the credential if the stored one has `expected_generation` (0: there is none); return whether."""

    def acquire(self, key: Key, owner: str, seconds: float) -> bool:
        """Take the lease on fetching `key` for so long, unless another owner has it; return whether."""

    def release(self, key: Key, owner: str) -> None:
        """Release the lease, if `owner` still has it."""

    def close(self) -> None:
        """Close this process's files and connections; the next call opens them again."""
