"""/cgi-bin/ticket/getticket as WECHAT.md 2 has it."""

import re

from mock_wechat import MockWeChat

from .client import MINI, OFFICIAL, Client, FakeClock


def test_ticket_looks_like_one_of_wechats(client: Client) -> None:
    answer = client.getticket(client.token()["access_token"])
    assert list(answer) == ["errcode", "errmsg", "ticket", "expires_in"]
    assert (answer["errcode"], answer["errmsg"]) == (0, "ok")
    assert re.fullmatch(r"[A-Za-z0-9_-]{86}", answer["ticket"])


def test_ticket_stays_the_same_and_always_claims_7200(client: Client, clock: FakeClock) -> None:
    token = client.token()["access_token"]
    first = client.getticket(token)
    clock.advance(7199)
    assert client.getticket(token) == first
    assert first["expires_in"] == 7200


def test_ticket_rolls_over_at_the_end_of_its_life(client: Client, clock: FakeClock) -> None:
    first = client.getticket(client.token()["access_token"])["ticket"]
    clock.advance(7200)
    second = client.getticket(client.token()["access_token"])
    assert second["ticket"] != first
    assert second["expires_in"] == 7200


def test_new_access_token_does_not_change_the_ticket(client: Client) -> None:
    first = client.getticket(client.token()["access_token"])
    assert client.getticket(client.token()["access_token"]) == first
    assert client.getticket(client.stable_token()["access_token"]) == first


def test_jsapi_and_wx_card_tickets_differ(client: Client) -> None:
    token = client.token()["access_token"]
    assert client.getticket(token)["ticket"] != client.getticket(token, "wx_card")["ticket"]


def test_unknown_type_is_40097(client: Client) -> None:
    assert client.getticket(client.token()["access_token"], "jsticket")["errcode"] == 40097


def test_mini_program_gets_no_ticket(client: Client) -> None:
    answer = client.getticket(client.token(MINI)["access_token"])
    assert answer["errcode"] == 48001
    assert answer["errmsg"].startswith("api unauthorized rid: ")


def test_missing_and_dead_tokens(client: Client, clock: FakeClock) -> None:
    assert client.get("/cgi-bin/ticket/getticket", type="jsapi")["errmsg"].startswith("access_token missing rid: ")
    old = client.token()["access_token"]
    client.token()
    clock.advance(300)
    dead = client.getticket(old)
    assert dead["errcode"] == 40001
    assert dead["errmsg"].startswith("invalid credential, access_token is invalid or not latest, could get ")
    clock.advance(6900)
    assert client.getticket(old)["errcode"] == 40001


def test_revoked_credentials_have_a_successor(mock: MockWeChat, client: Client) -> None:
    stable = client.stable_token()["access_token"]
    ticket = client.getticket(stable)["ticket"]
    mock.revoke(OFFICIAL[0], "jsapi_ticket")
    assert client.getticket(stable)["ticket"] != ticket
    mock.revoke(OFFICIAL[0], "stable_token")
    assert client.getticket(stable)["errcode"] == 40001
    successor = client.stable_token()["access_token"]
    assert client.stable_token()["access_token"] == successor != stable
