"""What seals the store: nothing to read in it, keys that change, and values that cannot be opened."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet, MultiFernet

from app.credential import Credential, Key, Shelf, State
from app.provider import CredentialProvider
from app.provider.lifetimes import classic_token, ticket
from app.stores import FallbackShelf, MemoryShelf, RedisShelf, SealedShelf, SQLiteShelf, open_shelf
from app.wechat import Issued
from tests.doubles import START, FakeClock, Issuer, cooldowns, dependencies
from tests.redis_server import RedisServer

KEY = Key("wx0000000000000001", "access_token")
ONE, TWO = "c3RvcmUta2V5LW9uZS1vZi1leGFjdGx5LTMyLWJ5dGU=", "c3RvcmUta2V5LXR3by1vZi1leGFjdGx5LTMyLWJ5dGU="
TOKEN = "81_a-token-that-nobody-may-read"


def credential(value: str = TOKEN, generation: int = 1) -> Credential:
    return Credential(value, START, START + 6600, START + 7200, generation, START)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def inner(clock: FakeClock) -> MemoryShelf:
    """What stands in the store."""
    return MemoryShelf(clock)


def stored_text(inner: Shelf, key: Key = KEY) -> str:
    stored = inner.load(key)
    assert stored
    return stored.value


def test_file_holds_no_value(tmp_path: Path, clock: FakeClock) -> None:
    shelf = open_shelf(f"sqlite:///{tmp_path}/c.db", "", clock, [ONE])
    shelf.save(KEY, credential(), 0)
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert KEY.appid.encode() in content
    assert TOKEN.encode() not in content


def test_redis_holds_no_value(redis_server: RedisServer) -> None:
    SealedShelf(RedisShelf(redis_server.url, "test:"), [ONE]).save(KEY, credential(), 0)
    [name] = redis_server.client.keys()
    fields = redis_server.client.hgetall(name)
    assert fields["generation"] == "1"
    assert TOKEN not in str(fields)


def test_another_process_with_the_key_opens_it(inner: MemoryShelf) -> None:
    SealedShelf(inner, [ONE]).save(KEY, credential(), 0)
    assert SealedShelf(inner, [ONE]).load(KEY) == credential()


def test_keys_are_changed_without_a_fetch(inner: MemoryShelf) -> None:
    SealedShelf(inner, [ONE]).save(KEY, credential(), 0)
    both = SealedShelf(inner, [TWO, ONE])
    assert both.load(KEY) == credential()
    both.save(KEY, credential("t2", 2), 1)
    assert SealedShelf(inner, [TWO]).load(KEY) == credential("t2", 2)


def without_key(inner: MemoryShelf) -> Shelf:
    SealedShelf(inner, [ONE]).save(KEY, credential(), 0)
    return SealedShelf(inner, [])


def with_another_key(inner: MemoryShelf) -> Shelf:
    SealedShelf(inner, [ONE]).save(KEY, credential(), 0)
    return SealedShelf(inner, [TWO])


def from_before_there_was_a_key(inner: MemoryShelf) -> Shelf:
    inner.save(KEY, credential(), 0)
    return SealedShelf(inner, [ONE])


def copied_from_another_account(inner: MemoryShelf) -> Shelf:
    other = Key("wx0000000000000002", "access_token")
    SealedShelf(inner, [ONE]).save(other, credential(), 0)
    inner.save(KEY, credential(stored_text(inner, other)), 0)
    return SealedShelf(inner, [ONE])


def changed_by_one_character(inner: MemoryShelf) -> Shelf:
    SealedShelf(inner, [ONE]).save(KEY, credential(), 0)
    text = stored_text(inner)
    changed = text[:60] + ("A" if text[60] != "A" else "B") + text[61:]
    inner.save(KEY, replace(credential(changed), generation=1), 1)
    return SealedShelf(inner, [ONE])


def nonsense(inner: MemoryShelf) -> Shelf:
    inner.save(KEY, credential("sealed:不是密文"), 0)
    return SealedShelf(inner, [ONE])


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
    unusable: Callable[[MemoryShelf], Shelf], inner: MemoryShelf, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    shelf = unusable(inner)
    for _ in range(3):
        found = shelf.load(KEY)
        assert found
        assert found.state(clock()) is State.EXPIRED
        assert found.value == ""
        assert found.generation == 1
    [warning] = caplog.records
    assert warning.levelno == logging.WARNING
    assert "stored access_token of wx0000000000000001 is not used: " in warning.getMessage()
    assert TOKEN not in caplog.text
    assert shelf.save(KEY, credential("t2", 2), 1)
    assert shelf.load(KEY) == credential("t2", 2)


@pytest.mark.parametrize("unusable", UNUSABLE)
def test_what_cannot_be_opened_costs_one_fetch(
    unusable: Callable[[MemoryShelf], Shelf], inner: MemoryShelf, clock: FakeClock
) -> None:
    wechat = Issuer()
    shelf = unusable(inner)
    source = wechat.source(classic_token)
    provider = CredentialProvider(KEY, [source], cooldowns(shelf, clock), dependencies(shelf, clock))
    assert [provider.get().value for _ in range(3)] == ["t1", "t1", "t1"]
    assert wechat.fetches == 1


def test_ticket_that_cannot_be_opened_says_nothing_of_its_successors_age(inner: MemoryShelf) -> None:
    found = with_another_key(inner).load(KEY)
    assert ticket(found, Issued("T1", 7200), START + 60).birth_seen is False


def test_live_copy_in_memory_replaces_what_cannot_be_opened(inner: MemoryShelf, clock: FakeClock) -> None:
    shelf = FallbackShelf(SealedShelf(inner, [ONE]), clock)
    shelf.save(KEY, credential(), 0)
    inner.save(KEY, credential("garbage"), 1)
    assert shelf.load(KEY) == credential()
    assert SealedShelf(inner, [ONE]).load(KEY) == credential()


def test_unchanged_row_is_not_opened_again(inner: MemoryShelf, monkeypatch: pytest.MonkeyPatch) -> None:
    SealedShelf(inner, [ONE]).save(KEY, credential(), 0)
    shelf = SealedShelf(inner, [ONE])
    opened = []
    decrypt = MultiFernet.decrypt

    def counted(keys: MultiFernet, text: bytes) -> bytes:
        opened.append(text)
        return decrypt(keys, text)

    monkeypatch.setattr(MultiFernet, "decrypt", counted)
    for _ in range(3):
        assert shelf.load(KEY) == credential()
    assert len(opened) == 1
    inner.save(KEY, credential(stored_text(inner), generation=2), 1)
    assert shelf.load(KEY) == credential(generation=2)


def test_row_is_sealed_in_the_published_format(inner: MemoryShelf) -> None:
    SealedShelf(inner, [ONE]).save(KEY, credential(), 0)
    opened = Fernet(ONE).decrypt(stored_text(inner).removeprefix("sealed:"))
    assert opened == f'["wx0000000000000001", "access_token", "{TOKEN}"]'.encode()


def test_keys_stand_in_no_repr(inner: MemoryShelf) -> None:
    assert ONE not in repr(SealedShelf(inner, [ONE]).__dict__)


def test_sqlite_file_can_go_back_to_plain(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "c.db"
    SealedShelf(SQLiteShelf(path, clock), [ONE]).save(KEY, credential(), 0)
    plain = SealedShelf(SQLiteShelf(path, clock), [])
    assert plain.save(KEY, credential("t2", 2), 1)
    assert SQLiteShelf(path, clock).load(KEY) == credential("t2", 2)
