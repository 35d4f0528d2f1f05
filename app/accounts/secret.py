"""Secrets: what counts as one, and an AppSecret that can be replaced without a restart."""

import logging
import re
from collections.abc import Callable
from pathlib import Path

_log = logging.getLogger(__name__)

# A secret that was copied from an example is never right, and a published one protects nothing.
_PLACEHOLDER = re.compile(
    r"<.*>|\$?\{.*\}|\$\w+|your[-_ ].*|.*change[-_ ]?me.*|.*replace[-_ ]?(me|with|this).*|[x*.0_-]+"
    r"|(app[-_]?)?secret|password|placeholder|example|todo|none|null",
    re.IGNORECASE | re.DOTALL,
)


def secret_in_file(path: str) -> str:
    """Return the secret that a file holds, without its line end. Raises ValueError, which shows neither."""
    return usable(text_of(path).rstrip("\r\n"))


def usable(secret: str) -> str:
    """Return the secret as it is. Raises ValueError, without the secret, for what cannot be one."""
    if not secret:
        raise ValueError("is empty")
    if _PLACEHOLDER.fullmatch(secret):
        raise ValueError("is a placeholder: put the real one there")
    if not re.fullmatch(r"[!-~]+", secret):
        raise ValueError("has a space, a line end or a letter outside ASCII, as no secret or key has")
    return secret


def text_of(path: str) -> str:
    """Return a file's text. Raises ValueError, without path (it might be a misplaced secret) and content."""
    try:
        return Path(path).read_text("utf-8-sig")
    except OSError as error:
        problem = f"the file cannot be read ({error.strerror})"
    except UnicodeDecodeError:
        problem = "the file is not UTF-8"
    except ValueError:
        problem = "no file can have this name"
    raise ValueError(problem)  # outside of every `except`: the chain would hold path or content


class Secret:
    """The AppSecret of `owner`, an account's name. Safe to share between threads.

    `read` reads `file` again. It raises ValueError for a file without a usable secret; the current value then stays.
    """

    def __init__(
        self, value: str, *, owner: str = "", file: str | None = None, read: Callable[[str], str] = secret_in_file
    ) -> None:
        self._value = value
        self._owner = owner
        self._file = file
        self._read = read
        self._warned_of = ""

    def __repr__(self) -> str:
        return f"Secret(owner={self._owner!r})"

    @property
    def value(self) -> str:
        """The value last read."""
        return self._value

    def reload(self) -> None:
        """Read the file again, after WeChat refused the secret."""
        if self._file is None:
            return
        try:
            value = self._read(self._file)
        except ValueError as error:
            if str(error) != self._warned_of:
                _log.warning("secret file unusable, keeping the old secret: %s account=%s", error, self._owner)
            self._warned_of = str(error)
            return
        self._warned_of = ""
        if value != self._value:
            self._value = value
            _log.info("secret reloaded from its file account=%s", self._owner)

    def replaces(self, refused: str) -> bool:
        """Return whether there is another secret than `refused`, which WeChat called wrong; reads the file for it."""
        if self._value == refused:
            self.reload()
        return self._value != refused
