"""Encryption of what login keeps: no store, dump or backup has users or session keys in clear text."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_KEY_BYTES = 32
_INFO = b"wechat-central login"


class Sealer:
    """Encrypts documents with the first of these Fernet keys; all of them decrypt."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = MultiFernet([Fernet(key) for key in keys])

    def seal(self, name: str, document: Mapping[str, Any]) -> str:
        """The encrypted document, which opens under this name only."""
        return self._keys.encrypt(json.dumps([name, document]).encode()).decode()

    def open(self, name: str, text: str) -> dict[str, Any] | None:
        """The document; None if it was sealed with another key or for another name."""
        try:
            sealed_for, document = json.loads(self._keys.decrypt(text.encode("utf-8", "surrogatepass")))
        except InvalidToken:
            return None
        return dict(document) if sealed_for == name else None


def sealer_of(store_keys: Sequence[str], secret_keys: Sequence[str]) -> Sealer | None:
    """A sealer with the store's keys, else with one derived from each secret key; None without either."""
    keys = store_keys or [_derived(secret) for secret in secret_keys]
    return Sealer(keys) if keys else None


def _derived(secret: str) -> str:
    key = HKDF(SHA256(), _KEY_BYTES, salt=None, info=_INFO).derive(secret.encode())
    return urlsafe_b64encode(key).decode()
