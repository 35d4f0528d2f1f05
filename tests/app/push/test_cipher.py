"""Opening and sealing, against WeChat's published sample and a second implementation."""

from base64 import b64decode, b64encode

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy.crypto import PrpCrypto  # type: ignore[import-untyped] # it has no types

from app.push.cipher import PushCipher
from mock_wechat import crypto
from tests.app.push.samples import APPID, KEY, OTHER_KEY, REPLY

CIPHER = PushCipher(APPID, [KEY])


def encrypted(plain: bytes) -> str:
    key = b64decode(f"{KEY}=")
    encryptor = Cipher(algorithms.AES256(key), modes.CBC(key[:16])).encryptor()
    return b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


def padded(plain: bytes) -> bytes:
    padding = 32 - len(plain) % 32
    return plain + bytes([padding]) * padding


def test_published_sample_is_sealed_and_opened() -> None:
    cipher = PushCipher(REPLY["appid"], [REPLY["encoding_aes_key"]])
    assert cipher.sealed(REPLY["msg"].encode(), REPLY["random"].encode()) == REPLY["encrypt"]
    assert cipher.opened(REPLY["encrypt"]) == REPLY["msg"].encode()


@pytest.mark.parametrize("length", range(70))
def test_each_length_of_padding_is_opened(length: int) -> None:
    assert CIPHER.opened(crypto.encrypt("x" * length, KEY, APPID, b"r" * 16)) == b"x" * length


def test_wechatpy_opens_what_was_sealed() -> None:
    sealed = CIPHER.sealed("转人工".encode(), b"r" * 16)
    assert PrpCrypto(b64decode(f"{KEY}=")).decrypt(sealed, APPID) == "转人工"


def test_the_key_before_a_change_still_opens_and_the_current_one_seals() -> None:
    changed = PushCipher(APPID, [OTHER_KEY, KEY])
    assert changed.opened(crypto.encrypt("old", KEY, APPID, b"r" * 16)) == b"old"
    assert changed.opened(crypto.encrypt("new", OTHER_KEY, APPID, b"r" * 16)) == b"new"
    assert crypto.decrypt(changed.sealed(b"reply", b"r" * 16), OTHER_KEY) == ("reply", APPID)


@pytest.mark.parametrize("appid", ["", "wx0000000000000001", APPID + "0", APPID[:-1]])
def test_another_appid_is_refused(appid: str) -> None:
    with pytest.raises(ValueError, match="no AES key opens it for this appid"):
        CIPHER.opened(crypto.encrypt("hello", KEY, appid, b"r" * 16))


@pytest.mark.parametrize(
    "plain",
    [
        b"\x20" * 32,  # nothing but padding
        b"\x00" * 32,  # padding of 0 bytes
        b"r" * 31 + b"\x21",  # padding of 33 bytes
        b"r" * 30 + b"\x01\x02",  # padding bytes that differ
        padded(b"r" * 16 + b"\0\0\1\0" + b"short" + APPID.encode()),  # a message longer than the text
        padded(b"r" * 16 + b"\xff\xff\xff\xff" + b"short" + APPID.encode()),
        padded(b"r" * 10),  # no room for a length
    ],
)
def test_wrong_format_is_refused_like_a_wrong_key(plain: bytes) -> None:
    for cipher in (CIPHER, PushCipher(APPID, [OTHER_KEY])):
        with pytest.raises(ValueError, match="no AES key opens it for this appid"):
            cipher.opened(encrypted(plain))


@pytest.mark.parametrize("text", ["", "AAAA", "A" * 21, "no base64!", "中", "\ud800", "A" * 22 + "==" + "A"])
def test_invalid_ciphertext_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"Base64|no AES key"):
        CIPHER.opened(text)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"Base64|no AES key"):
        CIPHER.opened(b64encode(content).decode())
