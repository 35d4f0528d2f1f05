"""Where credentials are kept: memory for tests, SQLite for one machine; `open_shelf` picks by the store's URL."""

from collections.abc import Callable

from ..credential import Shelf
from .fallback import FallbackShelf
from .memory import MemoryShelf
from .sqlite import SQLiteShelf

__all__ = ["FallbackShelf", "MemoryShelf", "SQLiteShelf", "open_shelf"]


def open_shelf(store_url: str, clock: Callable[[], float]) -> FallbackShelf:
    """The shelf that `store_url` names (`memory://` or `sqlite:///path`), with memory behind it for when it fails."""
    scheme, _, path = store_url.partition(":///")
    inner: Shelf = SQLiteShelf(path, clock) if scheme == "sqlite" else MemoryShelf(clock)
    return FallbackShelf(inner, clock)
