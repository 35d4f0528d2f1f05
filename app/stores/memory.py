"""Credentials and notes in this process: for tests, and for a server with one worker that may forget."""

import threading
from collections.abc import Callable

from .credential import SET_BACK_SECONDS, Credential, Key

_FEW_NOTES = 100


class MemoryStore:
    """A Store in dictionaries. `clock` gives Unix seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._credentials: dict[Key, Credential] = {}
        self._leases: dict[Key, tuple[str, float]] = {}
        self._notes: dict[str, tuple[str, float]] = {}
        self._full_at = _FEW_NOTES

    def load(self, key: Key) -> Credential | None:
        """See Store."""
        with self._lock:
            return self._credentials.get(key)

    def save(self, key: Key, credential: Credential, expected_generation: int) -> bool:
        """See Store."""
        with self._lock:
            stored = self._credentials.get(key)
            if (stored.generation if stored else 0) != expected_generation:
                return False
            self._credentials[key] = credential
            return True

    def acquire(self, key: Key, owner: str, seconds: float) -> bool:
        """See Store."""
        with self._lock:
            _, until = self._leases.get(key, ("", 0.0))
            now = self._clock()
            if now < until <= now + seconds + SET_BACK_SECONDS:
                return False
            self._leases[key] = (owner, now + seconds)
            return True

    def release(self, key: Key, owner: str) -> None:
        """See Store."""
        with self._lock:
            if self._leases.get(key, ("", 0.0))[0] == owner:
                del self._leases[key]

    def close(self) -> None:
        """Nothing is open."""

    def get(self, name: str) -> str | None:
        """See Entries."""
        with self._lock:
            return self._live_note(name)

    def put(self, name: str, text: str, seconds: float) -> None:
        """See Entries."""
        with self._lock:
            self._drop_dead_notes()
            self._notes[name] = (text, self._clock() + seconds)

    def add(self, name: str, text: str, seconds: float) -> bool:
        """See Entries."""
        with self._lock:
            self._drop_dead_notes()
            if self._live_note(name) is not None:
                return False
            self._notes[name] = (text, self._clock() + seconds)
            return True

    def forget(self, prefix: str) -> None:
        """See Entries."""
        with self._lock:
            self._notes = {name: note for name, note in self._notes.items() if not name.startswith(prefix)}

    def _live_note(self, name: str) -> str | None:
        text, until = self._notes.get(name, (None, 0.0))
        return text if self._clock() < until else None

    def _drop_dead_notes(self) -> None:
        """Once in a while: looking through all of them with each new one takes long when there are many."""
        if len(self._notes) >= self._full_at:
            now = self._clock()
            self._notes = {name: note for name, note in self._notes.items() if now < note[1]}
            self._full_at = 2 * len(self._notes) + _FEW_NOTES
