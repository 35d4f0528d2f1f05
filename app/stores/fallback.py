"""What is left when the store fails: the last copy of each credential, in memory, until it expires."""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from cachetools import TLRUCache

from ..errors import StoreUnavailable
from .credential import Credential, Key
from .memory import MemoryStore
from .protocol import Store

T = TypeVar("T")

_RETRY_SECONDS = 1.0
_PROBE = "store:probe"
"""the note that is written to see whether the store takes writes"""
_KEYS = 10_000
"""an upper bound that no company reaches"""

_log = logging.getLogger(__name__)


class FallbackStore:
    """A Store that answers from memory while `inner` does not.

    A broken store is tried once a second by one caller; all others are answered at once. Nothing is fetched meanwhile,
    as there is no lease. Entries are kept in memory. A store without writes (full disk, replica) is still read.
    """

    def __init__(self, inner: Store, clock: Callable[[], float]) -> None:
        self._inner = inner
        self._clock = clock
        self._lock = threading.Lock()
        self._copies: TLRUCache[Key, Credential] = TLRUCache(_KEYS, ttu=_expires_at, timer=clock)
        self._notes = MemoryStore(clock)
        self._failure: StoreUnavailable | None = None
        self._readable = True
        self._tried_at = 0.0
        """when the failing store was last tried"""

    @property
    def failure(self) -> StoreUnavailable | None:
        """Why the store did not answer, or took no writes, when it was last asked; None if it did."""
        return self._failure

    def check(self) -> StoreUnavailable | None:
        """Why the store does not answer or takes no writes now; tries one that failed, once a second."""
        if self._failure:
            with suppress(StoreUnavailable):
                self.write(lambda store: store.put(_PROBE, "", _RETRY_SECONDS))
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
            stored = self.read(lambda store: store.load(key))
        except StoreUnavailable:
            copy = self._copy(key)
            if copy is None:
                raise
            return copy
        copy = self._copy(key)
        if copy and (stored is None or _is_newer(copy, stored)):
            return self._write_back(key, copy, stored.generation if stored else 0)
        if stored:
            self._remember(key, stored)
        return stored

    def save(self, key: Key, credential: Credential, expected_generation: int) -> bool:
        """See Store. While the store does not answer, memory keeps the credential."""
        try:
            saved = self.write(lambda store: store.save(key, credential, expected_generation))
        except StoreUnavailable:
            saved = True  # what WeChat has just issued is not thrown away: `load` writes it back
        if saved:
            self._remember(key, credential)
        return saved

    def acquire(self, key: Key, owner: str, seconds: float) -> bool:
        """See Store."""
        return self.write(lambda store: store.acquire(key, owner, seconds))

    def release(self, key: Key, owner: str) -> None:
        """See Store. A lease that could not be given back runs out."""
        try:
            self.write(lambda store: store.release(key, owner))
        except StoreUnavailable as error:
            _log.warning("lease on %s of %s is left to run out: %s", key.credential, key.appid, error)

    def close(self) -> None:
        """See Store."""
        self._inner.close()

    def get(self, name: str) -> str | None:
        """See Entries."""
        kept = self._notes.get(name) if self._failure else None
        if kept is not None:
            return kept
        try:
            return self.read(lambda store: store.get(name))
        except StoreUnavailable:
            return self._notes.get(name)

    def put(self, name: str, text: str, seconds: float) -> None:
        """See Entries."""
        self._noted(lambda notes: notes.put(name, text, seconds))

    def add(self, name: str, text: str, seconds: float) -> bool:
        """See Entries."""
        return self._noted(lambda notes: notes.add(name, text, seconds))

    def forget(self, prefix: str) -> None:
        """See Entries."""
        self._noted(lambda notes: notes.forget(prefix))

    def read(self, action: Callable[[Store], T]) -> T:
        """What `action` reads in the store itself, without memory. Raises StoreUnavailable."""
        return self._try(action, write=False)

    def write(self, action: Callable[[Store], T]) -> T:
        """What `action` writes to the store itself, without memory. Raises StoreUnavailable."""
        return self._try(action, write=True)

    def _noted(self, action: Callable[[Store], T]) -> T:
        try:
            return self.write(action)
        except StoreUnavailable:
            return action(self._notes)

    def _try(self, action: Callable[[Store], T], *, write: bool) -> T:
        probing = self._failure is not None and (write or not self._readable)
        if probing:
            self._take_turn()
        try:
            answer = action(self._inner)
        except StoreUnavailable as error:
            self._failed(error, write=write)
            raise
        if probing:
            self._mended()
        return answer

    def _take_turn(self) -> None:
        """Raise the failure unless a second has passed since the store was tried; a clock set back counts as that."""
        with self._lock:
            now = self._clock()
            if self._failure and 0 <= now - self._tried_at < _RETRY_SECONDS:
                raise StoreUnavailable(str(self._failure))
            self._tried_at = now

    def _failed(self, failure: StoreUnavailable, *, write: bool) -> None:
        with self._lock:
            is_news = self._failure is None or (self._readable and not write)
            self._failure, self._tried_at = failure, self._clock()
            self._readable = self._readable and write
        if is_news:
            what = "takes no writes" if write else "does not answer, memory serves until credentials expire"
            _log.error("store %s: %s", what, failure)

    def _mended(self) -> None:
        with self._lock:
            is_news = self._failure is not None
            self._failure, self._readable = None, True
        if is_news:
            _log.warning("store answers again")

    def _copy(self, key: Key) -> Credential | None:
        with self._lock:
            return self._copies.get(key)

    def _remember(self, key: Key, credential: Credential) -> None:
        with self._lock:
            if self._copies.get(key) != credential:
                self._copies[key] = credential

    def _write_back(self, key: Key, copy: Credential, expected_generation: int) -> Credential:
        """Give the store a copy that it lost. Returns what it has now, the copy where that is older or missing."""
        try:
            self.write(lambda store: store.save(key, copy, expected_generation))
            stored = self.read(lambda store: store.load(key))
        except StoreUnavailable:
            return copy
        return copy if stored is None or _is_newer(copy, stored) else stored


class SharedEntries:
    """Entries in the store without the memory behind it, for what other workers must find.

    Each method raises StoreUnavailable while the store fails.
    """

    def __init__(self, store: FallbackStore) -> None:
        self._store = store

    def get(self, name: str) -> str | None:
        """See Entries."""
        return self._store.read(lambda store: store.get(name))

    def put(self, name: str, text: str, seconds: float) -> None:
        """See Entries."""
        self._store.write(lambda store: store.put(name, text, seconds))

    def add(self, name: str, text: str, seconds: float) -> bool:
        """See Entries."""
        return self._store.write(lambda store: store.add(name, text, seconds))

    def forget(self, prefix: str) -> None:
        """See Entries."""
        self._store.write(lambda store: store.forget(prefix))


def _is_newer(copy: Credential, stored: Credential) -> bool:
    """Whether the store was set back. By the time alone it cannot be told: the clocks of two nodes differ."""
    return copy.generation >= stored.generation and copy.obtained_at > stored.obtained_at


def _expires_at(_key: Key, credential: Credential, _now: float) -> float:
    return credential.expires_at
