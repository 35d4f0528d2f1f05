"""What seals the store: nothing to read in it, keys that change, and values that cannot be opened."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet, MultiFernet

from app.credentials.lifetimes import ticket
from app.stores import Credential, FallbackStore, Key, MemoryStore, SealedStore, State, Store, open_store
from app.wechat import Issued
from tests.app.stores.conftest import KEY
from tests.doubles import START, FakeClock

ONE, TWO = "c3RvcmUta2V5LW9uZS1vZi1leGFjdGx5LTMyLWJ5dGU=", "c3RvcmUta2V5LXR3by1vZi1leGFjdGx5LTMyLWJ5dGU="
TOKEN = "81_a-token-that-nobody-may-read"


def credential(value: str = TOKEN, generation: int = 1) -> Credential:
    return Credential(value, START, START + 6600, START + 7200, generation, START)


@pytest.fixture
def inner(clock: FakeClock) -> MemoryStore:
    """What stands in the store."""
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


def without_key(inner: MemoryStore) -> Store:
    SealedStore(inner, [ONE]).save(KEY, credential(), 0)
    return SealedStore(inner, [])


def with_another_key(inner: MemoryStore) -> Store:
    SealedStore(inner, [ONE]).save(KEY, credential(), 0)
    return SealedStore(inner, [TWO])


def from_before_there_was_a_key(inner: MemoryStore) -> Store:
    inner.save(KEY, credential(), 0)
    return SealedStore(inner, [ONE])


def copied_from_another_account(inner: MemoryStore) -> Store:
    other = Key("wx0000000000000002", "access_token")
    SealedStore(inner, [ONE]).save(other, credential(), 0)
    inner.save(KEY, credential(stored_text(inner, other)), 0)
    return SealedStore(inner, [ONE])


def changed_by_one_character(inner: MemoryStore) -> Store:
    SealedStore(inner, [ONE]).save(KEY, credential(), 0)
    text = stored_text(inner)
    changed = text[:60] + ("A" if text[60] != "A" else "B") + text[61:]
    inner.save(KEY, replace(credential(changed), generation=1), 1)
    return SealedStore(inner, [ONE])


def nonsense(inner: MemoryStore) -> Store:
    inner.save(KEY, credential("sealed:不是密文"), 0)
    return SealedStore(inner, [ONE])


UNUSABLE = [
    without_key,
    with_another_key,
    from_before_there_was_a_key,
    copied_from_another_account,
    changed_by_one_character,
    nonsense,
]


@pytest.mark.parametrize("unusable", UNUSABLE)
def test_what_cannot_be_opened_is_expired_and_can_be_replaced(
    unusable: Callable[[MemoryStore], Store], inner: MemoryStore, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    store = unusable(inner)
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


def test_ticket_that_cannot_be_opened_says_nothing_of_its_successors_age(inner: MemoryStore) -> None:
    found = with_another_key(inner).load(KEY)
    assert ticket(found, Issued("T1", 7200), START + 60).birth_seen is False


def test_live_copy_in_memory_replaces_what_cannot_be_opened(inner: MemoryStore, clock: FakeClock) -> None:
    store = FallbackStore(SealedStore(inner, [ONE]), clock)
    store.save(KEY, credential(), 0)
    inner.save(KEY, credential("garbage"), 1)
    assert store.load(KEY) == credential()
    assert SealedStore(inner, [ONE]).load(KEY) == credential()


def test_unchanged_row_is_not_opened_again(inner: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
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
