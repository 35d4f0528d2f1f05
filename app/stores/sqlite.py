"""Credentials and entries in one SQLite file, shared by all workers of a machine. The only module with SQL."""

import logging
import sqlite3
import stat
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import astuple
from pathlib import Path
from typing import TypeVar

from ..errors import StoreUnavailable
from .credential import SET_BACK_SECONDS, Credential, Key, restored

T = TypeVar("T")
Action = Callable[[sqlite3.Connection], T]

_BUSY_SECONDS = 1.0  # longest wait for another writer, and for a connection
_OPEN_AGAIN_SECONDS = 0.05
_PURGE_SECONDS = 1.0  # between two purges of expired entries: each takes the write lock

_log = logging.getLogger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS credentials (
    appid TEXT NOT NULL, credential TEXT NOT NULL, value TEXT NOT NULL,
    obtained_at REAL NOT NULL, stale_at REAL NOT NULL, expires_at REAL NOT NULL, generation INTEGER NOT NULL,
    first_seen_at REAL NOT NULL, birth_seen INTEGER NOT NULL,
    PRIMARY KEY (appid, credential)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS leases (
    appid TEXT NOT NULL, credential TEXT NOT NULL, owner TEXT NOT NULL, until REAL NOT NULL,
    PRIMARY KEY (appid, credential)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entries (
    name TEXT NOT NULL PRIMARY KEY, text TEXT NOT NULL, until REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entries_by_end ON entries (until);
"""

_LOAD = """
SELECT value, obtained_at, stale_at, expires_at, generation, first_seen_at, birth_seen
FROM credentials WHERE appid = ? AND credential = ?"""

_DROP = "DELETE FROM credentials WHERE appid = ? AND credential = ? AND generation IS ?"

_INSERT = """
INSERT INTO credentials (value, obtained_at, stale_at, expires_at, generation, first_seen_at, birth_seen,
                         appid, credential)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""

_UPDATE = """
UPDATE credentials SET value = ?, obtained_at = ?, stale_at = ?, expires_at = ?, generation = ?, first_seen_at = ?,
                       birth_seen = ?
WHERE appid = ? AND credential = ? AND generation = ?"""

# unix_now() is read while the write lock is held: a lease that ends later than it can was not taken by another process
# since, but before the clock was set back.
_LEASED = """
SELECT 1 FROM leases
WHERE appid = :appid AND credential = :credential AND until > unix_now() AND until <= unix_now() + :longest"""

_ACQUIRE = """
INSERT INTO leases (appid, credential, owner, until) VALUES (:appid, :credential, :owner, unix_now() + :seconds)
ON CONFLICT DO UPDATE SET owner = excluded.owner, until = excluded.until
WHERE leases.until <= unix_now() OR leases.until > unix_now() + :longest"""

_GET = "SELECT text FROM entries WHERE name = ? AND until > ?"

_ADD = """
INSERT INTO entries (name, text, until) VALUES (?, ?, ?)
ON CONFLICT DO UPDATE SET text = excluded.text, until = excluded.until WHERE entries.until <= ?"""


class _Connection:
    """One connection, opened on first use; one thread uses it at a time."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._lock = threading.Lock()
        self._opened: sqlite3.Connection | None = None

    def run(self, action: Action[T]) -> T:
        """The result of `action`. Raises sqlite3.Error or OSError."""
        if not self._lock.acquire(timeout=_BUSY_SECONDS):
            raise TimeoutError("another thread is still writing")
        try:
            if self._opened is None:
                self._opened = self._connect()
            return action(self._opened)
        finally:
            self._lock.release()

    def close(self) -> None:
        with self._lock:
            if self._opened:
                self._opened.close()
                self._opened = None


class SQLiteStore:
    """A Store in the SQLite file `path`, in WAL mode. `clock` gives Unix seconds.

    A process has one connection for reading and one for writing, so readers never wait for a writer; close them before
    you fork. The file is private (0600), as are its -wal and -shm files. Stop the server before you replace it.
    """

    def __init__(self, path: str | Path, clock: Callable[[], float]) -> None:
        self._path = Path(path)
        self._clock = clock
        self._reader, self._writer = _Connection(self._open), _Connection(self._open)
        self._purged_at = 0.0

    def load(self, key: Key) -> Credential | None:
        row = self._read(lambda connection: connection.execute(_LOAD, key).fetchone())
        credential = restored(*row) if row else None
        if row and credential is None:
            _log.error("dropped unreadable row credential=%s appid=%s file=%s", key.credential, key.appid, self._path)
            self._write(_DROP, (*key, row[4]))
        return credential

    def save(self, key: Key, credential: Credential, expected_generation: int) -> bool:
        values = (*astuple(credential), *key)
        if expected_generation == 0:
            return self._write(_INSERT, values) == 1
        return self._write(_UPDATE, (*values, expected_generation)) == 1

    def acquire(self, key: Key, owner: str, seconds: float) -> bool:
        asked = {**key._asdict(), "owner": owner, "seconds": seconds, "longest": seconds + SET_BACK_SECONDS}
        if self._read(lambda connection: connection.execute(_LEASED, asked).fetchone()):
            return False  # waiting callers ask often; reading takes no write lock
        return self._write(_ACQUIRE, asked) == 1

    def release(self, key: Key, owner: str) -> None:
        self._write("DELETE FROM leases WHERE appid = ? AND credential = ? AND owner = ?", (*key, owner))

    def close(self) -> None:
        self._reader.close()
        self._writer.close()

    def get(self, name: str) -> str | None:
        row = self._read(lambda connection: connection.execute(_GET, (name, self._clock())).fetchone())
        return row[0] if row else None

    def get_all(self, names: Sequence[str]) -> list[str | None]:
        return [self.get(name) for name in names]

    def put(self, name: str, text: str, seconds: float) -> None:
        now = self._clock()
        if not 0 <= now - self._purged_at < _PURGE_SECONDS:
            self._purged_at = now
            self._write("DELETE FROM entries WHERE until <= ?", (now,))
        self._write("REPLACE INTO entries (name, text, until) VALUES (?, ?, ?)", (name, text, now + seconds))

    def add(self, name: str, text: str, seconds: float) -> bool:
        now = self._clock()
        return self._write(_ADD, (name, text, now + seconds, now)) == 1

    def forget(self, prefix: str) -> None:
        self._write("DELETE FROM entries WHERE substr(name, 1, ?) = ?", (len(prefix), prefix))

    def _read(self, action: Action[T]) -> T:
        try:
            return self._reader.run(action)
        except (sqlite3.Error, OSError) as error:
            try:
                return self._read_file_alone(action)
            except (sqlite3.Error, OSError):
                raise self._unavailable(error) from error

    def _write(self, statement: str, values: tuple[object, ...] | dict[str, object]) -> int:
        """Number of rows that the statement changed."""
        try:
            return self._writer.run(lambda connection: connection.execute(statement, values).rowcount)
        except (sqlite3.Error, OSError) as error:
            raise self._unavailable(error) from error

    def _unavailable(self, error: Exception) -> StoreUnavailable:
        if isinstance(error, sqlite3.Error) and not _is_busy(error):
            self.close()  # a broken connection cannot be trusted any more
        return StoreUnavailable(f"SQLite store {self._path}: {error}")

    def _open(self) -> sqlite3.Connection:
        """A connection in WAL mode. While one process switches a new file to it, the others try again."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path.touch(0o600)  # does not open an existing file: closing it would drop this process's locks
        if stat.S_IMODE(self._path.stat().st_mode) != 0o600:
            self._path.chmod(0o600)
        give_up_at = time.monotonic() + _BUSY_SECONDS
        while True:
            connection = sqlite3.connect(self._path, _OPEN_AGAIN_SECONDS, isolation_level=None, check_same_thread=False)
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.executescript(_SCHEMA)
                connection.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000:.0f}")
                connection.create_function("unix_now", 0, self._clock)
            except sqlite3.Error as error:
                connection.close()
                if not _is_busy(error) or time.monotonic() >= give_up_at:
                    raise
                time.sleep(_OPEN_AGAIN_SECONDS)
            else:
                return connection

    def _read_file_alone(self, action: Action[T]) -> T:
        """Read where SQLite cannot create -wal and -shm, as on a full or read-only disk."""
        wal = self._path.with_name(self._path.name + "-wal")
        if wal.exists() and wal.stat().st_size:
            raise sqlite3.OperationalError("the file alone is incomplete")
        uri = f"{self._path.absolute().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            connection.create_function("unix_now", 0, self._clock)
            return action(connection)


def _is_busy(error: Exception) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
