"""A bound on how long a block of code may take as a whole."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ends_at: ContextVar[float] = ContextVar("_ends_at", default=float("inf"))


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Bound the block to `seconds`, or to what the enclosing block has left if that is less."""
    token = _ends_at.set(min(_ends_at.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _ends_at.reset(token)


def seconds_left() -> float:
    """Seconds until the deadline of the current block; negative after it, infinite without one."""
    return _ends_at.get() - time.monotonic()
