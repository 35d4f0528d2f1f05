"""Where credentials are kept; `open_shelf` picks by the store's URL."""

from collections.abc import Callable, Sequence
from pathlib import Path

from ..credential import Shelf
from .fallback import FallbackShelf, SharedNotes
from .memory import MemoryShelf
from .redis import TIMEOUT_SECONDS, RedisShelf
from .sealed import SealedShelf
from .sqlite import SQLiteShelf

__all__ = [
    "FallbackShelf",
    "MemoryShelf",
    "RedisShelf",
    "SQLiteShelf",
    "SealedShelf",
    "SharedNotes",
    "open_shelf",
    "sqlite_file",
]


def open_shelf(
    store_url: str,
    prefix: str,
    clock: Callable[[], float],
    keys: Sequence[str] = (),
    redis_timeout_seconds: float = TIMEOUT_SECONDS,
) -> FallbackShelf:
    """The shelf that `store_url` names, with memory behind it for when it fails. Nothing is opened yet.

    `sqlite:///path` is for one machine, `memory://` for one process, `redis://` and `rediss://` for several machines:
    there keys begin with `prefix`, and a call ends after `redis_timeout_seconds`. `keys` seal the credentials that are
    stored: the first one seals, all open.
    """
    return FallbackShelf(SealedShelf(_inner(store_url, prefix, clock, redis_timeout_seconds), keys), clock)


def sqlite_file(store_url: str) -> Path | None:
    """The file of an SQLite store, which need not be there yet; None for other stores."""
    scheme, _, rest = store_url.partition("://")
    return Path(rest.removeprefix("/")) if scheme == "sqlite" else None


def _inner(store_url: str, prefix: str, clock: Callable[[], float], redis_timeout_seconds: float) -> Shelf:
    file = sqlite_file(store_url)
    if file:
        return SQLiteShelf(file, clock)
    if store_url == "memory://":
        return MemoryShelf(clock)
    return RedisShelf(store_url, prefix, redis_timeout_seconds)
