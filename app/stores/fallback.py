"""The fallback for a failing store: the last copy of each credential, in memory, until it expires."""

import logging
import threading
from collections.abc import Callable, Sequence
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
"""the entry that is written to see whether the store takes writes"""
_KEYS = 10_000
"""more than any company has"""

_log = logging.getLogger(__name__)


class FallbackStore:
    """A Store that answers from memory while `inner` does not.

    One caller a second probes a failing store; all others are answered from memory at once. No process fetches
    meanwhile, as there is no lease. Entries go to memory. A store that takes no writes (full disk, replica) is still
    read.
    """

    def __init__(self, inner: Store, clock: Callable[[], float]) -> None:
        self._inner = inner
        self._clock = clock
        self._lock = threading.Lock()
        self._copies: TLRUCache[Key, Credential] = TLRUCache(_KEYS, ttu=_expires_at, timer=clock)
        self._entries = MemoryStore(clock)
        self._failure: StoreUnavailable | None = None
        self._readable = True
        self._probed_at = 0.0
        """when the failing store was last probed"""

    @property
    def failure(self) -> StoreUnavailable | None:
        """Why the last call to the store failed; None if it succeeded."""
        return self._failure

    def check(self) -> StoreUnavailable | None:
        """Why the store does not answer or takes no writes now. A failing one is probed once a second."""
        with suppress(StoreUnavailable):
            if self._failure:
                self.write(lambda store: store.put(_PROBE, "", _RETRY_SECONDS))
            else:
                self.read(lambda store: store.get(_PROBE))
        return self._failure

    @property
    def copies(self) -> int:
        """Number of live credentials in memory."""
        with self._lock:
            self._copies.expire()
            return len(self._copies)

    def load(self, key: Key) -> Credential | None:
        """The stored credential, else a live copy, which is written back to a store that was emptied or restored."""
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
        """While the store does not answer, memory keeps the credential."""
        try:
            saved = self.write(lambda store: store.save(key, credential, expected_generation))
        except StoreUnavailable:
            saved = True  # a token just issued is kept: `load` writes it back
        if saved:
            self._remember(key, credential)
        return saved

    def acquire(self, key: Key, owner: str, seconds: float) -> bool:
        return self.write(lambda store: store.acquire(key, owner, seconds))

    def release(self, key: Key, owner: str) -> None:
        """A lease that cannot be released expires."""
        try:
            self.write(lambda store: store.release(key, owner))
        except StoreUnavailable as error:
            _log.warning("lease not released credential=%s appid=%s: %s", key.credential, key.appid, error)

    def close(self) -> None:
        self._inner.close()

    def get(self, name: str) -> str | None:
        return self.get_all([name])[0]

    def get_all(self, names: Sequence[str]) -> list[str | None]:
        """While the store fails, what memory has comes first."""
        kept: list[str | None] = self._entries.get_all(names) if self._failure else [None] * len(names)
        if None not in kept:
            return kept
        try:
            stored = self.read(lambda store: store.get_all(names))
        except StoreUnavailable:
            return self._entries.get_all(names)
        return [text if text is not None else of_store for text, of_store in zip(kept, stored, strict=True)]

    def put(self, name: str, text: str, seconds: float) -> None:
        self._write_entry(lambda entries: entries.put(name, text, seconds))

    def add(self, name: str, text: str, seconds: float) -> bool:
        return self._write_entry(lambda entries: entries.add(name, text, seconds))

    def forget(self, prefix: str) -> None:
        self._write_entry(lambda entries: entries.forget(prefix))

    def read(self, action: Callable[[Store], T]) -> T:
        """The result of `action` on the store itself, without the fallback. Raises StoreUnavailable."""
        return self._try(action, write=False)

    def write(self, action: Callable[[Store], T]) -> T:
        """The result of a writing `action` on the store itself, without the fallback. Raises StoreUnavailable."""
        return self._try(action, write=True)

    def _write_entry(self, action: Callable[[Store], T]) -> T:
        try:
            return self.write(action)
        except StoreUnavailable:
            return action(self._entries)

    def _try(self, action: Callable[[Store], T], *, write: bool) -> T:
        """Call the store. While it fails, only one caller a second does so; a clock set back counts as a second."""
        with self._lock:
            now = self._clock()
            probing = self._failure is not None and (write or not self._readable)
            if probing and 0 <= now - self._probed_at < _RETRY_SECONDS:
                raise StoreUnavailable(str(self._failure))
            if probing:
                self._probed_at = now
        try:
            answer = action(self._inner)
        except StoreUnavailable as error:
            with self._lock:
                is_news = self._failure is None or (self._readable and not write)
                self._failure, self._probed_at = error, self._clock()
                self._readable = self._readable and write
            if is_news:
                what = "takes no writes" if write else "does not answer, memory serves until credentials expire"
                _log.error("store %s: %s", what, error)
            raise
        if probing:
            with self._lock:
                is_news, self._failure, self._readable = self._failure is not None, None, True
            if is_news:
                _log.warning("store answers again")
        return answer

    def _copy(self, key: Key) -> Credential | None:
        with self._lock:
            return self._copies.get(key)

    def _remember(self, key: Key, credential: Credential) -> None:
        with self._lock:
            if self._copies.get(key) != credential:
                self._copies[key] = credential

    def _write_back(self, key: Key, copy: Credential, expected_generation: int) -> Credential:
        """Write back a copy that the store lost. Return the newer of the copy and what the store has then."""
        try:
            self.write(lambda store: store.save(key, copy, expected_generation))
            stored = self.read(lambda store: store.load(key))
        except StoreUnavailable:
            return copy
        return copy if stored is None or _is_newer(copy, stored) else stored


class SharedEntries:
    """Entries without the fallback to memory, for what other workers must find."""

    def __init__(self, store: FallbackStore) -> None:
        self._store = store

    def get(self, name: str) -> str | None:
        return self._store.read(lambda store: store.get(name))

    def get_all(self, names: Sequence[str]) -> list[str | None]:
        return self._store.read(lambda store: store.get_all(names))

    def put(self, name: str, text: str, seconds: float) -> None:
        self._store.write(lambda store: store.put(name, text, seconds))

    def add(self, name: str, text: str, seconds: float) -> bool:
        return self._store.write(lambda store: store.add(name, text, seconds))

    def forget(self, prefix: str) -> None:
        self._store.write(lambda store: store.forget(prefix))


def _is_newer(copy: Credential, stored: Credential) -> bool:
    """Whether the store lost a save. Times alone do not tell, as the clocks of two nodes differ."""
    return copy.generation >= stored.generation and copy.obtained_at > stored.obtained_at


def _expires_at(_key: Key, credential: Credential, _now: float) -> float:
    return credential.expires_at
