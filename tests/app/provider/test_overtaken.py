"""What was fetched meets something else in the store than what it was fetched for."""

from dataclasses import replace

from app.credential import State
from app.provider import lifetimes
from app.stores import FallbackShelf
from app.wechat import Issued
from tests.app.provider.nursery import KEY, Nursery


def test_what_was_fetched_is_saved_though_the_store_was_emptied_meanwhile(nursery: Nursery) -> None:
    nursery.provider.get()
    nursery.wechat.meanwhile = nursery.shelf._credentials.clear
    assert nursery.provider.refresh("t1").value == "t2"
    assert [nursery.another_process().get().value for _ in range(3)] == ["t2"] * 3
    assert nursery.wechat.fetches == 2


def test_what_was_fetched_replaces_the_old_one_that_memory_wrote_back(nursery: Nursery) -> None:
    nodes = [nursery.another_node("", FallbackShelf(nursery.shelf, nursery.clock)) for _ in range(2)]
    assert [node.get().value for node in nodes] == ["t1", "t1"]
    nursery.clock.advance(6600)

    def emptied_and_written_back() -> None:
        nursery.shelf._credentials.clear()
        nodes[1].get()

    nursery.wechat.meanwhile = emptied_and_written_back
    nodes[0].keep_warm()
    nursery.wechat.meanwhile = lambda: None
    assert [node.get().value for node in (*nodes, *nodes)] == ["t2"] * 4
    assert nursery.wechat.fetches == 2


def test_an_emptied_store_costs_no_fetch_while_one_process_has_a_copy(nursery: Nursery) -> None:
    nodes = [nursery.another_node("", FallbackShelf(nursery.shelf, nursery.clock)) for _ in range(3)]
    assert [node.get().value for node in nodes] == ["t1"] * 3
    nursery.shelf._credentials.clear()
    nursery.shelf._leases.clear()
    nursery.shelf._notes.clear()
    assert [node.get().value for node in (*nodes, nursery.provider)] == ["t1"] * 4
    assert nursery.wechat.fetches == 1


def test_an_expired_one_that_was_saved_meanwhile_does_not_count(nursery: Nursery) -> None:
    dead = lifetimes.classic_token(None, Issued("dead", 7200), nursery.clock() - 7200)
    nursery.wechat.meanwhile = nursery.saving(dead)
    assert nursery.provider.get().value == "t1"
    assert nursery.provider.get().value == "t1"
    assert nursery.wechat.fetches == 1


def test_the_same_value_that_was_saved_meanwhile_is_not_marked(nursery: Nursery) -> None:
    theirs = lifetimes.classic_token(None, Issued("t1", 7200), nursery.clock() - 1)
    nursery.wechat.meanwhile = nursery.saving(theirs)
    assert nursery.provider.get() == theirs
    stored = nursery.shelf.load(KEY)
    assert stored
    assert stored.state(nursery.clock()) is State.FRESH


def test_after_the_store_was_emptied_the_same_generation_may_be_another_one(nursery: Nursery) -> None:
    first = nursery.provider.get()

    def call(token: str) -> str:
        if token == "t1":
            nursery.clock.advance(1)
            theirs = lifetimes.classic_token(None, Issued("theirs", 7200), nursery.clock())
            nursery.shelf._credentials[KEY] = theirs
            assert theirs.generation == first.generation
        return nursery.refuse("t1")(token)

    assert nursery.provider.use(call) == "theirs"
    assert nursery.wechat.fetches == 1


def test_a_successor_that_is_dead_is_none(nursery: Nursery) -> None:
    first = nursery.provider.get()

    def call(token: str) -> str:
        if token == "t1":
            nursery.shelf._credentials[KEY] = replace(first, value="dead", generation=2, expires_at=nursery.clock())
        return nursery.refuse("t1")(token)

    assert nursery.provider.use(call) == "t2"


def test_the_same_value_confirmed_anew_by_another_process_is_a_successor(stable: Nursery) -> None:
    stable.wechat.value = "t1"
    first = stable.provider.get()
    refusals = [True, False]

    def call(token: str) -> str:
        if refusals.pop(0):
            stable.shelf.save(KEY, replace(first, generation=2), 1)
            return stable.refuse("t1")(token)
        return token

    assert stable.provider.use(call) == "t1"
    assert stable.wechat.fetches == 1


def test_what_was_fetched_counts_though_its_own_process_wrote_the_old_one_back(nursery: Nursery) -> None:
    node = nursery.another_node("", FallbackShelf(nursery.shelf, nursery.clock))
    node.get()
    nursery.clock.advance(6600)
    nursery.wechat.meanwhile = nursery.shelf._credentials.clear
    node.keep_warm()
    nursery.wechat.meanwhile = lambda: None
    assert [node.get().value, node.get().value, nursery.provider.get().value] == ["t2"] * 3
    assert nursery.wechat.fetches == 2
