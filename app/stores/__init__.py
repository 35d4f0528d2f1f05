"""Where credentials are kept; `open_shelf` picks by the store's URL."""

from collections.abc import Callable, Sequence

from ..credential import Shelf
from .fallback import FallbackShelf
from .memory import MemoryShelf
from .redis import TIMEOUT_SECONDS, RedisShelf
from .sealed import SealedShelf
from .shared import SharedNotes
from .sqlite import SQLiteShelf

__all__ = ["FallbackShelf", "MemoryShelf", "RedisShelf", "SQLiteShelf", "SealedShelf", "SharedNotes", "open_shelf"]


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


def _inner(store_url: str, prefix: str, clock: Callable[[], float], redis_timeout_seconds: float) -> Shelf:
    scheme, _, rest = store_url.partition("://")
    if scheme == "sqlite":
        return SQLiteShelf(rest.removeprefix("/"), clock)
    if scheme == "memory":
        return MemoryShelf(clock)
    return RedisShelf(store_url, prefix, redis_timeout_seconds)
