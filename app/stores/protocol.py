"""What every store can do."""

from typing import Protocol

from .credential import Credential, Key


class CredentialStore(Protocol):
    """Holds credentials and leases for all workers. Every method raises StoreUnavailable when it cannot answer."""

    def load(self, key: Key) -> Credential | None:
        """The credential as it was last saved, whatever its age, or None."""

    def save(self, key: Key, credential: Credential, expected_generation: int) -> bool:
        """Replace the credential if the stored one has `expected_generation` (0: there is none), else say False."""

    def acquire(self, key: Key, owner: str, seconds: float) -> bool:
        """Take the lease on fetching `key` for so long, unless another owner has it."""

    def release(self, key: Key, owner: str) -> None:
        """Give the lease back, if `owner` still has it."""

    def close(self) -> None:
        """Close this process's files and connections; the next call opens them again."""


class Entries(Protocol):
    """Holds small texts with an expiry for all workers: cooldowns, budgets, jobs."""

    def get(self, name: str) -> str | None:
        """The text, or None when there is none or its time is over."""

    def put(self, name: str, text: str, seconds: float) -> None:
        """Keep the text under `name` for so long, in place of what was there; with 0 seconds, forget it."""

    def add(self, name: str, text: str, seconds: float) -> bool:
        """Keep the text unless there is one already: then False."""

    def forget(self, prefix: str) -> None:
        """Forget all texts whose names begin so."""


class Store(CredentialStore, Entries, Protocol):
    """Both in one place, as every backend is."""
