"""The endpoints for monitoring: alive, ready, the state of each account."""

import math
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.errors import StoreUnavailable
from app.services import Services
from app.version import __version__
from mock_wechat import MockWeChat
from tests.app.web.conftest import Caller, problem
from tests.doubles import FakeClock


def test_alive_and_ready_make_no_call(client: FlaskClient, wechat: MockWeChat) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json) == (200, {"status": "ok"})
    assert response.headers["Cache-Control"] == "no-store"
    assert client.get("/readyz").json == {"status": "ok"}
    assert wechat.calls() == []


def test_ops_key_sees_the_mock_each_account_and_no_value(caller: Caller, wechat: MockWeChat) -> None:
    token = caller.get("/api/access_token").get_json()["access_token"]
    response = caller.get("/readyz")
    default, mini = response.get_json()["accounts"]
    assert response.get_json()["mock"] == wechat.url
    assert (default["account"], default["credentials"][0]["state"]) == ("default", "fresh")
    assert (mini["account"], mini["credentials"][0]["state"]) == ("mini", "missing")
    assert token not in response.get_data(as_text=True)


def test_account_in_cooldown_degrades_itself_and_the_whole_but_no_other(
    caller: Caller, client: FlaskClient, wechat: MockWeChat
) -> None:
    wechat.fail("/cgi-bin/stable_token", 40125)
    assert caller.get("/api/access_token").status_code == 503
    assert caller.get("/readyz").get_json()["status"] == "degraded"
    assert caller.get("/readyz?account=default").get_json()["status"] == "degraded"
    assert caller.get("/readyz?account=mini").get_json()["status"] == "ok"
    assert client.get("/readyz").get_json()["status"] == "ok"  # an account is no concern of a load balancer


def test_probe_without_a_key_reads_no_account(
    client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StoreUnavailable("disk full")

    def read(*_: object) -> None:
        pytest.fail("a probe must cost the same, however many accounts there are")

    for name in ("load", "get_all"):
        monkeypatch.setattr(services.store._inner, name, read)
    assert client.get("/readyz").json == {"status": "ok"}
    for name in ("get", "put"):
        monkeypatch.setattr(services.store._inner, name, fail)
    problem(client.get("/readyz"), 503, "store-unavailable")  # though nobody else has used the store since


def test_ops_key_sees_cooldowns_and_hints(caller: Caller, wechat: MockWeChat, clock: FakeClock) -> None:
    wechat.fail("/cgi-bin/stable_token", 40125)
    wechat.fail("/cgi-bin/stable_token", status=500, times=3)
    caller.get("/api/access_token?account=default")
    ends_at = int(clock()) + 60
    caller.get("/api/access_token?account=mini")
    document = caller.get("/readyz").get_json()
    default, mini = document["accounts"]
    [refused] = default["cooldowns"]
    assert (refused["endpoint"], refused["credential"]) == ("/cgi-bin/stable_token", "access_token")
    assert (refused["kind"], refused["attempt"]) == ("cooldown", 1)
    assert (refused["errcode"], refused["until"]) == (40125, ends_at)
    assert set(refused["hint"]) == {"en", "zh"}
    [failed] = mini["cooldowns"]
    assert (failed["endpoint"], failed["credential"]) == (None, "access_token")
    assert (failed["until"], mini["credentials"][0]["fetches_left"]) == (math.ceil(clock() + 1), 3)
    assert "HTTP 500" in failed["detail"]
    assert (document["store"], document["version"]) == (None, __version__)


def test_ops_key_sees_why_the_store_fails(
    caller: Caller, client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StoreUnavailable("disk full")

    caller.get("/api/access_token?account=mini")
    monkeypatch.setattr(services.store._inner, "get", fail)
    monkeypatch.setattr(services.store._inner, "load", fail)
    document = caller.get("/readyz").get_json()
    assert (document["status"], document["store"]) == ("degraded", "disk full")
    assert set(document["store_hint"]) == {"en", "zh"}
    states = [[one["state"] for one in account["credentials"]] for account in document["accounts"]]
    assert states == [["unknown", "unknown"], ["fresh"]]
    services.store._copies.clear()
    response = caller.get("/readyz")
    assert (response.status_code, response.get_json()["status"]) == (503, "unusable")
    assert int(response.headers["Retry-After"]) >= 1
    problem(client.get("/readyz"), 503, "store-unavailable")


def of_the_token(caller: Caller) -> Any:
    return caller.get("/readyz").get_json()["accounts"][0]["credentials"][0]


def cooldowns(caller: Caller) -> Any:
    return caller.get("/readyz").get_json()["accounts"][0]["cooldowns"]


def test_spent_budget_degrades_and_has_a_hint(caller: Caller, services: Services, clock: FakeClock) -> None:
    token = services.for_account(services.accounts.find("default")).access_token
    for _ in range(3):
        token.refresh(token.get().value)
    assert caller.get("/readyz").get_json()["status"] == "degraded"
    assert of_the_token(caller)["fetches_left"] == 0
    [budget] = cooldowns(caller)
    assert (budget["kind"], budget["credential"], budget["until"]) == ("budget", "access_token", int(clock()) + 20)
    assert "another server" in budget["hint"]["en"]
    assert "其他服务器" in budget["hint"]["zh"]
    clock.advance(20)
    assert cooldowns(caller) == []


def test_spent_budget_of_a_ticket_speaks_of_tickets(caller: Caller, services: Services) -> None:
    ticket = services.for_account(services.accounts.find("default")).jsapi_ticket
    assert ticket
    for _ in range(3):
        ticket.refresh(ticket.get().value)
    [budget] = cooldowns(caller)
    assert (budget["kind"], budget["credential"]) == ("budget", "jsapi_ticket")
    said = f"{budget['detail']} {budget['hint']}"
    assert "jsapi_ticket" in said
    assert "token" not in said


def test_credential_that_cannot_be_opened_has_no_age(caller: Caller, services: Services) -> None:
    token = services.for_account(services.accounts.find("default")).access_token
    services.store._inner.save(token.key, replace(token.get(), value="", expires_at=0.0, obtained_at=0.0), 1)
    services.store._copies.clear()
    described = of_the_token(caller)
    assert (described["state"], described["age_seconds"], described["remaining_seconds"]) == ("expired", None, 0)


def test_details_are_for_ops_alone(client: FlaskClient) -> None:
    problem(client.get("/readyz?account=mini"), 401, "key-required")
    problem(client.get("/readyz", headers={"Authorization": "Bearer wrong"}), 401, "key-required")
    problem(Caller(client, "reader").get("/readyz"), 403, "key-not-allowed")
