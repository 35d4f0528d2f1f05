"""Encrypted pushes: AES-256-CBC, padded to 32 bytes, with the appid at the end (WECHAT.md 6)."""

from base64 import b64decode, b64encode
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
"""twice AES's own block: openssl's unpadding fails on what is above 16"""
RANDOM_BYTES = 16
_LENGTH_BYTES = 4


class PushCipher:
    """Opens what WeChat encrypted for `appid` with one of `encoding_aes_keys`; seals with the first of them."""

    def __init__(self, appid: str, encoding_aes_keys: Sequence[str]) -> None:
        self._appid = appid.encode()
        self._ciphers = [_cipher(b64decode(f"{key}=")) for key in encoding_aes_keys]

    def opened(self, encrypted: str) -> bytes:
        """The message in an Encrypt text. Raises ValueError if no key opens it for this appid."""
        try:
            content = b64decode(encrypted.encode("ascii"), validate=True)
        except ValueError:
            raise ValueError("Encrypt is not Base64") from None
        for cipher in self._ciphers:
            message = self._message(_decrypted(cipher, content))
            if message is not None:
                return message
        raise ValueError("no AES key opens it for this appid")

    def sealed(self, message: bytes, random: bytes) -> str:
        """The Encrypt text of a message. `random` has 16 bytes."""
        plain = random + len(message).to_bytes(_LENGTH_BYTES, "big") + message + self._appid
        padding = BLOCK - len(plain) % BLOCK
        encryptor = self._ciphers[0].encryptor()
        return b64encode(encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()).decode()

    def _message(self, plain: bytes) -> bytes | None:
        padding = plain[-1] if plain else 0
        if not 1 <= padding <= BLOCK or not plain.endswith(bytes([padding]) * padding):
            return None
        begin = RANDOM_BYTES + _LENGTH_BYTES
        end = begin + int.from_bytes(plain[RANDOM_BYTES:begin], "big")
        return plain[begin:end] if plain[end : len(plain) - padding] == self._appid else None


def _cipher(key: bytes) -> Cipher[modes.CBC]:
    return Cipher(algorithms.AES256(key), modes.CBC(key[:16]))  # the IV is the key's first half


def _decrypted(cipher: Cipher[modes.CBC], content: bytes) -> bytes:
    """The decrypted bytes; none if the content is not a whole number of AES blocks."""
    if len(content) % 16:
        return b""
    decryptor = cipher.decryptor()
    return decryptor.update(content) + decryptor.finalize()
