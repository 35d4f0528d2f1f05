"""Encryption at rest: no readable value, changed keys, unusable values."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.fernet import Fernet, MultiFernet

from app.credentials.lifetimes import ticket
from app.stores import Credential, FallbackStore, Key, MemoryStore, SealedStore, State, Store, open_store
from app.wechat import Issued
from tests.app.stores.conftest import KEY
from tests.doubles import START, FakeClock

ONE, TWO = "c3RvcmUta2V5LW9uZS1vZi1leGFjdGx5LTMyLWJ5dGU=", "c3RvcmUta2V5LXR3by1vZi1leGFjdGx5LTMyLWJ5dGU="
TOKEN = "81_a-token-that-must-not-be-read"


def credential(value: str = TOKEN, generation: int = 1) -> Credential:
    return Credential(value, START, START + 6600, START + 7200, generation, START)


@pytest.fixture
def inner(clock: FakeClock) -> MemoryStore:
    """The store below the encryption."""
    return MemoryStore(clock)


def stored_text(inner: Store, key: Key = KEY) -> str:
    stored = inner.load(key)
    assert stored
    return stored.value


def test_file_holds_no_value(tmp_path: Path, clock: FakeClock) -> None:
    store = open_store(f"sqlite:///{tmp_path}/c.db", "", clock, [ONE])
    store.save(KEY, credential(), 0)
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert KEY.appid.encode() in content
    assert TOKEN.encode() not in content


def test_keys_are_changed_without_a_fetch(inner: MemoryStore) -> None:
    SealedStore(inner, [ONE]).save(KEY, credential(), 0)
    both = SealedStore(inner, [TWO, ONE])
    assert both.load(KEY) == credential()
    both.save(KEY, credential("t2", 2), 1)
    assert SealedStore(inner, [TWO]).load(KEY) == credential("t2", 2)


def copied_from_another_account(inner: MemoryStore) -> str:
    other = Key("wx0000000000000002", "access_token")
    SealedStore(inner, [ONE]).save(other, credential(), 0)
    return stored_text(inner, other)


def encrypted(inner: MemoryStore) -> str:
    scratch = MemoryStore(inner._clock)
    SealedStore(scratch, [ONE]).save(KEY, credential(), 0)
    return stored_text(scratch)


def changed_by_one_character(inner: MemoryStore) -> str:
    text = encrypted(inner)
    return text[:60] + ("A" if text[60] != "A" else "B") + text[61:]


UNUSABLE: dict[str, tuple[Callable[[MemoryStore], str], list[str]]] = {
    "without a key": (encrypted, []),
    "with another key": (encrypted, [TWO]),
    "plain": (lambda _inner: TOKEN, [ONE]),
    "copied from another account": (copied_from_another_account, [ONE]),
    "changed by one character": (changed_by_one_character, [ONE]),
    "nonsense": (lambda _inner: "sealed:不是密文", [ONE]),
}


@pytest.mark.parametrize(("text", "keys"), UNUSABLE.values(), ids=UNUSABLE)
def test_unusable_value_is_expired_and_can_be_replaced(
    text: Callable[[MemoryStore], str],
    keys: list[str],
    inner: MemoryStore,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    inner.save(KEY, credential(text(inner)), 0)
    store = SealedStore(inner, keys)
    for _ in range(3):
        found = store.load(KEY)
        assert found
        assert found.state(clock()) is State.EXPIRED
        assert found.value == ""
        assert found.generation == 1
    [warning] = caplog.records
    assert warning.levelno == logging.WARNING
    assert "stored access_token of wx0000000000000001 is not used: " in warning.getMessage()
    assert TOKEN not in caplog.text
    assert store.save(KEY, credential("t2", 2), 1)
    assert store.load(KEY) == credential("t2", 2)


def test_unusable_ticket_tells_nothing_about_its_successors_age(inner: MemoryStore) -> None:
    inner.save(KEY, credential(encrypted(inner)), 0)
    found = SealedStore(inner, [TWO]).load(KEY)
    assert ticket(found, Issued("T1", 7200), START + 60).birth_seen is False


def test_live_copy_in_memory_replaces_an_unusable_value(inner: MemoryStore, clock: FakeClock) -> None:
    store = FallbackStore(SealedStore(inner, [ONE]), clock)
    store.save(KEY, credential(), 0)
    inner.save(KEY, credential("garbage"), 1)
    assert store.load(KEY) == credential()
    assert SealedStore(inner, [ONE]).load(KEY) == credential()


def test_unchanged_row_is_decrypted_once(inner: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    SealedStore(inner, [ONE]).save(KEY, credential(), 0)
    store = SealedStore(inner, [ONE])
    opened = []
    decrypt = MultiFernet.decrypt

    def counted(keys: MultiFernet, text: bytes) -> bytes:
        opened.append(text)
        return decrypt(keys, text)

    monkeypatch.setattr(MultiFernet, "decrypt", counted)
    for _ in range(3):
        assert store.load(KEY) == credential()
    assert len(opened) == 1
    inner.save(KEY, credential(stored_text(inner), generation=2), 1)
    assert store.load(KEY) == credential(generation=2)


def test_row_is_sealed_in_the_published_format(inner: MemoryStore) -> None:
    SealedStore(inner, [ONE]).save(KEY, credential(), 0)
    opened = Fernet(ONE).decrypt(stored_text(inner).removeprefix("sealed:"))
    assert opened == f'["wx0000000000000001", "access_token", "{TOKEN}"]'.encode()
