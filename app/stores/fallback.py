"""What is left when the store fails: the last copy of each credential, in memory, until it expires."""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from cachetools import TLRUCache

from ..credential import Credential, Key, Shelf
from ..exceptions import StoreUnavailable
from .memory import MemoryShelf

T = TypeVar("T")

_PROBE_SECONDS = 1.0
_PROBE = "store:probe"
"""the note that is written to see whether notes can be written"""
_LOOK_SECONDS = 0.25
"""Whoever watches the server waits no longer: SQLite waits a second for a lock, which is all that Kubernetes gives."""
_KEYS = 10_000
"""More credentials than any company has: the bound is there so that there is one."""

_log = logging.getLogger(__name__)


class _Way:
    """Reading, or writing: why it fails, and who may try next. One thread probes once a second."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.failure: StoreUnavailable | None = None
        self._lock = threading.Lock()
        self._clock = clock
        self._probed_at = 0.0

    def closed(self) -> StoreUnavailable | None:
        """The failure, until it is time to probe."""
        return self.failure if 0 <= self._clock() - self._probed_at < _PROBE_SECONDS else None

    def failed(self, failure: StoreUnavailable) -> bool:
        """Close it for everybody but one thread a second. Says whether it was open."""
        with self._lock:
            was_open = self.failure is None
            self.failure = failure
        self._probed_at = self._clock()
        return was_open

    def mended(self) -> bool:
        """Open it for everybody. Says whether it was closed."""
        with self._lock:
            was_closed = self.failure is not None
            self.failure = None
        return was_closed

    def probe(self) -> None:
        """This thread does: the next one a second from now."""
        self._probed_at = self._clock()


class FallbackShelf:
    """A Shelf that answers from memory while `inner` does not.

    Nobody waits for a broken store: one thread probes it once a second, all others are told at once. Nobody fetches
    alone either: without the store there is no lease. Notes are kept in memory meanwhile. A store that takes no writes
    (a full disk, a replica) is still read.
    """

    def __init__(self, inner: Shelf, clock: Callable[[], float], look_seconds: float = _LOOK_SECONDS) -> None:
        self._inner = inner
        self._clock = clock
        self._lock = threading.Lock()
        self._copies: TLRUCache[Key, Credential] = TLRUCache(_KEYS, ttu=_expires_at, timer=clock)
        self._notes = MemoryShelf(clock)
        self._reads = _Way(clock)
        self._writes = _Way(clock)
        self._looking = threading.Lock()
        self._look_seconds = look_seconds

    @property
    def failure(self) -> StoreUnavailable | None:
        """Why the store did not answer, or took no writes, when it was last asked; None if it did."""
        return self._reads.failure or self._writes.failure

    def look(self) -> StoreUnavailable | None:
        """Why the store does not answer or takes no writes now: what failed is tried again, as nobody else may.

        What takes longer than `look_seconds` is found out for the next one who looks.
        """
        if self.failure:
            looking = threading.Thread(target=self._look, name="store look", daemon=True)
            looking.start()
            looking.join(self._look_seconds)
        return self.failure

    @property
    def copies(self) -> int:
        """How many live credentials memory could serve."""
        with self._lock:
            self._copies.expire()
            return len(self._copies)

    def load(self, key: Key) -> Credential | None:
        """The stored credential, else a live copy. A store that was emptied or set back gets the live copy back."""
        try:
            stored = self._read(lambda: self._inner.load(key))
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
            saved = self._write(lambda: self._inner.save(key, credential, expected_generation))
        except StoreUnavailable:
            saved = True  # what WeChat has just issued is not thrown away: `load` writes it back
        if saved:
            self._remember(key, credential)
        return saved

    def acquire(self, key: Key, owner: str, seconds: float) -> bool:
        """See Store."""
        return self._write(lambda: self._inner.acquire(key, owner, seconds))

    def release(self, key: Key, owner: str) -> None:
        """See Store. A lease that could not be given back runs out."""
        try:
            self._write(lambda: self._inner.release(key, owner))
        except StoreUnavailable as error:
            _log.warning("lease on %s of %s is left to run out: %s", key.credential, key.appid, error)

    def close(self) -> None:
        """See Store."""
        self._inner.close()

    def get(self, name: str) -> str | None:
        """See Notes."""
        kept = self._notes.get(name) if self._writes.failure else None
        if kept is not None:
            return kept
        try:
            return self._read(lambda: self._inner.get(name))
        except StoreUnavailable:
            return self._notes.get(name)

    def put(self, name: str, text: str, seconds: float) -> None:
        """See Notes."""
        self._noted(lambda notes: notes.put(name, text, seconds))

    def add(self, name: str, text: str, seconds: float) -> bool:
        """See Notes."""
        return self._noted(lambda notes: notes.add(name, text, seconds))

    def forget(self, prefix: str) -> None:
        """See Notes."""
        self._noted(lambda notes: notes.forget(prefix))

    def read(self, action: Callable[[Shelf], T]) -> T:
        """What `action` reads in the store itself, without memory. Raises StoreUnavailable."""
        return self._read(lambda: action(self._inner))

    def write(self, action: Callable[[Shelf], T]) -> T:
        """What `action` writes to the store itself, without memory. Raises StoreUnavailable."""
        return self._write(lambda: action(self._inner))

    def _look(self) -> None:
        if not self._looking.acquire(blocking=False):
            return
        try:
            with suppress(StoreUnavailable):
                self.write(lambda store: store.put(_PROBE, "", _PROBE_SECONDS))
        finally:
            self._inner.close()  # what this thread has opened
            self._looking.release()

    def _noted(self, action: Callable[[Shelf], T]) -> T:
        try:
            return self.write(action)
        except StoreUnavailable:
            return action(self._notes)

    def _read(self, action: Callable[[], T]) -> T:
        if self._reads.failure is None:
            return self._try(self._reads, action)
        self._probe(self._reads)
        return self._mended(self._try(self._reads, action))

    def _write(self, action: Callable[[], T]) -> T:
        if self._writes.failure is self._reads.failure is None:
            return self._try(self._writes, action)
        self._probe(self._reads, self._writes)  # what cannot be read is not written to either
        return self._mended(self._try(self._writes, action))

    def _try(self, way: _Way, action: Callable[[], T]) -> T:
        try:
            return action()
        except StoreUnavailable as error:
            if way.failed(error):
                what = "does not answer, memory serves until credentials expire"
                _log.error("store %s: %s", what if way is self._reads else "takes no writes", error)
            raise

    def _mended(self, answer: T) -> T:
        mended = [way.mended() for way in (self._reads, self._writes)]
        if any(mended):
            _log.warning("store answers again")
        return answer

    def _probe(self, *ways: _Way) -> None:
        """Raise unless it is time to; then this thread probes."""
        with self._lock:
            for way in ways:
                failure = way.closed()
                if failure:
                    raise StoreUnavailable(str(failure))
            for way in ways:
                way.probe()

    def _copy(self, key: Key) -> Credential | None:
        with self._lock:
            return self._copies.get(key)

    def _remember(self, key: Key, credential: Credential) -> None:
        with self._lock:
            if self._copies.get(key) != credential:
                self._copies[key] = credential

    def _write_back(self, key: Key, copy: Credential, expected_generation: int) -> Credential | None:
        try:
            self._write(lambda: self._inner.save(key, copy, expected_generation))
            return self._read(lambda: self._inner.load(key))
        except StoreUnavailable:
            return copy


def _is_newer(copy: Credential, stored: Credential) -> bool:
    """Whether the store was set back. By the time alone it cannot be told: the clocks of two nodes differ."""
    return copy.generation >= stored.generation and copy.obtained_at > stored.obtained_at


def _expires_at(_key: Key, credential: Credential, _now: float) -> float:
    return credential.expires_at
