"""Signatures and ciphers of the message push, against WeChat's published samples (WECHAT.md 6)."""

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from mock_wechat.crypto import _cipher, decrypt, encrypt, signature

VECTORS: Any = json.loads((Path(__file__).parents[1] / "vectors" / "message_push.json").read_text(encoding="utf-8"))
REPLY = VECTORS["secure_reply"]
KEY = "A" * 43


@pytest.mark.parametrize("sample", VECTORS["url_check"])
def test_published_signature(sample: dict[str, str]) -> None:
    assert signature(sample["token"], sample["timestamp"], sample["nonce"]) == sample["signature"]


def test_published_msg_signature() -> None:
    parts = (REPLY["token"], REPLY["timestamp"], REPLY["nonce"], REPLY["encrypt"])
    assert signature(*parts) == REPLY["msg_signature"]


def test_published_message_encrypts_to_the_published_text() -> None:
    random = REPLY["random"].encode()
    assert encrypt(REPLY["msg"], REPLY["encoding_aes_key"], REPLY["appid"], random) == REPLY["encrypt"]


def test_published_text_decrypts_to_the_published_message() -> None:
    assert decrypt(REPLY["encrypt"], REPLY["encoding_aes_key"]) == (REPLY["msg"], REPLY["appid"])


@pytest.mark.parametrize("length", range(70))
def test_every_length_of_padding_comes_back(length: int) -> None:
    message = "中" * (length // 3) + "x" * (length % 3)
    assert decrypt(encrypt(message, KEY, "wx1", b"0" * 16), KEY) == (message, "wx1")


@pytest.mark.parametrize("text", ["", "AAAA", "no base64!", "中"])
def test_invalid_encrypt_text_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match="not encrypted with this key"):
        decrypt(text, KEY)


@pytest.mark.parametrize("plain", [b"0" * 16 + b"\0\0\1\0" + b"\x0c" * 12])
def test_length_beyond_the_text_is_a_value_error(plain: bytes) -> None:
    encryptor = _cipher(KEY).encryptor()
    with pytest.raises(ValueError, match="shorter than its length field"):
        decrypt(b64encode(encryptor.update(plain) + encryptor.finalize()).decode(), KEY)
