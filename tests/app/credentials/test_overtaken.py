"""The store changed while a credential was fetched: another process saved one, or the store was emptied."""

from dataclasses import replace

from app.credentials import lifetimes
from app.stores import FallbackStore, State
from app.wechat import Issued
from tests.app.credentials.harness import KEY, Harness


def test_fetched_is_saved_though_the_store_was_emptied_meanwhile(classic: Harness) -> None:
    classic.provider.get()
    classic.wechat.meanwhile = classic.store._credentials.clear
    assert classic.provider.refresh("t1").value == "t2"
    assert [classic.another_process().get().value for _ in range(3)] == ["t2"] * 3
    assert classic.wechat.fetches == 2


def test_fetched_replaces_the_old_one_that_memory_wrote_back(classic: Harness) -> None:
    nodes = [classic.another_node("", FallbackStore(classic.store, classic.clock)) for _ in range(2)]
    assert [node.get().value for node in nodes] == ["t1", "t1"]
    classic.clock.advance(6600)

    def emptied_and_written_back() -> None:
        classic.store._credentials.clear()
        nodes[1].get()

    classic.wechat.meanwhile = emptied_and_written_back
    nodes[0].keep_warm()
    classic.wechat.meanwhile = lambda: None
    assert [node.get().value for node in (*nodes, *nodes)] == ["t2"] * 4
    assert classic.wechat.fetches == 2


def test_emptied_store_costs_no_fetch_while_one_process_has_a_copy(classic: Harness) -> None:
    nodes = [classic.another_node("", FallbackStore(classic.store, classic.clock)) for _ in range(3)]
    assert [node.get().value for node in nodes] == ["t1"] * 3
    classic.store._credentials.clear()
    classic.store._leases.clear()
    classic.store._entries.clear()
    assert [node.get().value for node in (*nodes, classic.provider)] == ["t1"] * 4
    assert classic.wechat.fetches == 1


def test_same_value_saved_meanwhile_is_not_marked(classic: Harness) -> None:
    theirs = classic.issued("t1", ago=1)
    classic.wechat.meanwhile = classic.saving(theirs)
    assert classic.provider.get() == theirs
    stored = classic.store.load(KEY)
    assert stored
    assert stored.state(classic.clock()) is State.FRESH


def test_same_value_confirmed_by_another_process_is_a_successor(stable: Harness) -> None:
    stable.wechat.value = "t1"
    first = stable.provider.get()
    refusals = [True, False]

    def call(token: str) -> str:
        if refusals.pop(0):
            stable.store.save(KEY, replace(first, generation=2), 1)
            return stable.refuse("t1")(token)
        return token

    assert stable.provider.use(call) == "t1"
    assert stable.wechat.fetches == 1


def test_overtaken_result_is_dropped_and_the_other_marked_stale(classic: Harness) -> None:
    classic.wechat.meanwhile = classic.saving(classic.issued("theirs"))
    assert classic.provider.get().value == "theirs"
    classic.wechat.meanwhile = lambda: None
    # WeChat honours t1, which was asked for last: the next caller has a successor fetched
    assert [classic.provider.get().value for _ in range(2)] == ["theirs", "t2"]


def test_overtaken_result_is_just_dropped_in_stable_mode(stable: Harness) -> None:
    theirs = lifetimes.stable_token(None, Issued("t1", 7200), stable.clock())
    stable.wechat.meanwhile = stable.saving(theirs)
    assert stable.provider.get() == theirs
    stable.provider.get()
    assert stable.wechat.fetches == 1
