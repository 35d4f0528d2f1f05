"""Stores for credentials and expiring entries; `open_store` picks one by its URL."""

from collections.abc import Callable, Sequence
from pathlib import Path

from ..errors import SettingsError
from .credential import CLOCKS_DIFFER_SECONDS, Credential, Key, State
from .fallback import FallbackStore, SharedEntries
from .memory import MemoryStore
from .protocol import Entries, Store
from .sealed import SealedStore
from .sqlite import SQLiteStore


def open_store(
    store_url: str,
    prefix: str,
    clock: Callable[[], float],
    keys: Sequence[str] = (),
    redis_timeout_seconds: float = 0.25,
) -> FallbackStore:
    """The store that `store_url` names, with the fallback to memory. Nothing is opened yet.

    `sqlite:///path` is for one machine, `memory://` for one process, `redis://`, `rediss://` and `redis+sentinel://`
    for several machines: there keys begin with `prefix`, and connecting and answering take at most
    `redis_timeout_seconds` each. The first of `keys` encrypts stored credentials, all of them decrypt. Raises
    SettingsError if the client for Redis is not installed.
    """
    inner: Store
    if file := sqlite_file(store_url):
        inner = SQLiteStore(file, clock)
    elif store_url == "memory://":
        inner = MemoryStore(clock)
    else:
        try:
            from .redis import RedisStore  # noqa: PLC0415 -- an extra; other stores start without loading its client
        except ModuleNotFoundError:
            what = "redis is missing, the client for this store: pip install 'wechat-central-server[redis]'"
            raise SettingsError([f"WECHAT_STORE_URL: {what}"]) from None

        inner = RedisStore(store_url, prefix, redis_timeout_seconds)
    return FallbackStore(SealedStore(inner, keys), clock)


def sqlite_file(store_url: str) -> Path | None:
    """The path of an SQLite store, which may not exist yet; None for other stores."""
    scheme, _, rest = store_url.partition("://")
    return Path(rest.removeprefix("/")) if scheme == "sqlite" else None
