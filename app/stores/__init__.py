"""Where credentials are kept; `open_shelf` picks by the store's URL."""

from collections.abc import Callable, Sequence

from ..credential import Shelf
from .fallback import FallbackShelf
from .memory import MemoryShelf
from .redis import RedisShelf
from .sealed import SealedShelf
from .shared import SharedNotes
from .sqlite import SQLiteShelf

__all__ = ["FallbackShelf", "MemoryShelf", "RedisShelf", "SQLiteShelf", "SealedShelf", "SharedNotes", "open_shelf"]


def open_shelf(store_url: str, prefix: str, clock: Callable[[], float], keys: Sequence[str] = ()) -> FallbackShelf:
    """The shelf that `store_url` names, with memory behind it for when it fails. Nothing is opened yet.

    `sqlite:///path` is for one machine, `redis://` and `rediss://` for several (keys begin with `prefix`), `memory://`
    for one process. `keys` seal the credentials that are stored there: the first one seals, all open.
    """
    return FallbackShelf(SealedShelf(_inner(store_url, prefix, clock), keys), clock)


def _inner(store_url: str, prefix: str, clock: Callable[[], float]) -> Shelf:
    scheme, _, rest = store_url.partition("://")
    if scheme == "sqlite":
        return SQLiteShelf(rest.removeprefix("/"), clock)
    return MemoryShelf(clock) if scheme == "memory" else RedisShelf(store_url, prefix)
