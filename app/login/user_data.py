"""Encrypted user data (加密数据) and signatures with a session_key (用户登录态签名)."""

import hmac
import json
import re
import secrets
from base64 import b64decode, b64encode
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import CBC

from .errors import DecryptionFailed

_BLOCK = 16
_MOST_CHARACTERS = 64 * 1024
"""of encryptedData; thirty days of steps have about 2,000"""
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}", re.ASCII)


def decrypted(session_key: str, previous: str | None, appid: str, encrypted_data: str, iv: str) -> dict[str, Any]:
    """The data, opened with the user's session_key or else the previous one. Raises DecryptionFailed.

    Both keys are always tried, to the end: neither the error nor the time tells what was wrong.
    """
    data, start = _bytes(encrypted_data), _bytes(iv)
    if not data or len(data) % _BLOCK or len(start) != _BLOCK:
        raise DecryptionFailed
    keys = (session_key, previous or b64encode(secrets.token_bytes(_BLOCK)).decode())
    opened = [_opened(b64decode(key), data, start, appid) for key in keys]
    document = opened[0] if opened[0] is not None else opened[1]
    if document is None:
        raise DecryptionFailed
    return document


def signature(session_key: str, text: str) -> str:
    """HMAC-SHA256 in hex, by the session_key's text, not by the bytes that it encodes."""
    return hmac.digest(session_key.encode(), text.encode(), "sha256").hex()


def _opened(key: bytes, data: bytes, iv: bytes, appid: str) -> dict[str, Any] | None:
    decryptor = Cipher(AES128(key), CBC(iv)).decryptor()
    content = decryptor.update(data) + decryptor.finalize()
    length = content[-1]
    is_padded = 1 <= length <= _BLOCK and hmac.compare_digest(content[-length:], bytes([length]) * length)
    document = _json_object(content[:-length] if is_padded else content)  # with a wrong padding too: no early end
    mark = document.get("watermark") if document else None
    is_ours = isinstance(mark, dict) and mark.get("appid") == appid
    return document if is_padded and is_ours else None


def _json_object(content: bytes) -> dict[str, Any] | None:
    try:
        # WeChat sometimes leaves control characters raw (WECHAT.md 0.17).
        document = json.loads(content.decode("utf-8", "replace"), strict=False, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _bytes(text: str) -> bytes:
    """The bytes behind base64 of a bounded length, else none."""
    if len(text) > _MOST_CHARACTERS or len(text) % 4 or not _BASE64.fullmatch(text):
        return b""
    return b64decode(text)
