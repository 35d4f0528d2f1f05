"""Call limits: WeChat's numbers, an account's own, and when they start over."""

from typing import Any, Literal

import pytest

from mock_wechat import MockWeChat

from .client import MINI, NOW, OFFICIAL, Client, FakeClock

MIDNIGHT = 1_795_276_800
"""2026-11-22 00:00 in Shanghai."""
NEXT_MINUTE = NOW - NOW % 60 + 60
TEXT = "/wxa/msg_sec_check"
STABLE = "/cgi-bin/stable_token"


def limit(mock: MockWeChat, path: str, account: tuple[str, str] = OFFICIAL, **calls: int | None) -> None:
    kind: Literal["official", "mini"] = "official" if account == OFFICIAL else "mini"
    mock.add_account(*account, kind, limits={path: calls})


def check(client: Client, token: str) -> Any:
    return client.check_text(token, b'{"content":"hello"}')


def test_minute_limit_ends_with_the_minute(mock: MockWeChat, client: Client, clock: FakeClock) -> None:
    limit(mock, STABLE, minute=2)
    assert [client.stable_token().get("errcode") for _ in range(3)] == [None, None, 45011]
    clock.now = NEXT_MINUTE - 1
    answer = client.stable_token()
    assert answer["errmsg"].startswith("api minute-quota reach limit, must slower, retry next minute rid: ")
    clock.now = NEXT_MINUTE
    assert "access_token" in client.stable_token()


def test_checks_have_their_own_minute_errcode(mock: MockWeChat, client: Client, mini_token: str) -> None:
    limit(mock, TEXT, MINI, minute=1)
    assert check(client, mini_token)["errcode"] == 0
    answer = check(client, mini_token)
    assert answer["errcode"] == 44991
    assert answer["errmsg"].startswith("reach max api minute frequence rid: ")
    mock.add_account(*MINI, "mini", minute_errcode=45009)  # as WeChat's staff says (WECHAT.md 12.7)
    assert check(client, mini_token)["errcode"] == 45009


def test_day_limit_ends_at_midnight_in_shanghai(
    mock: MockWeChat, client: Client, clock: FakeClock, mini_token: str
) -> None:
    limit(mock, TEXT, MINI, day=1)
    check(client, mini_token)
    clock.now = MIDNIGHT - 1
    token = client.token(MINI)["access_token"]
    answer = check(client, token)
    assert answer["errcode"] == 45009
    assert answer["errmsg"].startswith("reach max api daily quota limit rid: ")
    clock.now = MIDNIGHT
    assert check(client, token)["errcode"] == 0


def test_minute_refusals_do_not_count_for_the_day(mock: MockWeChat, client: Client, clock: FakeClock) -> None:
    limit(mock, STABLE, minute=1, day=2)
    assert [client.stable_token().get("errcode") for _ in range(3)] == [None, 45011, 45011]
    clock.now = NEXT_MINUTE
    assert "access_token" in client.stable_token()


def test_refused_and_failing_calls_are_not_counted(mock: MockWeChat, client: Client) -> None:
    limit(mock, STABLE, day=1)
    client.stable_token((OFFICIAL[0], "wrong"))
    mock.fail(STABLE, -1)
    client.stable_token()
    assert "access_token" in client.stable_token()


def test_omitted_limit_stays_and_null_removes_it(mock: MockWeChat, client: Client) -> None:
    limit(mock, STABLE, minute=1)
    client.stable_token()
    assert client.get("/_mock/state")["accounts"][0]["quotas"][STABLE]["daily_limit"] == 500_000
    limit(mock, STABLE, minute=None)
    assert "access_token" in client.stable_token()
    limit(mock, "/cgi-bin/token", day=0)
    assert client.token()["errcode"] == 45009


@pytest.mark.parametrize(
    ("limits", "error"),
    [
        ([], "must be an object"),
        ({"/tokens": {"day": 1}}, "has a wrong path: '/tokens' is not in WeChat's families"),
        ({STABLE: 1}, "must have"),
        ({STABLE: {"daily": 1}}, "did you mean 'day'"),
        ({STABLE: {"day": -1}}, "day must be from 0"),
    ],
)
def test_wrong_limits_are_refused(client: Client, limits: object, error: str) -> None:
    answer = client.raw("POST", "/_mock/accounts", json={"appid": OFFICIAL[0], "limits": limits})
    assert (answer.status_code, answer.json()["field"]) == (400, "limits")
    assert error in answer.json()["error"]


def test_mini_program_codes_have_their_own_minute_errcode(mock: MockWeChat, client: Client, mini_token: str) -> None:
    limit(mock, "/wxa/getwxacodeunlimit", MINI, minute=0)
    assert client.post("/wxa/getwxacodeunlimit", {"scene": "a"}, access_token=mini_token)["errcode"] == 45009
