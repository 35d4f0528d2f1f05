"""IP whitelist and administrator's confirmation, WECHAT.md 1.4 and 1.5."""

from collections.abc import Callable

import pytest

from mock_wechat import MockWeChat

from .client import MINI, OFFICIAL, Client, FakeClock

HERE, THERE = "203.0.113.7", "198.51.100.9"
ClientFrom = Callable[[str], Client]


def test_unknown_address_waits_for_the_administrator(mock: MockWeChat, client_from: ClientFrom) -> None:
    mock.add_account(*OFFICIAL, confirm_ip=True)
    here = client_from(HERE)
    first, second = here.token(), here.stable_token()
    assert first["errcode"] == 89503
    assert first["errmsg"].startswith("此次调用需要管理员确认，请耐心等候 rid: ")
    assert second["errcode"] == 89501
    mock.confirm(OFFICIAL[0], HERE, "allow")
    assert "access_token" in here.token()
    assert client_from(THERE).token()["errcode"] == 89503


@pytest.mark.parametrize(
    ("refused_at", "errcode", "seconds"),
    [([0], 89507, 3600), ([0, 86_399], 89506, 86_400), ([0, 86_400], 89507, 3600)],
    ids=["once", "twice within a day", "twice"],
)
def test_refused_address_waits_an_hour_or_a_day(
    mock: MockWeChat, client_from: ClientFrom, clock: FakeClock, refused_at: list[int], errcode: int, seconds: int
) -> None:
    mock.add_account(*OFFICIAL, confirm_ip=True)
    here = client_from(HERE)
    begin = clock.now
    for second in refused_at:
        clock.now = begin + second
        mock.confirm(OFFICIAL[0], HERE, "refuse")
    clock.advance(seconds - 1)
    assert here.token()["errcode"] == errcode
    clock.advance(1)
    assert here.token()["errcode"] == 89503


@pytest.mark.parametrize("entry", [HERE, "203.0.113.0/24", "203.0.113.*"])
def test_whitelist_takes_addresses_networks_and_stars(mock: MockWeChat, client_from: ClientFrom, entry: str) -> None:
    mock.add_account(*MINI, "mini", ip_whitelist=["192.0.2.1", entry])
    assert "access_token" in client_from(HERE).token(MINI)
    assert client_from(THERE).token(MINI)["errcode"] == 40164


def test_only_official_whitelist_guards_access_tokens(mock: MockWeChat, client_from: ClientFrom) -> None:
    mock.add_account(*OFFICIAL, ip_whitelist=[HERE])
    mock.add_account(*MINI, "mini", ip_whitelist=[HERE])
    official, mini = client_from(HERE).token()["access_token"], client_from(HERE).token(MINI)["access_token"]
    assert client_from(THERE).getticket(official)["errcode"] == 40164
    assert client_from(THERE).check_text(mini, b'{"content":"hello"}')["errcode"] == 0
