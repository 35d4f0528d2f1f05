"""Which host comes first."""

from app.wechat.hosts import Hosts
from tests.doubles import FakeClock


def hosts(clock: FakeClock) -> Hosts:
    return Hosts(["a", "b", "c"], 30, clock)


def test_hosts_keep_their_order() -> None:
    assert hosts(FakeClock()).in_order() == ["a", "b", "c"]


def test_host_that_is_set_aside_comes_last_for_a_while() -> None:
    clock = FakeClock()
    ours = hosts(clock)
    ours.set_aside("a")
    assert ours.in_order() == ["b", "c", "a"]
    clock.advance(29.9)
    assert ours.in_order() == ["b", "c", "a"]
    clock.advance(0.1)
    assert ours.in_order() == ["a", "b", "c"]


def test_all_aside_are_asked_in_order() -> None:
    ours = hosts(FakeClock())
    for host in ("c", "a", "b"):
        ours.set_aside(host)
    assert ours.in_order() == ["a", "b", "c"]


def test_host_that_was_reached_is_taken_back() -> None:
    ours = hosts(FakeClock())
    ours.set_aside("a")
    ours.take_back("a")
    ours.take_back("b")
    assert ours.in_order() == ["a", "b", "c"]


def test_clock_that_is_set_back_keeps_no_host_aside() -> None:
    clock = FakeClock()
    ours = hosts(clock)
    ours.set_aside("a")
    clock.advance(-3600)
    assert ours.in_order() == ["a", "b", "c"]
