"""What whoever watches the server is told."""

import math

import pytest
from flask.testing import FlaskClient

from app.exceptions import StoreUnavailable
from app.readiness import Readiness
from app.services import Services
from mock_wechat import MockWeChat
from tests.app.routes.conftest import Caller, problem
from tests.doubles import FakeClock


def test_alive_asks_nothing_of_anyone(client: FlaskClient, wechat: MockWeChat) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json) == (200, {"status": "ok"})
    assert response.headers["Cache-Control"] == "no-store"
    assert wechat.calls() == []


def test_ready_says_no_more_to_the_public(client: FlaskClient, wechat: MockWeChat) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.json) == (200, {"status": "ok"})
    assert wechat.calls() == []


def test_ops_key_sees_each_account_and_no_value(caller: Caller) -> None:
    token = caller.get("/api/access_token").get_json()["access_token"]
    response = caller.get("/readyz")
    default, mini = response.get_json()["accounts"]
    assert (default["account"], default["credentials"][0]["state"]) == ("default", "fresh")
    assert (mini["account"], mini["credentials"][0]["state"]) == ("mini", "missing")
    assert token not in response.get_data(as_text=True)


def test_account_on_hold_degrades_itself_and_the_whole_but_no_other(caller: Caller, wechat: MockWeChat) -> None:
    wechat.fail("/cgi-bin/stable_token", 40125)
    assert caller.get("/api/access_token").status_code == 503
    assert caller.get("/readyz").get_json()["status"] == "degraded"
    assert caller.get("/readyz?account=default").get_json()["status"] == "degraded"
    assert caller.get("/readyz?account=mini").get_json()["status"] == "ok"


def test_ops_key_sees_why_wechat_is_left_alone_and_what_to_do(
    caller: Caller, wechat: MockWeChat, clock: FakeClock
) -> None:
    wechat.fail("/cgi-bin/stable_token", 40125)
    wechat.fail("/cgi-bin/stable_token", status=500, times=3)
    caller.get("/api/access_token?account=default")
    held_until = int(clock()) + 60
    caller.get("/api/access_token?account=mini")
    document = caller.get("/readyz").get_json()
    default, mini = document["accounts"]
    [hold] = default["holds"]
    assert (hold["endpoint"], hold["credential"]) == ("/cgi-bin/stable_token", "access_token")
    assert (hold["errcode"], hold["until"]) == (40125, held_until)
    assert set(hold["hint"]) == {"en", "zh"}
    [token] = mini["credentials"]
    assert (token["trouble"]["until"], token["fetches_left"]) == (math.ceil(clock() + 1), 3)
    assert "HTTP 500" in token["trouble"]["detail"]
    assert document["store"] is None


def test_ops_key_sees_why_the_store_fails(caller: Caller, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise StoreUnavailable("disk full")

    caller.get("/api/access_token?account=mini")
    monkeypatch.setattr(services.shelf._inner, "get", fail)
    monkeypatch.setattr(services.shelf._inner, "load", fail)
    document = caller.get("/readyz").get_json()
    assert (document["status"], document["store"]) == ("degraded", "disk full")


def test_details_are_for_ops_alone(client: FlaskClient) -> None:
    problem(client.get("/readyz?account=mini"), 401, "key-required")
    problem(client.get("/readyz", headers={"Authorization": "Bearer wrong"}), 401, "key-required")
    problem(Caller(client, "reader").get("/readyz"), 403, "key-not-allowed")


def test_unusable_store_is_not_ready(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    unusable = Readiness(usable=False, degraded=True, accounts=[])
    monkeypatch.setattr("app.routes.health.readiness", lambda *_: unusable)
    response = client.get("/readyz")
    problem(response, 503, "store-unavailable")
    assert int(response.headers["Retry-After"]) >= 1
