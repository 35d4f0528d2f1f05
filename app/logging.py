"""Log formats: one JSON line per event, a readable line on a terminal. No input of a caller can forge a line.

Configured secrets are masked in the lines of every logger: see redaction.py.
"""

import logging
import os
import re
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import partial
from json import JSONEncoder
from typing import TextIO

from .redaction import MASK, redacted

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""the id of the current request, added to every line logged meanwhile"""

write_line: Callable[[str], None] | None = None
"""writes a JSON line past all loggers; None where lines are for people, or before `configure`"""

_QUERY = re.compile(r"\?[^\s'\"]+")
_LINK = re.compile(r"(?<=/media/)[^\s'\"]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def configure(stream: TextIO) -> None:
    """Write this process's log to `stream`, and nowhere else."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter_for(stream))
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    logging.logThreads = logging.logMultiprocessing = False  # no line has them
    logging.raiseExceptions = False  # its message about a line that cannot be written quotes the arguments
    threading.excepthook = _uncaught  # Python's own hook bypasses every formatter
    silence_urllib3()
    global write_line  # noqa: PLW0603 -- of the process, as logging itself is
    write_line = None if stream.isatty() else partial(_write, stream)


def _write(stream: TextIO, line: str) -> None:
    """One system call: lines of several threads and processes do not mix."""
    with suppress(OSError):  # a full disk must not fail a request
        os.write(stream.fileno(), f"{line}\n".encode("ascii"))


def silence_urllib3() -> None:
    """Drop urllib3's lines: they hold whole URLs, and with them secrets and tokens."""
    logging.getLogger("urllib3").setLevel(logging.CRITICAL + 1)


def formatter_for(stream: TextIO) -> logging.Formatter:
    """Lines for people on a terminal, JSON everywhere else."""
    return LinesForPeople() if stream.isatty() else JsonLines()


def without_request(record: logging.LogRecord) -> bool:
    """A filter for gunicorn's messages: removes what a caller sent, which may hold a code or a key."""
    message = _LINK.sub(MASK, _QUERY.sub("?...", _message(record)))
    if message.startswith("Invalid request from"):
        message = f"{message.partition(': ')[0]}: {type(sys.exception()).__name__}"
    record.msg, record.args = message, None
    return True


def take_over(logger: logging.Logger) -> None:
    """Write gunicorn's messages in our format, without what callers sent."""
    for handler in logger.handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setFormatter(formatter_for(handler.stream))
    logger.filters[:] = [without_request]


def escaped(text: str) -> str:
    r"""The text with control characters as `\x1b`, line ends too."""
    return _CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def _message(record: logging.LogRecord) -> str:
    """The message, even if its arguments do not fit or cannot be shown: a log line must not stop the program."""
    try:
        return record.getMessage()
    except Exception as error:  # noqa: BLE001 -- the arguments may raise anything
        return f"{record.msg!r} with arguments that cannot be shown ({type(error).__name__})"


def _shown(value: object) -> str:
    try:
        return str(value)
    except Exception as error:  # noqa: BLE001 -- the value may raise anything
        return f"cannot be shown ({type(error).__name__})"


_ENCODER = JSONEncoder(separators=(",", ":"), default=_shown, skipkeys=True)


def _uncaught(hook: threading.ExceptHookArgs) -> None:
    """Log the exception that ended a thread."""
    if hook.exc_value and not isinstance(hook.exc_value, SystemExit):
        thread = hook.thread.name if hook.thread else "?"
        logging.getLogger(__name__).error("thread %s ended", thread, exc_info=hook.exc_value)


class JsonLines(logging.Formatter):
    """`time` (UTC), `level`, `logger`, `pid`, `message`, `request_id`, then the entries of a mapping argument."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        event: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "pid": record.process,
            "message": _message(record),
        }
        current = request_id.get()
        if current:
            event["request_id"] = current
        if isinstance(record.args, Mapping):
            event |= {str(name): value for name, value in record.args.items() if name not in event}
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return redacted(_ENCODER.encode(event).replace("\x7f", "\\u007f"))


class LinesForPeople(logging.Formatter):
    """`12:34:56 INFO app.credentials: message name=value [request id]`; a traceback follows, indented."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, or several with a traceback."""
        current = request_id.get()
        suffix = f" [{current}]" if current else ""
        clock = self.formatTime(record, "%H:%M:%S")
        facts = record.args.items() if isinstance(record.args, Mapping) else ()
        message = " ".join([_message(record), *(f"{name}={_shown(value)}" for name, value in facts)])
        lines = [f"{clock} {record.levelname} {record.name}: {escaped(message)}{suffix}"]
        if record.exc_info:
            lines += [f"    {escaped(line)}" for line in self.formatException(record.exc_info).split("\n")]
        return redacted("\n".join(lines))
