"""What whoever watches the server is told."""

import pytest
from flask.testing import FlaskClient

from app.readiness import Readiness
from mock_wechat import MockWeChat
from tests.app.routes.conftest import Caller, problem


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
