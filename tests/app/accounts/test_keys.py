"""API keys: which one was presented, and what it allows."""

import hashlib

import pytest

from app.accounts import SCOPES, ApiKey, ApiKeys


def key(name: str, text: str, scopes: tuple[str, ...] = ("token",), accounts: frozenset[str] | None = None) -> ApiKey:
    return ApiKey(name, hashlib.sha256(text.encode()).digest(), frozenset(scopes), accounts)


OLD, NEW, OTHER = key("backend", "old" * 8), key("backend", "new" * 8), key("other", "other" * 8)
KEYS = ApiKeys((OLD, NEW, OTHER))


@pytest.mark.parametrize(("presented", "found"), [(b"old" * 8, OLD), (b"new" * 8, NEW), (b"other" * 8, OTHER)])
def test_each_key_is_found_also_two_of_one_name(presented: bytes, found: ApiKey) -> None:
    assert KEYS.find(presented) is found


@pytest.mark.parametrize("presented", [b"", b"old" * 7, b"old" * 9, "密钥".encode(), b"\xff\xfe\x00", OLD.digest])
def test_what_is_no_key_finds_none(presented: bytes) -> None:
    assert KEYS.find(presented) is None


def test_all_keys_are_compared_even_after_one_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def compare(ours: bytes, theirs: bytes) -> bool:
        compared.append(ours)
        return ours == theirs

    monkeypatch.setattr("app.accounts.keys.hmac.compare_digest", compare)
    assert KEYS.find(b"old" * 8) is OLD
    assert compared == [OLD.digest, NEW.digest, OTHER.digest]


def test_key_allows_its_scopes_only() -> None:
    assert [scope for scope in SCOPES if key("a", "a", ("ticket", "ops")).allows(scope)] == ["ticket", "ops"]


def test_key_without_accounts_may_use_all_others_only_theirs() -> None:
    assert key("a", "a").allows_account("mini")
    bound = key("a", "a", accounts=frozenset({"default"}))
    assert bound.allows_account("default")
    assert not bound.allows_account("mini")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/wxa/msg_sec_check", True),
        ("/wxa/a/b", True),
        ("/wxa", False),
        ("/wxaapi/newtmpl/gettemplate", False),
        ("/cgi-bin/menu/create", True),
        ("/cgi-bin/menu/created", False),
        ("/cgi-bin/Menu/create", False),
    ],
)
def test_key_with_paths_may_use_those_and_what_is_below_a_star(path: str, *, allowed: bool) -> None:
    restricted = ApiKey("a", b"digest", frozenset({"gateway"}), paths=("/wxa/*", "/cgi-bin/menu/create"))
    assert restricted.allows_path(path) is allowed
    assert key("a", "a").allows_path(path)


def test_id_tells_keys_of_one_name_apart_and_nothing_of_their_values() -> None:
    assert len({OLD.id, NEW.id}) == 2
    assert all(one.id not in (one.digest.hex(), one.digest.hex()[:12]) for one in KEYS)


def test_digest_is_in_no_repr() -> None:
    assert "digest" not in repr(KEYS)
    assert repr(OLD.digest) not in repr(KEYS)
