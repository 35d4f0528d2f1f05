"""Repeatable runs (seed, still clock), and consistency under parallel calls."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mock_wechat import MockWeChat

from .client import MINI, NOW, OFFICIAL, Client, FakeClock


def everything_random(mock: MockWeChat, client: Client) -> list[object]:
    """One of each that could differ: tokens, tickets, codes, session keys, trace ids, rids, hints, openids."""
    token = client.token()["access_token"]
    mini = client.token(MINI)["access_token"]
    by_secret = {"grant_type": "authorization_code", "appid": MINI[0], "secret": MINI[1]}
    official = {"grant_type": "authorization_code", "appid": OFFICIAL[0], "secret": OFFICIAL[1]}
    checked = {"content": "hello", "version": 2, "scene": 1, "openid": mock.openid(MINI[0])}
    mock.fail("/cgi-bin/token", 40013, quirks=["hint_and_rid"])
    return [
        token,
        client.stable_token(),
        client.getticket(token),
        client.getticket(token, "wx_card"),
        client.get("/sns/jscode2session", **by_secret, js_code=mock.js_code()),
        client.get("/sns/oauth2/access_token", **official, code=mock.oauth_code()),
        mock.phone_code(),
        client.post("/wxa/msg_sec_check", checked, access_token=mini),
        client.get("/cgi-bin/nothing"),
        client.get("/cgi-bin/token"),
    ]


def test_same_seed_and_time_repeat_everything() -> None:
    def run(seed: int, now: float = NOW) -> list[object]:
        with MockWeChat(seed=seed, now=now, still=True) as mock, Client(mock.url) as client:
            return everything_random(mock, client)

    first = run(7)
    assert run(7) == first
    assert all(one != other for one, other in zip(run(8), first, strict=True))
    assert run(7, NOW + 1)[-1] != first[-1]


def test_reset_never_issues_an_old_token_again(mock: MockWeChat, client: Client) -> None:
    before = everything_random(mock, client)
    mock.reset()
    assert not any(one == other for one, other in zip(everything_random(mock, client), before, strict=True))


def test_clock_begins_at_now_also_after_a_reset(clock: FakeClock) -> None:
    mock = MockWeChat(clock=clock, now=1_500_000_000)
    clock.advance(10)
    assert mock.clock() == 1_500_000_010
    mock.clock.set_still()
    mock.reset()
    clock.advance(10)
    assert mock.clock() == 1_500_000_010
    with pytest.raises(ValueError, match="the clock goes from 0"):
        MockWeChat(now=-1)


def test_clock_is_stopped_and_started_over_the_wire(client: Client, clock: FakeClock) -> None:
    assert client.post("/_mock/clock", {"still": True}) == {"now": NOW}
    clock.advance(10)
    assert client.post("/_mock/clock", {"advance": 1}) == {"now": NOW + 1}
    assert client.get("/_mock/state")["still"] is True
    assert client.post("/_mock/clock", {"still": False}) == {"now": NOW + 1}
    clock.advance(10)
    assert client.get("/_mock/state")["now"] == NOW + 11
    assert client.get("/_mock/state")["still"] is False
    assert client.post("/_mock/clock", {"set": 1_500_000_000, "still": True}) == {"now": 1_500_000_000}


def in_parallel(mock: MockWeChat, calls: int, call: Callable[[Client], Any]) -> Counter[Any]:
    def one(_: int) -> Any:
        with Client(mock.url) as client:
            return call(client)

    with ThreadPoolExecutor(16) as pool:
        return Counter(pool.map(one, range(calls)))


def test_parallel_calls_use_a_code_once(mock: MockWeChat) -> None:
    asked = {"appid": MINI[0], "secret": MINI[1], "grant_type": "authorization_code", "js_code": mock.js_code()}

    def log_in(client: Client) -> int:
        return int(client.get("/sns/jscode2session", **asked).get("errcode", 0))

    assert in_parallel(mock, 32, log_in) == {0: 1, 40163: 31}


def test_parallel_calls_share_a_quota_exactly(mock: MockWeChat) -> None:
    mock.add_account(*OFFICIAL, daily_token_quota=20)
    assert in_parallel(mock, 48, lambda client: client.token().get("errcode", 0)) == {0: 20, 45009: 28}
