"""What is left when the store fails: the last copy of each credential, in memory, until it expires."""

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from cachetools import TLRUCache

from ..credential import Credential, Key, Shelf
from ..exceptions import StoreUnavailable
from .memory import MemoryShelf

T = TypeVar("T")

_PROBE_SECONDS = 1.0
_KEYS = 10_000
"""More credentials than any company has: the bound is there so that there is one."""

_log = logging.getLogger(__name__)


class FallbackShelf:
    """A Shelf that answers from memory while `inner` does not.

    Nobody waits for a broken store: one thread probes it once a second, all others are told at once. Nobody fetches
    alone either: without the store there is no lease. Notes are kept in memory meanwhile.
    """

    def __init__(self, inner: Shelf, clock: Callable[[], float]) -> None:
        self._inner = inner
        self._clock = clock
        self._lock = threading.Lock()
        self._copies: TLRUCache[Key, Credential] = TLRUCache(_KEYS, ttu=_expires_at, timer=clock)
        self._notes = MemoryShelf(clock)
        self._failure: StoreUnavailable | None = None
        self._next_probe = 0.0

    @property
    def failure(self) -> StoreUnavailable | None:
        """Why the store does not answer, or None while it does."""
        return self._failure

    @property
    def copies(self) -> int:
        """How many live credentials memory could serve."""
        with self._lock:
            self._copies.expire()
            return len(self._copies)

    def load(self, key: Key) -> Credential | None:
        """The stored credential, else a live copy. A store that was emptied or set back gets the live copy back."""
        try:
            stored = self._try(lambda: self._inner.load(key))
        except StoreUnavailable:
            copy = self._copy(key)
            if copy is None:
                raise
            return copy
        copy = self._copy(key)
        if copy and (stored is None or copy.obtained_at > stored.obtained_at):
            return self._write_back(key, copy, stored.generation if stored else 0)
        if stored:
            self._remember(key, stored)
        return stored

    def save(self, key: Key, credential: Credential, expected_generation: int) -> bool:
        """See Store. While the store does not answer, memory keeps the credential."""
        try:
            saved = self._try(lambda: self._inner.save(key, credential, expected_generation))
        except StoreUnavailable:
            saved = True  # what WeChat has just issued is not thrown away: `load` writes it back
        if saved:
            self._remember(key, credential)
        return saved

    def acquire(self, key: Key, owner: str, seconds: float) -> bool:
        """See Store."""
        return self._try(lambda: self._inner.acquire(key, owner, seconds))

    def release(self, key: Key, owner: str) -> None:
        """See Store. A lease that could not be given back runs out."""
        try:
            self._try(lambda: self._inner.release(key, owner))
        except StoreUnavailable as error:
            _log.warning("lease on %s of %s is left to run out: %s", key.credential, key.appid, error)

    def close(self) -> None:
        """See Store."""
        self._inner.close()

    def get(self, name: str) -> str | None:
        """See Notes."""
        return self._noted(lambda notes: notes.get(name))

    def put(self, name: str, text: str, seconds: float) -> None:
        """See Notes."""
        self._noted(lambda notes: notes.put(name, text, seconds))

    def add(self, name: str, text: str, seconds: float) -> bool:
        """See Notes."""
        return self._noted(lambda notes: notes.add(name, text, seconds))

    def forget(self, prefix: str) -> None:
        """See Notes."""
        self._noted(lambda notes: notes.forget(prefix))

    def _noted(self, action: Callable[[Shelf], T]) -> T:
        try:
            return self._try(lambda: action(self._inner))
        except StoreUnavailable:
            return action(self._notes)

    def _try(self, action: Callable[[], T]) -> T:
        self._refuse_while_broken()
        try:
            answer = action()
        except StoreUnavailable as error:
            if self._failure is None:
                _log.error("store does not answer, memory serves until credentials expire: %s", error)
            self._failure = error
            self._next_probe = self._clock() + _PROBE_SECONDS
            raise
        if self._failure is not None:
            _log.warning("store answers again")
            self._failure = None
        return answer

    def _refuse_while_broken(self) -> None:
        if self._failure is None:
            return
        with self._lock:
            now = self._clock()
            if now < self._next_probe:
                raise StoreUnavailable(str(self._failure))
            self._next_probe = now + _PROBE_SECONDS  # this thread probes

    def _copy(self, key: Key) -> Credential | None:
        with self._lock:
            return self._copies.get(key)

    def _remember(self, key: Key, credential: Credential) -> None:
        with self._lock:
            if self._copies.get(key) != credential:
                self._copies[key] = credential

    def _write_back(self, key: Key, copy: Credential, expected_generation: int) -> Credential | None:
        self._try(lambda: self._inner.save(key, copy, expected_generation))
        return self._try(lambda: self._inner.load(key))


def _expires_at(_key: Key, credential: Credential, _now: float) -> float:
    return credential.expires_at
