"""Credentials and notes in one SQLite file, shared by all workers of a machine. All of this project's SQL is here."""

import logging
import os
import sqlite3
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from ..credential import SET_BACK_SECONDS, Credential, Key, restored
from ..exceptions import StoreUnavailable

_BUSY_SECONDS = 1.0
_SWITCH_ATTEMPTS = 20
_NO_FILE = (0, 0)
_PURGE_SECONDS = 1.0
"""between two purges of dead notes: each takes the write lock, which many threads want at once"""

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
CREATE TABLE IF NOT EXISTS notes (
    name TEXT NOT NULL PRIMARY KEY, text TEXT NOT NULL, until REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS notes_by_end ON notes (until);
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

_ADD_NOTE = """
INSERT INTO notes (name, text, until) VALUES (?, ?, ?)
ON CONFLICT DO UPDATE SET text = excluded.text, until = excluded.until WHERE notes.until <= ?"""


class _Opened(NamedTuple):
    connection: sqlite3.Connection
    process: int
    file: tuple[int, int]
    """device and inode"""


class SQLiteShelf:
    """A Shelf in the SQLite file `path`, in WAL mode: readers never wait for a writer. `clock` gives Unix seconds.

    Each thread has a connection of its own, opened when it first needs one, and again after a fork or when the file
    was replaced. The file is private (0600) before SQLite opens it; its -wal and -shm files inherit that.
    """

    def __init__(self, path: str | Path, clock: Callable[[], float]) -> None:
        self._path = Path(path)
        self._clock = clock
        self._thread = threading.local()
        self._inherited: list[_Opened] = []
        self._opening = threading.Lock()
        self._newest = _NO_FILE, _NO_FILE
        """the file that was opened last, by whichever thread, and its write-ahead log"""
        self._purged_at = 0.0

    def load(self, key: Key) -> Credential | None:
        """See Store."""
        with self._connection() as connection:
            row = connection.execute(_LOAD, key).fetchone()
            credential = restored(*row) if row else None
            if row and credential is None:
                _log.error("%s of %s in %s cannot be read: dropped", key.credential, key.appid, self._path)
                connection.execute(_DROP, (*key, row[4]))
        return credential

    def save(self, key: Key, credential: Credential, expected_generation: int) -> bool:
        """See Store."""
        values = (
            credential.value,
            credential.obtained_at,
            credential.stale_at,
            credential.expires_at,
            credential.generation,
            credential.first_seen_at,
            credential.birth_seen,
            *key,
        )
        with self._connection() as connection:
            if expected_generation == 0:
                return connection.execute(_INSERT, values).rowcount == 1
            return connection.execute(_UPDATE, (*values, expected_generation)).rowcount == 1

    def acquire(self, key: Key, owner: str, seconds: float) -> bool:
        """See Store."""
        asked = {**key._asdict(), "owner": owner, "seconds": seconds, "longest": seconds + SET_BACK_SECONDS}
        with self._connection() as connection:
            if connection.execute(_LEASED, asked).fetchone():
                return False  # those who wait ask often; asking takes no write lock
            return connection.execute(_ACQUIRE, asked).rowcount == 1

    def release(self, key: Key, owner: str) -> None:
        """See Store."""
        with self._connection() as connection:
            connection.execute("DELETE FROM leases WHERE appid = ? AND credential = ? AND owner = ?", (*key, owner))

    def close(self) -> None:
        """See Store."""
        opened: _Opened | None = self._thread.__dict__.pop("opened", None)
        if opened and opened.process == os.getpid():
            opened.connection.close()
        elif opened:
            self._inherited.append(opened)  # the parent process's: not even garbage collection may close it here

    def get(self, name: str) -> str | None:
        """See Notes."""
        with self._connection() as connection:
            row = connection.execute(
                "SELECT text FROM notes WHERE name = ? AND until > ?", (name, self._clock())
            ).fetchone()
        return row[0] if row else None

    def put(self, name: str, text: str, seconds: float) -> None:
        """See Notes."""
        now = self._clock()
        with self._connection() as connection:
            if not 0 <= now - self._purged_at < _PURGE_SECONDS:
                self._purged_at = now
                connection.execute("DELETE FROM notes WHERE until <= ?", (now,))
            connection.execute("REPLACE INTO notes (name, text, until) VALUES (?, ?, ?)", (name, text, now + seconds))

    def add(self, name: str, text: str, seconds: float) -> bool:
        """See Notes."""
        now = self._clock()
        with self._connection() as connection:
            return connection.execute(_ADD_NOTE, (name, text, now + seconds, now)).rowcount == 1

    def forget(self, prefix: str) -> None:
        """See Notes."""
        with self._connection() as connection:
            connection.execute("DELETE FROM notes WHERE substr(name, 1, ?) = ?", (len(prefix), prefix))

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._open()
        except (sqlite3.Error, OSError) as error:
            self.close()  # what a broken connection says next is not to be trusted
            raise StoreUnavailable(f"SQLite store {self._path}: {error}") from error

    def _open(self) -> sqlite3.Connection:
        opened: _Opened | None = getattr(self._thread, "opened", None)
        if opened and opened.process == os.getpid() and opened.file == _identity(self._path):
            return opened.connection
        self.close()
        with self._opening:
            self._remove_log_of_another_file()
            self._make_private_file()
            connection = self._connect()
            self._newest = _identity(self._path), _identity(self._file("-wal"))
            self._thread.opened = _Opened(connection, os.getpid(), self._newest[0])
        return connection

    def _connect(self) -> sqlite3.Connection:
        """A connection in WAL mode. For the switch SQLite wants the file for itself, and does not wait for that."""
        for attempt in range(_SWITCH_ATTEMPTS):
            connection = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.executescript(_SCHEMA)
                connection.create_function("unix_now", 0, self._clock)
            except sqlite3.Error as error:
                connection.close()
                if not _is_busy(error) or attempt + 1 == _SWITCH_ATTEMPTS:
                    raise
                time.sleep(_BUSY_SECONDS / _SWITCH_ATTEMPTS)
            else:
                break
        return connection

    def _remove_log_of_another_file(self) -> None:
        """Of a file that was replaced the log stayed behind; SQLite would play it into the new one.

        Who comes to the new file first does so. For the threads that learn of it later the log is the new file's.
        """
        file, wal = self._newest
        if file != _identity(self._path) and wal == _identity(self._file("-wal")) != _NO_FILE:
            self._file("-wal").unlink(missing_ok=True)
            self._file("-shm").unlink(missing_ok=True)

    def _make_private_file(self) -> None:
        """Never opens a file that exists: closing it again would drop the locks of this process's connections to it."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            if stat.S_IMODE(self._path.stat().st_mode) != 0o600:
                self._path.chmod(0o600)

    def _file(self, suffix: str) -> Path:
        return self._path.with_name(self._path.name + suffix)


def _identity(path: Path) -> tuple[int, int]:
    try:
        found = os.stat(path)  # noqa: PTH116 -- with every read, and Path.stat takes twice as long
    except FileNotFoundError:
        return _NO_FILE
    return (found.st_dev, found.st_ino)


def _is_busy(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
