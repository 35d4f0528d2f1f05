"""The cryptography of WeChat's message push: signatures, and AES-256-CBC padded to 32 bytes (WECHAT.md 6).

A mini program's user data has AES-128-CBC padded to 16.
"""

import hashlib
from base64 import b64decode, b64encode
from typing import Any

from .extras import MissingExtra

BLOCK = 32
"""WeChat pads to twice AES's own block; openssl's unpadding fails on values above 16."""
AES_BLOCK = 16
RANDOM_BYTES = 16


def signature(*parts: str) -> str:
    """Lower-case SHA-1 over the sorted parts: token, timestamp, nonce and, for a msg_signature, the Encrypt text."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 -- WeChat's signature is SHA-1


def encrypt(message: str, encoding_aes_key: str, appid: str, random: bytes) -> str:
    """The Encrypt text of a message. `random` is 16 bytes. Raises MissingExtra without `cryptography`."""
    content = message.encode()
    plain = random + len(content).to_bytes(4, "big") + content + appid.encode()
    encryptor = _cipher(encoding_aes_key).encryptor()
    return b64encode(encryptor.update(_padded(plain, BLOCK)) + encryptor.finalize()).decode()


def decrypt(encrypted: str, encoding_aes_key: str) -> tuple[str, str]:
    """Message and appid of an Encrypt text.

    Raises ValueError if this key does not fit, MissingExtra without `cryptography`.
    """
    decryptor = _cipher(encoding_aes_key).decryptor()
    try:
        plain = decryptor.update(b64decode(encrypted, validate=True)) + decryptor.finalize()
        content, appid = _split(plain)
        return content.decode(), appid.decode()
    except ValueError as problem:
        raise ValueError(f"not encrypted with this key: {problem}") from None


def encrypt_user_data(plain: bytes, key: bytes, iv: bytes) -> bytes:
    """Raises MissingExtra without `cryptography`."""
    encryptor = _aes("encryption of user data", key, iv).encryptor()
    return encryptor.update(_padded(plain, AES_BLOCK)) + encryptor.finalize()  # type: ignore[no-any-return]  # Any: imported in a function


def _padded(plain: bytes, block: int) -> bytes:
    padding = block - len(plain) % block
    return plain + bytes([padding]) * padding


def _split(plain: bytes) -> tuple[bytes, bytes]:
    """The message and the appid. Before them are random bytes and the message's length, behind them the padding."""
    padding = plain[-1] if plain else 0
    if not 1 <= padding <= BLOCK or plain[-padding:] != bytes([padding]) * padding:
        raise ValueError("invalid padding")
    start = RANDOM_BYTES + 4
    end = start + int.from_bytes(plain[RANDOM_BYTES:start], "big")
    if len(plain) - padding < end:
        raise ValueError("shorter than its length field")
    return plain[start:end], plain[end:-padding]


def _cipher(encoding_aes_key: str) -> Any:
    key = b64decode(encoding_aes_key + "=")
    return _aes("encryption of pushes", key, key[:AES_BLOCK])  # the IV is the key's first half (WECHAT.md 6)


def _aes(feature: str, key: bytes, iv: bytes) -> Any:
    """AES-CBC by the length of the key. Raises MissingExtra."""
    try:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # noqa: PLC0415 -- plain pushes do without
    except ImportError as missing:
        raise MissingExtra(feature, "push", missing) from None
    return Cipher(algorithms.AES(key), modes.CBC(iv))
