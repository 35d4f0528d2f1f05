"""Makes what a store holds older, so that no test has to wait until it is."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from app.stores import Credential, FallbackStore, Key, open_store

PREFIX = "wechat:"
"""the default of WECHAT_STORE_PREFIX"""
_REDIS_TIMEOUT_SECONDS = 5.0


def stored(store_url: str, appid: str, credential: str) -> Credential | None:
    """The credential as it is stored."""
    with _store(store_url) as store:
        return store.load(Key(appid, credential))


def make_stale(store_url: str, appid: str, credential: str) -> None:
    """From now on it is time to look for a successor."""
    _change(store_url, Key(appid, credential), stale_at=time.time() - 1)


def make_expired(store_url: str, appid: str, credential: str) -> None:
    """From now on nobody is to get it."""
    _change(store_url, Key(appid, credential), stale_at=time.time() - 1, expires_at=time.time() - 1)


def _change(store_url: str, key: Key, **times: float) -> None:
    with _store(store_url) as store:
        credential = store.load(key)
        assert credential is not None, f"no {key.credential} is stored"
        changed = replace(credential, **times)  # type: ignore[arg-type] # all of them are times
        assert store.save(key, changed, credential.generation), "somebody saved another one meanwhile"


@contextmanager
def _store(store_url: str) -> Iterator[FallbackStore]:
    store = open_store(store_url, PREFIX, time.time, redis_timeout_seconds=_REDIS_TIMEOUT_SECONDS)
    try:
        yield store
    finally:
        store.close()
