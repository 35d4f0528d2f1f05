"""Credentials and entries in this process: for tests, and for a server with one worker that may forget."""

import threading
from collections.abc import Callable

from .credential import SET_BACK_SECONDS, Credential, Key

_FEW_ENTRIES = 100


class MemoryStore:
    """A Store in dictionaries. `clock` gives Unix seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._credentials: dict[Key, Credential] = {}
        self._leases: dict[Key, tuple[str, float]] = {}
        self._entries: dict[str, tuple[str, float]] = {}
        self._full_at = _FEW_ENTRIES

    def load(self, key: Key) -> Credential | None:
        with self._lock:
            return self._credentials.get(key)

    def save(self, key: Key, credential: Credential, expected_generation: int) -> bool:
        with self._lock:
            stored = self._credentials.get(key)
            if (stored.generation if stored else 0) != expected_generation:
                return False
            self._credentials[key] = credential
            return True

    def acquire(self, key: Key, owner: str, seconds: float) -> bool:
        with self._lock:
            _, until = self._leases.get(key, ("", 0.0))
            now = self._clock()
            if now < until <= now + seconds + SET_BACK_SECONDS:
                return False
            self._leases[key] = (owner, now + seconds)
            return True

    def release(self, key: Key, owner: str) -> None:
        with self._lock:
            if self._leases.get(key, ("", 0.0))[0] == owner:
                del self._leases[key]

    def close(self) -> None:
        """Does nothing."""

    def get(self, name: str) -> str | None:
        with self._lock:
            return self._live(name)

    def put(self, name: str, text: str, seconds: float) -> None:
        with self._lock:
            self._drop_expired()
            self._entries[name] = (text, self._clock() + seconds)

    def add(self, name: str, text: str, seconds: float) -> bool:
        with self._lock:
            self._drop_expired()
            if self._live(name) is not None:
                return False
            self._entries[name] = (text, self._clock() + seconds)
            return True

    def forget(self, prefix: str) -> None:
        with self._lock:
            self._entries = {name: entry for name, entry in self._entries.items() if not name.startswith(prefix)}

    def _live(self, name: str) -> str | None:
        text, until = self._entries.get(name, (None, 0.0))
        return text if self._clock() < until else None

    def _drop_expired(self) -> None:
        """Drop expired entries whenever their number has doubled, as each pass reads all of them."""
        if len(self._entries) >= self._full_at:
            now = self._clock()
            self._entries = {name: entry for name, entry in self._entries.items() if now < entry[1]}
            self._full_at = 2 * len(self._entries) + _FEW_ENTRIES
