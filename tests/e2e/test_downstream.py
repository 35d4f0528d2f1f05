"""A downstream server, whose WeChat is production's gateway: it never asks WeChat for a credential."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mock_wechat import MINI, OFFICIAL, MockWeChat
from tests.e2e.callers import Ask, call
from tests.e2e.nodes import TICKET_KEY, details, fetches, make_stale
from tests.e2e.servers import KEY, Server, eventually, free_port, serving, stop
from tests.e2e.uplink import CHECK, STABLE, TICKET

STAGING_KEY = "key-of-the-staging-server-at-production"
PRODUCTION = {
    "WECHAT_API_KEYS": f"e2e:token+ticket+moderation+ops={KEY},staging:gateway={STAGING_KEY}",
    "WECHAT_SECRET_KEY": "a-secret-key-of-production-0123456789",
}


@pytest.fixture
def production(wechat: MockWeChat, tmp_path: Path) -> Iterator[Server]:
    """The server that asks WeChat; it has the staging server's key."""
    with server_in(tmp_path / "production", wechat.environment | PRODUCTION) as server:
        yield server


def settings(wechat: MockWeChat, production: str, key: str = STAGING_KEY) -> dict[str, str]:
    """A staging server's, whose AppSecrets are its key at production."""
    secrets = {"WECHAT_SECRET": key, "WECHAT_MINI_SECRET": key}
    return {**wechat.environment, **secrets, "WECHAT_API_BASE": production}


@contextmanager
def server_in(folder: Path, environment: dict[str, str], *options: str, port: int | None = None) -> Iterator[Server]:
    """A server in a folder of its own."""
    folder.mkdir()
    with serving(folder, environment, *options, port=port) as server:
        yield server


def ticket(server: Server) -> str:
    return str(server.get("/api/jsapi_ticket").json()["ticket"])


def requests_to(server: Server, path: str) -> int:
    """The number of requests to an endpoint, by the server's log."""
    lines = (json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{"))
    return sum((line["message"], line.get("path")) == ("request", path) for line in lines)


def test_staging_serves_what_production_fetched(wechat: MockWeChat, production: Server, tmp_path: Path) -> None:
    with server_in(tmp_path / "staging", settings(wechat, production.url), "--workers", "2") as server:
        page = f"{server.url}/?a=1"
        answers = [server.get("/api/jssdk/signature", url=page) for _ in range(20)]
        assert {answer.status_code for answer in answers} == {200}
        signed = answers[0].json()
        assert wechat.verify(signed, page) == {"valid": True}
        assert requests_to(production, TICKET) == 1  # both workers have it from one read
        assert ticket(server) == ticket(production)
        refused = {name: signed[name] for name in ("url", "timestamp", "nonceStr", "signature")}
        assert server.post("/api/jssdk/refused", json=refused).status_code == 200
        assert requests_to(production, TICKET) == 2
        assert fetches(wechat, STABLE, TICKET, appid=OFFICIAL.appid) == 2

        assert server.post("/api/moderation/text", json={"content": "hello"}).json()["suggest"] == "pass"
        wechat.revoke(MINI.appid, "stable_token")
        assert server.post("/api/moderation/text", json={"content": "hello"}).json()["suggest"] == "pass"
        assert server.get("/api/access_token").json()["type"] == "/problems/no-token-here"
        assert server.get("/demo.json").json() == {"mock": None}
        logs = server.log.read_text() + production.log.read_text()
    assert [call.errcode for call in wechat.calls(CHECK)] == [0, 40001, 0]
    assert fetches(wechat, STABLE, appid=MINI.appid) == 2
    assert STAGING_KEY not in logs
    assert "p1." not in logs


def test_staging_serves_what_it_has_while_production_is_down(
    wechat: MockWeChat, production: Server, tmp_path: Path
) -> None:
    often = {"WECHAT_TIMING__STALE_COOLDOWN_SECONDS": "1", "WECHAT_TIMING__REFRESH_INTERVAL_SECONDS": "0.5"}
    often["WECHAT_TOKEN_MODE"] = "classic"  # staging may have the other kind
    with server_in(tmp_path / "staging", {**settings(wechat, production.url), **often}) as server:
        had = ticket(server)
        stop(production.process)
        make_stale(f"sqlite:///{tmp_path}/staging/credentials.db", TICKET_KEY)
        assert ticket(server) == had
        eventually(lambda: details(server)["accounts"][0]["cooldowns"], "the refresh fails")
        assert ticket(server) == had


def test_wrong_key_is_named_and_costs_few_calls(wechat: MockWeChat, production: Server, tmp_path: Path) -> None:
    wrong = "a-key-that-production-does-not-have"
    with server_in(tmp_path / "staging", settings(wechat, production.url, wrong)) as server:
        answers = [server.get("/api/jsapi_ticket") for _ in range(10)]
        assert {answer.status_code for answer in answers} == {503}
        assert {answer.json()["type"] for answer in answers} == {"/problems/wechat-configuration"}
        assert {answer.json()["errcode"] for answer in answers} == {40125}
        assert "gateway" in answers[0].json()["errmsg"]
        assert requests_to(production, STABLE) <= 2  # the official account's and the mini program's
        everything = server.log.read_text() + production.log.read_text()
    assert wrong not in everything


def test_two_servers_that_call_each_other_fail_and_stay_healthy(wechat: MockWeChat, tmp_path: Path) -> None:
    ports = free_port(), free_port()
    quick = {
        "WECHAT_TIMING__LOCK_WAIT_SECONDS": "1",
        "WECHAT_TIMING__REFRESH_INTERVAL_SECONDS": "600",
        "WECHAT_THREADS": "8",
    }
    urls = (f"http://127.0.0.1:{port}" for port in reversed(ports))
    calls_two, calls_one = ({**settings(wechat, url), **PRODUCTION, **quick} for url in urls)
    with (
        server_in(tmp_path / "one", calls_two, port=ports[0]) as one,
        server_in(tmp_path / "two", calls_one, port=ports[1]) as two,
    ):
        assert {answer.status for answer in call([Ask(f"{one.url}/api/jsapi_ticket")] * 40)} == {503}
        assert one.get("/healthz").ok
        assert two.get("/healthz").ok
        # Each fetch takes a lease and waits no longer than that; failures are followed by a cooldown.
        assert requests_to(two, TICKET) <= 10
