"""Passes: what a caller gets in place of WeChat's access_token, good at this gateway alone."""

import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..accounts import ApiKey, ApiKeys
from .answers import GatewayRefusal, refusal

LIFE_SECONDS = 7500
"""longer than the 7,200 s that callers are told: their clock may be slow, a call may be under way"""
_VERSION = "p1"
_PARTS = 6


class PassRefused(GatewayRefusal):
    """The pass is unknown, forged or dead, or its key is gone."""

    def __init__(self) -> None:
        answer = refusal("pass")
        super().__init__(answer.errcode, answer.errmsg)


@dataclass(frozen=True, slots=True)
class Pass:
    """Whose pass it is, and the account that it is for."""

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
        """Whose pass this is. Since it was issued, the key may have lost the account. Raises PassRefused."""
        body, _, mac = text.rpartition(".")
        parts = body.split(".")
        key = self._keys.get(parts[1]) if len(parts) == _PARTS - 1 else None
        if key is None or not text.isascii():
            raise PassRefused
        fits = [hmac.compare_digest(mac, _mac(secret, key, body)) for secret in self._signing]  # all, even after a hit
        if not any(fits) or int(parts[3]) <= self._clock():
            raise PassRefused
        return Pass(key, parts[2])


def _mac(secret: bytes, key: ApiKey, body: str) -> str:
    mac = hmac.digest(secret, b"gateway pass" + key.digest + body.encode(), "sha256")
    return urlsafe_b64encode(mac).decode().rstrip("=")
