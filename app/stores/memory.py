"""Credentials and entries in this process: for tests, and for a server with one worker that may forget."""

import math
import threading
from collections.abc import Callable, Sequence

from cachetools import TLRUCache

from .credential import SET_BACK_SECONDS, Credential, Key


class MemoryStore:
    """A Store in dictionaries. `clock` gives Unix seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._credentials: dict[Key, Credential] = {}
        self._leases: dict[Key, tuple[str, float]] = {}
        self._entries: TLRUCache[str, tuple[str, float]] = TLRUCache(math.inf, ttu=_until, timer=clock)

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
            text, _ = self._entries.get(name, (None, 0.0))
            return text

    def get_all(self, names: Sequence[str]) -> list[str | None]:
        return [self.get(name) for name in names]

    def put(self, name: str, text: str, seconds: float) -> None:
        with self._lock:
            self._entries.pop(name, None)
            self._entries[name] = text, self._clock() + seconds

    def add(self, name: str, text: str, seconds: float) -> bool:
        with self._lock:
            if name in self._entries:
                return False
            self._entries[name] = text, self._clock() + seconds
            return True

    def forget(self, prefix: str) -> None:
        with self._lock:
            for name in [name for name in self._entries if name.startswith(prefix)]:
                self._entries.pop(name, None)


def _until(_name: str, entry: tuple[str, float], _now: float) -> float:
    return entry[1]
