"""The endpoint for Prometheus: who may read it, and what it counts."""

from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from mock_wechat import MockWeChat
from tests.app.web.conftest import KEYS, Caller, problem
from tests.exposition import read, value

SIGNATURE = "/api/jssdk/signature"
PAGE = quote("https://h5.example.com/?code=oauth-code", safe="")


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {KEYS[key]}"}


def scraped(client: FlaskClient) -> str:
    return client.get("/metrics", headers=bearer("everything")).get_data(as_text=True)


def test_metrics_need_a_key_with_scope_ops(client: FlaskClient) -> None:
    problem(client.get("/metrics"), 401, "key-required")
    problem(client.get("/metrics", headers=bearer("reader")), 403, "key-not-allowed")
    response = client.get("/metrics", headers=bearer("everything"))
    assert response.status_code == 200
    assert response.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"


def test_metrics_need_a_key_for_all_accounts(environment: dict[str, str], tmp_path: Path) -> None:
    config = tmp_path / "wechat.toml"
    config.write_text('[keys.watcher]\nkey = "watcher-watcher-watcher-key"\nscopes = ["ops"]\naccounts = ["mini"]\n')
    client = create_app(environment | {"WECHAT_CONFIG": str(config)}).test_client()
    headers = {"Authorization": "Bearer watcher-watcher-watcher-key"}
    problem(client.get("/metrics", headers=headers), 403, "key-not-allowed")
    assert client.get("/readyz", headers=headers).status_code == 200


def test_requests_are_counted_by_rule_and_never_by_path(client: FlaskClient) -> None:
    signature = f"{SIGNATURE}?url={PAGE}"
    for path in (signature, signature, f"{SIGNATURE}?url=wrong", "/none/1", "/none/2"):
        client.get(path)
    client.put(SIGNATURE)
    client.get("/invented.txt")
    text = scraped(client)
    assert value(text, "wechat_request_seconds_count", route=SIGNATURE, status="200") == 2
    assert value(text, "wechat_request_seconds_count", route=SIGNATURE, status="400") == 1
    assert value(text, "wechat_request_seconds_count", route="unmatched", status="404") == 2
    assert value(text, "wechat_request_seconds_count", route="unmatched", status="405") == 1
    assert value(text, "wechat_request_seconds_count", route="/<name>.txt", status="404") == 1
    assert value(text, "wechat_request_seconds_count", route="/metrics", status="200") is None
    assert value(scraped(client), "wechat_request_seconds_count", route="/metrics", status="200") == 1


def test_request_that_breaks_is_counted_as_500(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(app.view_functions, "monitoring.get_healthz", broken)
    assert client.get("/healthz").status_code == 500
    assert value(scraped(client), "wechat_request_seconds_count", route="/healthz", status="500") == 1


def test_calls_and_refreshes_are_counted_as_wechat_answered(
    client: FlaskClient, caller: Caller, wechat: MockWeChat
) -> None:
    wechat.fail("/cgi-bin/ticket/getticket", -1, times=3)
    assert caller.get("/api/jsapi_ticket").status_code == 503
    wechat.fail("/cgi-bin/stable_token", drop="before", times=None, appid="wx0000000000000002")
    assert caller.get("/api/access_token?account=mini").status_code == 503
    text = scraped(client)
    token, getticket = "/cgi-bin/stable_token", "/cgi-bin/ticket/getticket"
    assert value(text, "wechat_calls_total", endpoint=token, outcome="answered", errcode="0") == 1
    assert value(text, "wechat_calls_total", endpoint=token, outcome="unavailable", errcode="") == 3
    assert value(text, "wechat_calls_total", endpoint=getticket, outcome="answered", errcode="-1") == 3
    refreshes = {
        tuple(dict(labels).values()): count for (name, labels), count in read(text).items() if "refreshes_total" in name
    }
    assert refreshes == {
        ("default", "access_token", "fetched"): 1,
        ("default", "jsapi_ticket", "failed"): 1,
        ("mini", "access_token", "failed"): 1,
    }
    assert value(text, "wechat_credential_generation", account="default", credential="access_token") == 1


def test_metrics_hold_no_secret_and_no_input_of_callers(client: FlaskClient, caller: Caller) -> None:
    token = caller.get("/api/access_token").get_json()["access_token"]
    ticket = caller.get("/api/jsapi_ticket").get_json()["ticket"]
    client.get(f"{SIGNATURE}?url={PAGE}")
    client.get("/invented/path?code=oauth-code")
    text = scraped(client)
    for unspeakable in (token, ticket, *KEYS.values(), "mock-official-secret", "oauth-code", "invented", "h5.example"):
        assert unspeakable not in text
