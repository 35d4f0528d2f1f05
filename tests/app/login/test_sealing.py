"""Sealed documents: unreadable, bound to their names, readable after a change of keys."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode

import pytest
from cryptography.fernet import Fernet

from app.login import Sealer, sealer_of

ONE, TWO = "c3RvcmUta2V5LW9uZS1vZi1leGFjdGx5LTMyLWJ5dGU=", "c3RvcmUta2V5LXR3by1vZi1leGFjdGx5LTMyLWJ5dGU="
OPENID = "oGZUI0egBJY1zhBYw2KhdUfwVJJE"
DOCUMENT = {"openid": OPENID, "session_key": "tiihtNczf5v6AKRyjwEUhQ==", "userinfo": {"a": 1}}


def test_sealed_text_reveals_nothing_and_opens() -> None:
    text = Sealer([ONE]).seal("session:1", DOCUMENT)
    assert OPENID not in text
    assert Sealer([ONE]).open("session:1", text) == DOCUMENT


def test_every_key_opens_and_the_first_seals() -> None:
    assert Sealer([TWO, ONE]).open("n", Sealer([ONE]).seal("n", DOCUMENT)) == DOCUMENT
    assert Sealer([TWO]).open("n", Sealer([TWO, ONE]).seal("n", DOCUMENT)) == DOCUMENT


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("session:2", Sealer([ONE]).seal("session:1", DOCUMENT)),
        ("session:1", Sealer([TWO]).seal("session:1", DOCUMENT)),
        ("session:1", Sealer([ONE]).seal("session:1", DOCUMENT)[:-4]),
        ("session:1", ""),
        ("session:1", json.dumps(["session:1", DOCUMENT])),
        ("session:1", "\ud800"),
    ],
    ids=["another name", "another key", "cut", "empty", "plain", "half a character"],
)
def test_what_is_not_ours_is_none(name: str, text: str) -> None:
    assert Sealer([ONE]).open(name, text) is None


def derived(secret: bytes) -> str:
    """HKDF-SHA256 (RFC 5869) with one block, computed here."""
    extracted = hmac.digest(b"\0" * 32, secret, hashlib.sha256)
    return urlsafe_b64encode(hmac.digest(extracted, b"wechat-central login\x01", hashlib.sha256)).decode()


@pytest.mark.parametrize("secret", ["a-signing-secret-of-32-characters", "another-secret-of-32-characters.."])
def test_without_store_keys_each_secret_key_opens(secret: str) -> None:
    secrets = ["a-signing-secret-of-32-characters", "another-secret-of-32-characters.."]
    sealer = sealer_of([], secrets)
    assert sealer
    assert sealer.open("n", Fernet(derived(secret.encode())).encrypt(b'["n", {"a": 1}]').decode()) == {"a": 1}


def test_store_keys_come_first_and_without_any_key_there_is_no_sealer() -> None:
    sealer = sealer_of([ONE], ["a-signing-secret-of-32-characters"])
    assert sealer
    assert Sealer([ONE]).open("n", sealer.seal("n", DOCUMENT)) == DOCUMENT
    assert sealer_of([], []) is None
