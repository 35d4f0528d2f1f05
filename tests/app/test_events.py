"""The events of each account: what is kept, and that keeping it costs a caller nothing."""

from collections.abc import Callable

import pytest

from app.errors import StoreUnavailable, WeChatUnavailable
from app.events import Events
from app.stores import MemoryStore
from app.wechat import refusal
from tests.doubles import FakeClock

APPID = "wx0000000000000001"
SECRET_WRONG = refusal(40125, "invalid appsecret", "rid-1", endpoint="/cgi-bin/stable_token", retry_after=60.0)


@pytest.fixture
def events(clock: FakeClock) -> Events:
    return Events(MemoryStore(clock), clock, lambda work: work())


def test_last_hundred_are_kept_for_each_account_newest_first(events: Events) -> None:
    for number in range(103):
        events.record(APPID, "fetched", credential="access_token", generation=number)
    events.record("wx0000000000000002", "lifted", by="alice")
    assert [one["generation"] for one in events.last(APPID)] == list(range(102, 2, -1))
    assert [(one["what"], one["by"]) for one in events.last("wx0000000000000002")] == [("lifted", "alice")]


def test_event_has_wechats_words_and_when_it_is_asked_again(events: Events, clock: FakeClock) -> None:
    events.record(APPID, "failed", credential="access_token", error=SECRET_WRONG)
    [event] = events.last(APPID)
    wanted = {"errcode": 40125, "errmsg": "invalid appsecret", "rid": "rid-1", "until": int(clock()) + 60}
    assert wanted.items() <= event.items()


def test_failure_that_repeats_is_one_event_until_it_is_over(events: Events, clock: FakeClock) -> None:
    for _ in range(3):
        events.record(APPID, "failed", credential="access_token", error=SECRET_WRONG)
        events.record(APPID, "failed", credential="jsapi_ticket", error=WeChatUnavailable("no answer"))
        events.record(APPID, "fetched", credential="wx_card_ticket")
        clock.advance(10)
    shown = [
        (one["credential"], one["times"], one["at"] - one["since"])
        for one in events.last(APPID)
        if one["what"] == "failed"
    ]
    assert shown == [("jsapi_ticket", 3, 20), ("access_token", 3, 20)]
    events.record(APPID, "fetched", credential="access_token")
    events.record(APPID, "failed", credential="access_token", error=SECRET_WRONG)
    events.record(APPID, "lifted", by="alice")
    events.record(APPID, "failed", credential="access_token", error=SECRET_WRONG)
    failed = [one for one in events.last(APPID) if one["what"] == "failed"]
    assert [one["times"] for one in failed] == [1, 1, 3, 3]


def test_no_caller_waits_or_fails_for_an_event(clock: FakeClock) -> None:
    class Broken(MemoryStore):
        def get(self, _name: str) -> str | None:
            raise StoreUnavailable("disk full")

    def no_thread(_work: Callable[[], None]) -> None:
        raise RuntimeError("can't start new thread")

    later: list[Callable[[], None]] = []
    events = Events(Broken(clock), clock, later.append)
    events.record(APPID, "fetched")
    for write in later:  # by another thread, which does not fail either
        write()
    assert len(later) == 1
    Events(MemoryStore(clock), clock, no_thread).record(APPID, "fetched")
