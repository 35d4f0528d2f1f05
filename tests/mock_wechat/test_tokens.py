"""/cgi-bin/token and /cgi-bin/stable_token by WECHAT.md 1."""

import re

from mock_wechat import MockWeChat

from .client import MINI, OFFICIAL, Client, FakeClock

WORKS = 48001
"""An official account's token that works, at a mini program's endpoint."""


def test_token_looks_like_one_of_wechats(client: Client) -> None:
    answer = client.token()
    assert list(answer) == ["access_token", "expires_in"]
    assert answer["expires_in"] == 7200
    assert re.fullmatch(r"\d{2}_[A-Za-z0-9_-]{127}[A-Z]{6}", answer["access_token"])
    assert len(answer["access_token"]) == 136


def test_superseded_token_works_for_five_minutes_then_gets_40001(client: Client, clock: FakeClock) -> None:
    old = client.token()["access_token"]
    new = client.token()["access_token"]
    clock.advance(299)
    assert [client.errcode_of(old), client.errcode_of(new)] == [WORKS, WORKS]
    clock.advance(1)
    assert [client.errcode_of(old), client.errcode_of(new)] == [40001, WORKS]


def test_overlap_and_life_are_switches_of_the_account(mock: MockWeChat, client: Client, clock: FakeClock) -> None:
    mock.add_account(*OFFICIAL, overlap_seconds=0, expires_in=60)
    old = client.token()["access_token"]
    new = client.token()
    assert new["expires_in"] == 60
    assert client.errcode_of(old) == 40001
    clock.advance(60)
    assert client.errcode_of(new["access_token"]) == 42001


def test_stable_token_is_the_same_with_its_remaining_life(client: Client, clock: FakeClock) -> None:
    first = client.stable_token()
    clock.advance(6855)
    second = client.stable_token()
    assert first["access_token"] == second["access_token"]
    assert [first["expires_in"], second["expires_in"]] == [7200, 345]
    assert list(second) == ["access_token", "expires_in"]


def test_stable_token_rolls_early(client: Client, clock: FakeClock) -> None:
    old = client.stable_token()["access_token"]
    clock.advance(6899)
    assert client.stable_token() == {"access_token": old, "expires_in": 301}
    clock.advance(1)
    new = client.stable_token()
    assert new["access_token"] != old
    assert new["expires_in"] == 7200
    clock.advance(299)
    assert client.errcode_of(old) == WORKS
    clock.advance(1)
    assert client.errcode_of(old) == 42001


def test_forced_refresh_kills_the_old_stable_token_at_once(client: Client) -> None:
    old = client.stable_token()["access_token"]
    new = client.stable_token(force_refresh=True)
    assert new["expires_in"] == 7200
    assert [client.errcode_of(old), client.errcode_of(new["access_token"])] == [40001, WORKS]


def test_forced_refreshes_are_thirty_seconds_apart(client: Client, clock: FakeClock) -> None:
    client.stable_token(force_refresh=True)
    clock.advance(29)
    assert client.stable_token(force_refresh=True)["errcode"] == 45011
    clock.advance(1)
    assert "access_token" in client.stable_token(force_refresh=True)


def test_forced_refreshes_are_twenty_a_day_in_shanghai(client: Client, clock: FakeClock) -> None:
    for _ in range(20):
        assert "access_token" in client.stable_token(force_refresh=True)
        clock.advance(30)
    assert client.stable_token(force_refresh=True)["errcode"] == 45009
    clock.now = 1_795_276_800  # 2026-11-22 00:00 in Shanghai
    assert "access_token" in client.stable_token(force_refresh=True)


def test_classic_token_quota_ends_at_midnight_in_shanghai(mock: MockWeChat, client: Client, clock: FakeClock) -> None:
    mock.add_account(*OFFICIAL, daily_token_quota=2)
    client.token()
    client.token()
    answer = client.token()
    assert answer["errcode"] == 45009
    assert answer["errmsg"].startswith(
        "reach max api daily quota limit, could get access_token by getStableAccessToken, "
        "more details at https://mmbizurl.cn/s/JtxxFh33r rid: "
    )
    assert "access_token" in client.stable_token()
    assert "access_token" in client.token(MINI)
    clock.now = 1_795_276_799
    assert client.token()["errcode"] == 45009
    clock.now = 1_795_276_800
    assert "access_token" in client.token()
