"""A start of the server lifts whatever keeps WeChat from being asked."""

import pytest

from app.holds import lift, lift_all
from app.stores import MemoryShelf
from tests.doubles import FakeClock

OURS, THEIRS = "wx0000000000000001", "wx0000000000000002"
NOTES = ["hold:{}:/cgi-bin/token", "probe:{}:/cgi-bin/token", "pause:{}:access_token:nat-1", "retry:{}:jsapi_ticket"]


@pytest.fixture
def shelf() -> MemoryShelf:
    shelf = MemoryShelf(FakeClock())
    for name in NOTES:
        for appid in (OURS, THEIRS):
            shelf.put(name.format(appid), "{}", 60)
    return shelf


@pytest.mark.parametrize("name", NOTES)
def test_a_start_lifts_it_for_every_account(shelf: MemoryShelf, name: str) -> None:
    lift_all(shelf)
    assert [shelf.get(name.format(appid)) for appid in (OURS, THEIRS)] == [None, None]


@pytest.mark.parametrize("name", NOTES)
def test_a_person_lifts_it_for_one_account(shelf: MemoryShelf, name: str) -> None:
    lift(shelf, OURS)
    assert [shelf.get(name.format(appid)) for appid in (OURS, THEIRS)] == [None, "{}"]
