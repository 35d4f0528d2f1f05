"""Encryption at rest: a stolen file, dump or backup of the store reveals no token."""

import json
import logging
from collections.abc import Sequence
from dataclasses import replace

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from .credential import Credential, Key
from .protocol import Store

_SEALED = "sealed:"
"""prefix of an encrypted value; WeChat's values have no colon"""

_log = logging.getLogger(__name__)


class _NotOpenedError(Exception):
    """The stored value cannot be used; the text says why."""


class SealedStore:
    """A Store that encrypts the values of credentials: the first of `keys` encrypts, all of them decrypt.

    An encrypted value names its key in the store, so a row copied to another key is not accepted there. A value that
    cannot be decrypted, or is plain though there are keys, counts as a credential that expired long ago: the next
    fetch, or a live copy in memory, replaces it. Entries hold no secrets and stay plain.
    """

    def __init__(self, inner: Store, keys: Sequence[str]) -> None:
        self.acquire, self.release, self.close = inner.acquire, inner.release, inner.close
        self.get, self.get_all, self.put = inner.get, inner.get_all, inner.put
        self.add, self.forget = inner.add, inner.forget
        self._inner = inner
        self._keys = MultiFernet([Fernet(key) for key in keys]) if keys else None
        self._opened: dict[Key, tuple[str, str]] = {}
        """the last stored text of each key, and its value: decrypting takes ten times as long as reading"""
        self._warned: set[Key] = set()

    def load(self, key: Key) -> Credential | None:
        """The stored credential; an unusable one is empty and expired."""
        stored = self._inner.load(key)
        if stored is None:
            return None
        try:
            value = self._value(key, stored.value)
        except _NotOpenedError as error:
            if key not in self._warned:  # it counts as expired until a fetch replaces it
                self._warned.add(key)
                _log.warning("stored %s of %s is not used: %s", key.credential, key.appid, error)
            # Older than any copy, so that a live one in memory is written back; the generation lets it be replaced.
            return replace(stored, value="", obtained_at=0.0, stale_at=0.0, expires_at=0.0, first_seen_at=0.0)
        return replace(stored, value=value) if value is not stored.value else stored

    def save(self, key: Key, credential: Credential, expected_generation: int) -> bool:
        return self._inner.save(key, replace(credential, value=self._text(key, credential.value)), expected_generation)

    def _value(self, key: Key, text: str) -> str:
        sealed = text.startswith(_SEALED)
        if self._keys is None:
            if sealed:
                raise _NotOpenedError("it is sealed, and there is no WECHAT_STORE_KEY")
            return text
        if not sealed:
            raise _NotOpenedError("it is not sealed, though there is a WECHAT_STORE_KEY")
        known = self._opened.get(key)
        if known and known[0] == text:
            return known[1]
        try:
            *place, value = json.loads(self._keys.decrypt(text.removeprefix(_SEALED).encode()))
        except InvalidToken:
            raise _NotOpenedError("no WECHAT_STORE_KEY opens it") from None
        if place != [*key]:
            raise _NotOpenedError("it was sealed for another place")
        self._opened[key] = text, value
        return str(value)

    def _text(self, key: Key, value: str) -> str:
        if self._keys is None:
            return value
        text = _SEALED + self._keys.encrypt(json.dumps([*key, value]).encode()).decode()
        self._opened[key] = text, value
        return text
