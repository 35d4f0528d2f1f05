"""An AppSecret; one that comes from a file can be changed without a restart."""

import logging
from collections.abc import Callable
from pathlib import Path

_log = logging.getLogger(__name__)

_Stamp = tuple[int, int, int, int]


class Secret:
    """The AppSecret of `owner`, an account's name. Safe to share between threads.

    `file` is the path that `value` was read from, `read` what reads it again: it raises ValueError for a file without
    a usable secret, and then the one that we have stays.
    """

    def __init__(
        self, value: str, *, owner: str = "", file: str | None = None, read: Callable[[str], str] | None = None
    ) -> None:
        self._value = value
        self._owner = owner
        self._file = file
        self._read = read
        self._seen: _Stamp | None = (0, 0, 0, 0)
        """of the file when it was read here last; at first none that a file has"""

    def __repr__(self) -> str:
        return f"Secret(owner={self._owner!r})"

    @property
    def value(self) -> str:
        """As it was read last."""
        return self._value

    def look(self) -> None:
        """Read the file again if somebody touched it since; to look costs next to nothing."""
        stamp = self._stamp()
        if stamp != self._seen:
            self._read_again(stamp)

    def replaces(self, refused: str) -> bool:
        """WeChat refused the secret `refused`: whether there is another one by now. The file is read for it."""
        if self._value == refused:
            self._read_again(self._stamp())
        return self._value != refused

    def _stamp(self) -> _Stamp | None:
        if self._file is None:
            return self._seen
        try:
            found = Path(self._file).stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns

    def _read_again(self, stamp: _Stamp | None) -> None:
        if self._file is None or self._read is None:
            return
        self._seen = stamp
        try:
            value = self._read(self._file)
        except ValueError as error:
            _log.warning("secret file of %s: %s; the secret that was read before stays", self._owner, error)
            return
        if value != self._value:
            self._value = value
            _log.info("secret file of %s: it has another secret now", self._owner)
