"""A bound on how long something may take as a whole, whatever it is made of."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ends_at: ContextVar[float] = ContextVar("_ends_at", default=float("inf"))


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Within this block everything has to be over in `seconds`, or with the block around it if that ends sooner."""
    token = _ends_at.set(min(_ends_at.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _ends_at.reset(token)


def seconds_left() -> float:
    """Until the deadline of the block that we are in; less than 0 when it is over."""
    return _ends_at.get() - time.monotonic()
