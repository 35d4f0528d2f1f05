"""Each named scenario, as a caller sees it."""

import pytest
import requests

from mock_wechat import MockWeChat
from mock_wechat.control.scenarios import SCENARIOS

from .client import MINI, OFFICIAL, Client, FakeClock

WORKS = 48001
"""An official account's token that works, at a mini program's endpoint."""


OVER_AT_ONCE = ("expired-token", "sticky-ticket")


def errcodes(client: Client, calls: int) -> list[int]:
    return [client.stable_token().get("errcode", 0) for _ in range(calls)]


def check(client: Client, token: str) -> int:
    return int(client.check_text(token, b'{"content":"hello"}')["errcode"])


def test_scenario_is_applied_over_the_wire(client: Client) -> None:
    answer = client.post("/_mock/scenarios", {"name": "flaky", "appid": MINI[0]})
    assert answer == {"name": "flaky", "appid": MINI[0], "sentence": SCENARIOS["flaky"].sentence}
    assert client.get("/_mock/faults")["faults"] == [
        {"path": "*", "times": None, "every": 3, "appid": MINI[0], "errcode": -1}
    ]


def test_expired_token_scenario_gives_42001(mock: MockWeChat, client: Client) -> None:
    classic, stable = client.token()["access_token"], client.stable_token()["access_token"]
    mock.scenario("expired-token")
    assert [client.errcode_of(classic), client.errcode_of(stable)] == [42001, 42001]
    fresh = client.stable_token()
    assert fresh["access_token"] != stable
    assert fresh["expires_in"] == 7200
    assert client.errcode_of(fresh["access_token"]) == WORKS


def test_correct_client_survives_expired_token(mock: MockWeChat, client: Client) -> None:
    """The recipe "My token expires in the middle of a request" of the README."""
    path, token = "/wxa/msg_sec_check", client.stable_token(MINI)["access_token"]

    def check_text() -> int:
        nonlocal token
        errcode = check(client, token)
        if errcode in (40001, 40014, 42001):
            token = client.stable_token(MINI)["access_token"]
            errcode = check(client, token)
        return errcode

    assert check_text() == 0
    mock.scenario("expired-token")
    assert [check_text(), check_text()] == [0, 0]
    assert [call.token_state for call in mock.calls(path)] == ["current", "dead", "current", "current"]
    assert len(mock.calls("/cgi-bin/stable_token")) == 2


def test_stolen_token_is_stolen_again_every_minute(mock: MockWeChat, client: Client, clock: FakeClock) -> None:
    token = client.token()["access_token"]
    mock.scenario("token-stolen", OFFICIAL[0])
    assert client.errcode_of(token) == 40001
    token = client.token()["access_token"]
    clock.advance(59)
    assert client.errcode_of(token) == WORKS
    clock.advance(1)
    assert client.errcode_of(token) == 40001
    stable = client.stable_token()["access_token"]
    clock.advance(60)
    assert client.errcode_of(stable) == 40001


def test_always_40001_refuses_new_tokens_too(mock: MockWeChat, client: Client) -> None:
    mock.scenario("always-40001")
    for _ in range(3):
        assert check(client, client.token(MINI)["access_token"]) == 40001
        assert client.getticket(client.token()["access_token"])["errcode"] == 40001


def test_exhausted_quota_ends_at_midnight_or_when_cleared(mock: MockWeChat, client: Client, clock: FakeClock) -> None:
    token = client.token()["access_token"]
    mini = client.token(MINI)["access_token"]
    mock.scenario("quota-exhausted")
    assert client.token()["errmsg"].startswith("reach max api daily quota limit, could get access_token by getStable")
    assert client.stable_token()["errmsg"].startswith("reach max api daily quota limit rid: ")
    assert check(client, mini) == 45009
    client.post("/cgi-bin/clear_quota", {"appid": OFFICIAL[0]}, access_token=token)
    assert "access_token" in client.token()
    assert client.token(MINI)["errcode"] == 45009
    clock.now = 1_795_276_800  # midnight in Shanghai
    assert "access_token" in client.token(MINI)


@pytest.mark.parametrize(
    ("name", "errcode"), [("ip-not-whitelisted", 40164), ("flaky", 0), ("admin-confirmation", 89503)]
)
def test_first_errcode_of_a_scenario(mock: MockWeChat, client: Client, name: str, errcode: int) -> None:
    mock.scenario(name)
    for account in (OFFICIAL, MINI):
        assert client.token(account).get("errcode", 0) == errcode


def test_admin_confirmation_asks_again_after_an_allow(mock: MockWeChat, client: Client) -> None:
    mock.confirm(OFFICIAL[0], "127.0.0.1", "allow")
    mock.scenario("admin-confirmation", OFFICIAL[0])
    assert errcodes(client, 2) == [89503, 89501]
    assert "access_token" in client.token(MINI)
    mock.confirm(OFFICIAL[0], "127.0.0.1", "allow")
    assert errcodes(client, 1) == [0]


def test_slow_answers_after_two_seconds(mock: MockWeChat, client: Client) -> None:
    mock.scenario("slow")
    assert client.get("/_mock/faults")["faults"] == [{"path": "*", "times": None, "delay_seconds": 2}]
    with pytest.raises(requests.ReadTimeout):
        client.raw("GET", "/cgi-bin/token", timeout=0.1)


def test_down_and_gateway_errors(mock: MockWeChat, client: Client) -> None:
    mock.scenario("html-gateway-errors")
    answer = client.raw("GET", "/sns/auth")
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html")
    assert "<h1>502 Bad Gateway</h1>" in answer.text
    mock.reset()
    mock.scenario("down")
    with pytest.raises(requests.ConnectionError):
        client.stable_token()


def test_sticky_ticket_is_called_7200_to_its_end(mock: MockWeChat, client: Client, clock: FakeClock) -> None:
    mock.add_account(*OFFICIAL, ticket_grace_seconds=0)
    token = client.token()["access_token"]
    mock.scenario("sticky-ticket")
    sticky = client.getticket(token)
    clock.advance(59)
    assert client.getticket(token) == sticky
    assert sticky["expires_in"] == 7200
    clock.advance(1)
    assert client.getticket(token)["ticket"] != sticky["ticket"]
    states = [
        it["state"] for it in client.get("/_mock/state")["accounts"][0]["credentials"] if "ticket" in it["credential"]
    ]
    assert states == ["dead", "current"]


def test_old_token_dies_at_once(mock: MockWeChat, client: Client) -> None:
    mock.scenario("old-token-dies-at-once")
    old, new = client.token()["access_token"], client.token()["access_token"]
    assert [client.errcode_of(old), client.errcode_of(new)] == [40001, WORKS]


@pytest.mark.parametrize("name", [name for name in SCENARIOS if name != "all-well"])
def test_all_is_well_again(mock: MockWeChat, client: Client, name: str) -> None:
    mock.scenario(name)
    mock.scenario("all-well")
    first, second = client.token()["access_token"], client.token()["access_token"]
    assert [client.errcode_of(first), client.errcode_of(second)] == [WORKS, WORKS]
    assert errcodes(client, 3) == [0, 0, 0]
    assert check(client, client.token(MINI)["access_token"]) == 0


def test_one_account_is_well_again(mock: MockWeChat, client: Client) -> None:
    mock.scenario("always-40001", OFFICIAL[0])
    mock.scenario("always-40001", MINI[0])
    mock.scenario("all-well", OFFICIAL[0])
    assert client.getticket(client.token()["access_token"])["errcode"] == 0
    assert check(client, client.token(MINI)["access_token"]) == 40001


def running(client: Client) -> list[tuple[str, str | None]]:
    return [(it["name"], it["appid"]) for it in client.get("/_mock/state")["scenarios"]]


@pytest.mark.parametrize("name", [name for name in SCENARIOS if name not in ("all-well", *OVER_AT_ONCE)])
def test_ended_scenario_leaves_another_scenario_and_faults(mock: MockWeChat, client: Client, name: str) -> None:
    mock.fail("/sns/*", 40001, times=None)
    other = "old-token-dies-at-once" if name != "old-token-dies-at-once" else "token-stolen"
    before = dict(mock._state.accounts)
    mock.scenario(other)
    between = dict(mock._state.accounts)
    mock.scenario(name)
    mock.scenario(name)
    assert running(client) == [(other, None), (name, None)]
    assert client.post("/_mock/scenarios", {"name": name, "end": True})["name"] == name
    assert running(client) == [(other, None)]
    assert [fault["path"] for fault in client.get("/_mock/faults")["faults"]] == ["/sns/*"]
    assert mock._state.accounts == between
    mock.scenario(other, end=True)
    assert mock._state.accounts == before
    assert errcodes(client, 3) == [0, 0, 0]
    assert check(client, client.token(MINI)["access_token"]) == 0


@pytest.mark.parametrize("name", OVER_AT_ONCE)
def test_scenario_that_is_over_at_once_never_runs(mock: MockWeChat, client: Client, name: str) -> None:
    mock.scenario(name)
    assert running(client) == []


@pytest.mark.parametrize("first", ["ip-not-whitelisted", "admin-confirmation"])
def test_scenarios_end_in_any_order(mock: MockWeChat, client: Client, first: str) -> None:
    mock.add_account(*OFFICIAL, ip_whitelist=["198.51.100.0/24"])
    for name in ("ip-not-whitelisted", "admin-confirmation"):
        mock.scenario(name)
    for name in (first, *({"ip-not-whitelisted", "admin-confirmation"} - {first})):
        mock.scenario(name, end=True)
        if name == "ip-not-whitelisted" == first:
            assert client.token()["errcode"] == 89503
    account = mock._state.accounts[OFFICIAL[0]]
    assert (account.ip_whitelist, account.confirm_ip) == (("198.51.100.0/24",), False)


def test_running_scenarios_are_those_with_an_effect(mock: MockWeChat, client: Client) -> None:
    mock.scenario("flaky", MINI[0])
    mock.scenario("quota-exhausted", OFFICIAL[0])
    mock.scenario("token-stolen", OFFICIAL[0])
    assert running(client) == [("flaky", MINI[0]), ("quota-exhausted", OFFICIAL[0]), ("token-stolen", OFFICIAL[0])]
    with pytest.raises(ValueError, match="name flaky does not run for wx0000000000000001; running are flaky, quota"):
        mock.scenario("flaky", OFFICIAL[0], end=True)
    client.raw("DELETE", "/_mock/faults")
    client.post("/cgi-bin/clear_quota/v2", {"appid": OFFICIAL[0], "appsecret": OFFICIAL[1]})
    mock.add_account(*OFFICIAL, other_server_seconds=30)
    assert running(client) == []
    mock.scenario("token-stolen", end=True)
    assert mock._state.accounts[OFFICIAL[0]].other_server_seconds == 30
