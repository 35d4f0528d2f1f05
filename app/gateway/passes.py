"""Passes: what a caller gets in place of WeChat's access_token, valid only at this gateway."""

import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..accounts import ApiKey, ApiKeys
from .answers import refusal

LIFE_SECONDS = 7500
"""longer than the 7,200 s that callers are told: their clock may be slow, a call may be under way"""
_VERSION = "p1"
_PARTS = 5
"""before the MAC"""


@dataclass(frozen=True, slots=True)
class Pass:
    """A pass's key and account."""

    key: ApiKey
    appid: str


class Passes:
    """Issues and reads passes: `p1.<key id>.<appid>.<expiry>.<nonce>.<mac>`.

    The MAC depends on the caller's key, too: a pass dies with its key, at every worker and node. `signing` are secrets:
    the first one signs, all of them verify. `clock` returns Unix seconds.
    """

    def __init__(self, keys: ApiKeys, signing: Sequence[str], clock: Callable[[], float]) -> None:
        self._keys = {key.id: key for key in keys if key.allows("gateway")}
        self._signing = tuple(secret.encode() for secret in signing)
        self._clock = clock

    def issue(self, key: ApiKey, appid: str) -> str:
        """A new pass of this key for an account."""
        body = f"{_VERSION}.{key.id}.{appid}.{int(self._clock()) + LIFE_SECONDS}.{secrets.token_urlsafe(9)}"
        return f"{body}.{_mac(self._signing[0], key, body)}"

    def read(self, text: str) -> Pass:
        """The key and account of a pass; the key may have lost the account since.
        Raises GatewayRefusal if the pass is unknown, forged or dead, or its key is gone.
        """
        body, _, mac = text.rpartition(".")
        parts = body.split(".")
        key = self._keys.get(parts[1]) if len(parts) == _PARTS else None
        if key is None or not text.isascii():
            raise refusal("pass")
        fits = [hmac.compare_digest(mac, _mac(secret, key, body)) for secret in self._signing]  # all, even after a hit
        if not any(fits) or int(parts[3]) <= self._clock():
            raise refusal("pass")
        return Pass(key, parts[2])


def is_pass(access_token: str) -> bool:
    """Whether a gateway issued it, this one or another: WeChat's tokens begin with digits."""
    return access_token.startswith(f"{_VERSION}.")


def _mac(secret: bytes, key: ApiKey, body: str) -> str:
    mac = hmac.digest(secret, b"gateway pass" + key.digest + body.encode(), "sha256")
    return urlsafe_b64encode(mac).decode().rstrip("=")
