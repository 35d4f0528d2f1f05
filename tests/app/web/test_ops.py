"""The endpoints of the console: status, retry, refresh, doctor."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import create_app
from app.errors import StoreUnavailable
from app.services import Services, build_services
from app.settings import load_settings
from mock_wechat import MockWeChat
from tests.app.web.conftest import KEYS, Caller, problem
from tests.doubles import FakeClock

STABLE = "/cgi-bin/stable_token"
PATHS = {
    "status": ("GET", None),
    "retry": ("POST", {"account": "default"}),
    "refresh": ("POST", {"account": "default"}),
    "doctor": ("POST", None),
}
ONE_ACCOUNT = "watcher-watcher-watcher-key"


def status(caller: Caller) -> Any:
    return caller.get("/api/ops/status").get_json()


def events(caller: Caller, account: int = 0) -> list[dict[str, Any]]:
    """Of the account, oldest first."""
    found: list[dict[str, Any]] = status(caller)["accounts"][account]["events"][::-1]
    return found


@pytest.fixture
def watcher(environment: dict[str, str], tmp_path: Path) -> FlaskClient:
    """A client of a server whose key `watcher` is for the account `mini` alone."""
    config = tmp_path / "wechat.toml"
    config.write_text(f'[keys.watcher]\nkey = "{ONE_ACCOUNT}"\nscopes = ["ops"]\naccounts = ["mini"]\n')
    return create_app(environment | {"WECHAT_CONFIG": str(config)}).test_client()


@pytest.mark.parametrize("path", PATHS)
def test_scope_ops_is_needed(client: FlaskClient, path: str) -> None:
    method, body = PATHS[path]
    target = f"/api/ops/{path}"
    headers = {"Authorization": f"Bearer {KEYS['reader']}"}
    problem(client.open(target, method=method, json=body), 401, "key-required")
    problem(client.open(target, method=method, json=body, headers=headers), 403, "key-not-allowed")


def test_public_listener_has_neither_console_nor_its_endpoints(environment: dict[str, str]) -> None:
    for listener, found in (("all", True), ("internal", True), ("public", False)):
        client = create_app({**environment, "WECHAT_LISTENER": listener}).test_client()
        assert (client.get("/console.html").status_code == 200) is found
        assert (client.get("/api/ops/status").status_code == 401) is found


def test_status_has_the_times_of_each_credential(caller: Caller, wechat: MockWeChat, clock: FakeClock) -> None:
    caller.get("/api/access_token")
    document = status(caller)
    token, ticket = document["accounts"][0]["credentials"]
    now = int(clock())
    assert (token["obtained_at"], token["expires_at"] - now, token["generation"]) == (now, 7200, 1)
    assert now < token["stale_at"] < token["expires_at"]
    assert (ticket["state"], ticket["obtained_at"], ticket["expires_at"]) == ("missing", None, None)
    assert (document["status"], document["now"], document["mock"]) == ("ok", clock(), wechat.url)
    assert len(wechat.calls()) == 1  # the status asks WeChat nothing


def test_fetches_refusals_and_failures_are_events(
    caller: Caller, wechat: MockWeChat, services: Services, clock: FakeClock
) -> None:
    token = caller.get("/api/access_token").get_json()["access_token"]
    for _ in range(8):  # the budget is for three
        token = caller.post("/api/access_token/refresh", {"rejected": token}).get_json()["access_token"]
    clock.advance(7200)
    wechat.fail(STABLE, 40125, times=None)
    for _ in range(3):  # the cooldown answers the second and third
        caller.get("/api/access_token")
    told = [(one["what"], one.get("credential"), one.get("endpoint"), one.get("refused")) for one in events(caller)]
    assert told == [
        ("fetched", "access_token", None, None),
        *[("fetched", "access_token", None, True)] * 3,
        ("cooldown", None, STABLE, None),
        ("failed", "access_token", None, None),
    ]
    failed = events(caller)[-1]
    assert (failed["errcode"], failed["until"], failed["times"]) == (40125, int(clock()) + 60, 1)
    assert failed["rid"]
    assert events(caller, 1) == []
    other_worker = services.store.get(f"events:{services.accounts.first().appid}")
    assert json.loads(other_worker or "")[::-1] == status(caller)["accounts"][0]["events"]


def test_retry_ends_the_cooldowns_and_is_in_the_audit_log(caller: Caller, wechat: MockWeChat, log: io.StringIO) -> None:
    wechat.fail(STABLE, 40125)
    caller.get("/api/access_token")
    [cooldown] = status(caller)["accounts"][0]["cooldowns"]
    assert cooldown["errcode"] == 40125
    assert set(cooldown["hint"]) == {"en", "zh"}
    assert caller.post("/api/ops/retry", {"account": "default"}).get_json() == {"account": "default"}
    assert status(caller)["accounts"][0]["cooldowns"] == []
    assert [(events(caller)[-1][name]) for name in ("what", "by")] == ["lifted", "everything"]
    assert caller.get("/api/access_token").status_code == 200
    [audited] = audits(log)
    assert (audited["message"], audited["key_name"], audited["appid"]) == ("ops: retry", "everything", APPID)


APPID = "wx0000000000000001"


def audits(log: io.StringIO) -> list[dict[str, Any]]:
    """The lines of the audit log about the operator's own calls."""
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    return [line for line in lines if line["logger"] == "app.audit" and line["message"].startswith("ops")]


def test_refresh_fetches_now_and_only_force_revokes(caller: Caller, log: io.StringIO) -> None:
    first = caller.get("/api/access_token").get_json()["access_token"]
    answer = caller.post("/api/ops/refresh", {"account": "default"}).get_json()
    assert (answer["credential"], answer["generation"], answer["same_value"]) == ("access_token", 2, True)
    ticket = caller.post("/api/ops/refresh", {"account": "default", "credential": "jsapi_ticket"}).get_json()
    assert (ticket["generation"], ticket["same_value"]) == (1, False)
    assert caller.get("/api/access_token").get_json()["access_token"] == first
    forced = caller.post("/api/ops/refresh", {"account": "default", "force": True}).get_json()
    assert (forced["generation"], forced["same_value"]) == (3, False)
    assert caller.get("/api/access_token").get_json()["access_token"] != first
    assert [one["what"] for one in events(caller)[-2:]] == ["forced", "fetched"]
    assert [line["message"] for line in audits(log)] == ["ops: refresh", "ops: refresh", "ops: forced refresh"]


@pytest.mark.parametrize(
    "body",
    [
        {"account": "mini", "credential": "jsapi_ticket"},
        {"account": "default", "credential": "jsapi_ticket", "force": True},
        {"account": "default", "credential": "session_key"},
        {"account": "default", "force": "yes"},
        {"force": True},
        {},
    ],
    ids=str,
)
def test_refresh_that_makes_no_sense_is_refused(caller: Caller, wechat: MockWeChat, body: dict[str, Any]) -> None:
    problem(caller.post("/api/ops/refresh", body), 400, "parameter-wrong")
    assert wechat.calls() == []


def test_refresh_that_fails_says_why_and_is_audited(caller: Caller, wechat: MockWeChat, log: io.StringIO) -> None:
    wechat.fail(STABLE, 40164)
    document = problem(caller.post("/api/ops/refresh", {"account": "default"}), 503, "wechat-configuration")
    assert document["errcode"] == 40164
    assert len(audits(log)) == 1


def test_doctor_examines_the_server_from_inside_and_not_all_the_time(
    caller: Caller, clock: FakeClock, wechat: MockWeChat, log: io.StringIO
) -> None:
    document = caller.post("/api/ops/doctor").get_json()
    found = {(one["subject"], one["check"]): one["verdict"] for one in document["findings"]}
    assert (document["complete"], document["well"]) == (True, True)
    assert (found["server", "store"], found["default", "jsapi_ticket"]) == ("ok", "ok")  # memory:// is in this process
    calls = len(wechat.calls())
    response = caller.post("/api/ops/doctor")
    assert problem(response, 503, "doctor-busy")["retry_after"] == 10
    assert len(wechat.calls()) == calls
    clock.advance(10)
    wechat.fail(STABLE, 40125)
    document = caller.post("/api/ops/doctor").get_json()
    [failed] = [one for one in document["findings"] if one["verdict"] == "failed"]
    assert (document["well"], failed["check"], set(failed["advice"])) == (False, "access_token", {"en", "zh"})
    assert [line["message"] for line in audits(log)] == ["ops: doctor"] * 2


def test_doctor_begins_no_check_after_its_time(
    caller: Caller, clock: FakeClock, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = services.store.add

    def slowly(*given: Any) -> bool:
        monkeypatch.setattr(type(services.transport), "probe", lambda *_: clock.advance(21))
        return add(*given)

    monkeypatch.setattr(services.store, "add", slowly)
    document = caller.post("/api/ops/doctor").get_json()
    assert (document["complete"], document["well"], document["findings"][-1]["check"]) == (False, False, "http")


def test_key_for_one_account_sees_and_does_no_more(watcher: FlaskClient) -> None:
    headers = {"Authorization": f"Bearer {ONE_ACCOUNT}"}
    document = watcher.get("/api/ops/status", headers=headers).get_json()
    assert [one["account"] for one in document["accounts"]] == ["mini"]
    assert not {"gateway_calls", "wechat_calls", "places"} & set(document)
    for path in ("retry", "refresh"):
        answer = watcher.post(f"/api/ops/{path}", headers=headers, json={"account": "default"})
        problem(answer, 403, "key-not-allowed")
    problem(watcher.post("/api/ops/doctor", headers=headers), 403, "key-not-allowed")


def test_calls_and_places_are_counted(caller: Caller, wechat: MockWeChat, services: Services) -> None:
    wechat.fail(STABLE, -1)
    caller.get("/api/access_token")
    with services.pool.place():
        services.pool.take("a-key")
        document = status(caller)
    services.meters.gateway_call("shop", "/cgi-bin/user/info", 40003)
    assert document["places"] == {"free": 34, "taken": 2, "waiting": 0}
    assert document["workers"] == 1
    by_errcode = {(one["endpoint"], one["errcode"]): one["calls"] for one in document["wechat_calls"]}
    assert by_errcode == {(STABLE, "-1"): 1, (STABLE, "0"): 1}
    [gateway] = status(caller)["gateway_calls"]
    assert gateway == {"key": "shop", "endpoint": "/cgi-bin/user/info", "errcode": "40003", "calls": 1}


def test_store_that_fails_is_shown_and_lifts_nothing(
    caller: Caller, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StoreUnavailable("disk full")

    for name in ("get", "load", "put", "forget"):
        monkeypatch.setattr(services.store._inner, name, fail)
    document = status(caller)
    assert (document["status"], document["store"]) == ("unusable", "disk full")
    assert [one["events"] for one in document["accounts"]] == [[], []]
    problem(caller.post("/api/ops/retry", {"account": "mini"}), 503, "store-unavailable")


def test_no_answer_has_a_secret_a_token_or_a_ticket(
    environment: dict[str, str], wechat: MockWeChat, clock: FakeClock, tmp_path: Path
) -> None:
    settings = load_settings(environment | {"WECHAT_STORE_URL": f"sqlite:///{tmp_path}/credentials.db"})
    services = build_services(settings, clock=clock, sleep=clock.sleep, spawn=lambda work: work())
    caller = Caller(create_app(services=services).test_client(), "everything")
    values = {account.secret for account in services.accounts} | set(KEYS.values())
    said = []
    for body in ({"account": "default"}, {"account": "default", "credential": "jsapi_ticket"}, {"account": "mini"}):
        said.append(caller.post("/api/ops/refresh", body).text)
        values |= {one.value for of in services.by_appid.values() for p in of.providers if (one := p.peek())}
    said += [caller.post("/api/ops/refresh", {"account": "default", "force": True}).text]
    wechat.fail(STABLE, 40125)
    said += [caller.post("/api/ops/doctor").text, caller.post("/api/ops/retry", {"account": "default"}).text]
    said += [caller.get("/api/ops/status").text]
    values |= {one.value for of in services.by_appid.values() for p in of.providers if (one := p.peek())}
    assert len(values) >= 8
    assert [value for value in values for text in said if value in text] == []
