"""Verdicts that are kept for a while."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.moderation import Verdict, VerdictCache
from app.stores import MemoryStore
from tests.doubles import FakeClock

VERDICT = Verdict("review", 20001, "politics", "msg_sec_check/2", trace_id="1-2-3", detail=[{"label": 20001}])
SECRET = "mock-mini-secret"


def cache(store: MemoryStore | None = None, key: str = SECRET, seconds: float = 600) -> VerdictCache:
    return VerdictCache(store or MemoryStore(FakeClock()), key, seconds)


def test_verdict_comes_back_marked() -> None:
    kept = cache()
    kept.put("name", VERDICT)
    assert kept.get("name") == replace(VERDICT, cached=True)
    assert kept.get("another") is None


def test_verdict_expires_even_if_it_is_put_back() -> None:
    clock = FakeClock()
    kept = cache(MemoryStore(clock))
    kept.put("name", VERDICT)
    clock.advance(599)
    again = kept.get("name")
    assert again
    kept.put("name", again)
    clock.advance(1)
    assert kept.get("name") is None


def test_unchecked_verdict_is_not_kept() -> None:
    kept = cache()
    kept.put("name", Verdict.unchecked("pass", "msg_sec_check/2", "WeChat is busy.", -1))
    assert kept.get("name") is None


def test_0_seconds_switch_it_off() -> None:
    store = MemoryStore(FakeClock())
    cache(store).put("name", VERDICT)
    assert cache(store, seconds=0).get("name") is None
    cache(store, seconds=0).put("other", VERDICT)
    assert cache(store).get("other") is None


@pytest.mark.parametrize("entry", ["", "[]", "{}", '{"suggest":"pass"}', '{"suggest":"pass","new":1}', "nonsense", "7"])
def test_entry_of_another_version_is_none(entry: str) -> None:
    store = MemoryStore(FakeClock())
    store.put("name", entry, 600)
    assert cache(store).get("name") is None


fields = st.lists(st.one_of(st.text(alphabet="ab\0", max_size=3), st.binary(max_size=2)), max_size=4)


@given(fields, fields)
def test_fields_that_differ_have_names_that_differ(one: list[str | bytes], other: list[str | bytes]) -> None:
    def encoded(given: list[str | bytes]) -> list[bytes]:
        return [field.encode() if isinstance(field, str) else field for field in given]

    assert (cache().name(*one) == cache().name(*other)) == (encoded(one) == encoded(other))


def test_name_needs_the_key_and_shows_nothing_of_the_content() -> None:
    name = cache().name("a secret content")
    assert name == cache().name("a secret content")
    assert name != cache(key="mock-other-secret").name("a secret content")
    assert "secret" not in name


def test_without_a_key_each_process_has_its_own() -> None:
    assert cache(key="").name("x") != cache(key="").name("x")
