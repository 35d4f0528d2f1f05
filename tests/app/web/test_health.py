"""What whoever watches the server is told."""

import math
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.errors import ConfigurationRefused, DayLimitReached, StoreUnavailable
from app.ops.doctor import advice
from app.ops.readiness import Readiness
from app.services import Services
from app.wechat import errcodes
from mock_wechat import MockWeChat
from tests.app.web.conftest import Caller, problem
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


def test_account_in_cooldown_degrades_itself_and_the_whole_but_no_other(caller: Caller, wechat: MockWeChat) -> None:
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
    assert document["store"] is None


def test_ops_key_sees_why_the_store_fails(caller: Caller, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise StoreUnavailable("disk full")

    caller.get("/api/access_token?account=mini")
    monkeypatch.setattr(services.store._inner, "get", fail)
    monkeypatch.setattr(services.store._inner, "load", fail)
    document = caller.get("/readyz").get_json()
    assert (document["status"], document["store"]) == ("degraded", "disk full")
    assert "disk full" in document["store_hint"]["en"]
    default, mini = document["accounts"]
    assert [one["state"] for one in default["credentials"]] == ["unknown", "unknown"]
    assert [one["state"] for one in mini["credentials"]] == ["fresh"]


def test_ops_key_sees_why_nothing_can_be_served(
    caller: Caller, client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StoreUnavailable("disk full")

    monkeypatch.setattr(services.store._inner, "get", fail)
    monkeypatch.setattr(services.store._inner, "load", fail)
    response = caller.get("/readyz")
    document = response.get_json()
    assert (response.status_code, document["status"], document["store"]) == (503, "unusable", "disk full")
    assert set(document["store_hint"]) == {"en", "zh"}
    assert int(response.headers["Retry-After"]) >= 1
    problem(client.get("/readyz"), 503, "store-unavailable")


def of_the_token(caller: Caller) -> Any:
    return caller.get("/readyz").get_json()["accounts"][0]["credentials"][0]


def cooldowns(caller: Caller) -> Any:
    return caller.get("/readyz").get_json()["accounts"][0]["cooldowns"]


def test_cooldown_of_a_credential_says_until_when_and_what_to_do(
    caller: Caller, services: Services, wechat: MockWeChat, clock: FakeClock
) -> None:
    wechat.fail("/cgi-bin/stable_token", 61025, errmsg="never heard of")
    caller.get("/api/access_token?account=default")
    [missing] = cooldowns(caller)
    assert (missing["errcode"], missing["until"]) == (61025, int(clock()) + 1)
    assert set(missing["hint"]) == {"en", "zh"}

    clock.advance(2)
    token = services.for_account(services.accounts.find("default")).access_token
    token.get()
    clock.advance(7000)
    wechat.fail("/cgi-bin/stable_token", status=500, times=None)
    token.get()
    [stale] = cooldowns(caller)
    assert stale["until"] == math.ceil(clock() + 5)
    assert set(stale["hint"]) == {"en", "zh"}


def test_spent_budget_degrades_and_says_what_to_do(caller: Caller, services: Services, clock: FakeClock) -> None:
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


def test_credential_that_cannot_be_opened_has_no_age(caller: Caller, services: Services) -> None:
    token = services.for_account(services.accounts.find("default")).access_token
    services.store._inner.save(token.key, replace(token.get(), value="", expires_at=0.0, obtained_at=0.0), 1)
    services.store._copies.clear()
    described = of_the_token(caller)
    assert (described["state"], described["age_seconds"], described["remaining_seconds"]) == ("expired", None, 0)


FOR_A_PERSON = [
    code for code, kind in errcodes.BY_ERRCODE.items() if issubclass(kind, (ConfigurationRefused, DayLimitReached))
]


@pytest.mark.parametrize("errcode", [*FOR_A_PERSON, 40001])
def test_cooldown_of_an_endpoint_says_until_when_and_what_to_do(
    caller: Caller, services: Services, wechat: MockWeChat, clock: FakeClock, errcode: int
) -> None:
    wechat.fail("/cgi-bin/stable_token", errcode, errmsg="what WeChat says")
    caller.get("/api/access_token?account=default")
    [cooldown] = cooldowns(caller)
    assert (cooldown["errcode"], cooldown["endpoint"]) == (errcode, "/cgi-bin/stable_token")
    assert cooldown["until"] >= int(clock()) + 60
    error = errcodes.refusal(errcode, "what WeChat says", endpoint="/cgi-bin/stable_token")
    assert cooldown["hint"] == advice(error, services.accounts.find("default"))
    assert all(cooldown["hint"].values())


def test_details_are_for_ops_alone(client: FlaskClient) -> None:
    problem(client.get("/readyz?account=mini"), 401, "key-required")
    problem(client.get("/readyz", headers={"Authorization": "Bearer wrong"}), 401, "key-required")
    problem(Caller(client, "reader").get("/readyz"), 403, "key-not-allowed")


def test_unusable_store_is_not_ready(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    unusable = Readiness(usable=False, degraded=True, accounts=[])
    monkeypatch.setattr("app.web.health.readiness", lambda *_: unusable)
    response = client.get("/readyz")
    problem(response, 503, "store-unavailable")
    assert int(response.headers["Retry-After"]) >= 1
