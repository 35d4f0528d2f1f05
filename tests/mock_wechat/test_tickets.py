"""/cgi-bin/ticket/getticket by WECHAT.md 2."""

import re

from .client import Client, FakeClock


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


def test_each_type_has_a_ticket_of_its_own(client: Client) -> None:
    token = client.token()["access_token"]
    tickets = {client.getticket(token, kind)["ticket"] for kind in ("jsapi", "wx_card", "2", "jsapi")}
    assert len(tickets) == 3


def test_post_gets_the_same_ticket(client: Client) -> None:
    token = client.token()["access_token"]
    posted = client.post("/cgi-bin/ticket/getticket", {}, access_token=token, type="jsapi")
    assert posted == client.getticket(token)
