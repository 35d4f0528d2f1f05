"""Central mode: a staging server that reads from production, and never asks WeChat for a credential."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mock_wechat import MINI, OFFICIAL, MockWeChat
from tests.e2e.callers import call, token
from tests.e2e.nodes import TOKEN, details, fetches, make_stale
from tests.e2e.servers import KEY, Server, eventually, free_port, serving, stop
from tests.e2e.uplink import CHECK, STABLE, TICKET

STAGING_KEY = "key-of-the-staging-server-at-production"
NO_SECRETS = ("WECHAT_SECRET", "WECHAT_MINI_SECRET")


@pytest.fixture
def production(wechat: MockWeChat, tmp_path: Path) -> Iterator[Server]:
    """The server that asks WeChat; it has the staging server's key."""
    keys = f"e2e:token+ticket+moderation+ops={KEY},staging:token+ticket={STAGING_KEY}"
    with server_in(tmp_path / "production", {**wechat.environment, "WECHAT_API_KEYS": keys}) as server:
        yield server


def settings(wechat: MockWeChat, central: str, key: str = STAGING_KEY) -> dict[str, str]:
    """A staging server's, without a secret of WeChat's."""
    known = {name: value for name, value in wechat.environment.items() if name not in NO_SECRETS}
    return {**known, "WECHAT_TOKEN_MODE": "central", "WECHAT_CENTRAL_URL": central, "WECHAT_CENTRAL_KEY": key}


@contextmanager
def server_in(folder: Path, environment: dict[str, str], *options: str, port: int | None = None) -> Iterator[Server]:
    """A server in a folder of its own."""
    folder.mkdir()
    with serving(folder, environment, *options, port=port) as server:
        yield server


def credentials(server: Server) -> tuple[str, str]:
    token, ticket = server.get("/api/access_token"), server.get("/api/jsapi_ticket")
    return token.json()["access_token"], ticket.json()["ticket"]


def requests_to(server: Server, path: str) -> int:
    """The number of requests to an endpoint, by the server's log."""
    lines = (json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{"))
    return sum(line.get("path") == path for line in lines)


def test_staging_serves_what_production_fetched(wechat: MockWeChat, production: Server, tmp_path: Path) -> None:
    with server_in(tmp_path / "staging", settings(wechat, production.url), "--workers", "2") as server:
        page = f"{server.url}/?a=1"
        answers = [server.get("/api/jssdk/signature", url=page) for _ in range(20)]
        assert {answer.status_code for answer in answers} == {200}
        assert wechat.verify(answers[0].json(), page) == {"valid": True}
        assert requests_to(production, "/api/jsapi_ticket") == 1  # both workers have it from one read
        token, ticket = credentials(server)
        assert (token, ticket) == credentials(production)
        assert fetches(wechat, STABLE, TICKET, appid=OFFICIAL.appid) == 2

        assert server.post("/api/moderation/text", json={"content": "hello"}).json()["suggest"] == "pass"
        wechat.revoke(MINI.appid, "stable_token")
        assert server.post("/api/moderation/text", json={"content": "hello"}).json()["suggest"] == "pass"
        assert requests_to(production, "/api/access_token/refresh") == 1
        logs = server.log.read_text() + production.log.read_text()
    assert [call.errcode for call in wechat.calls(CHECK)] == [0, 40001, 0]
    assert fetches(wechat, STABLE, appid=MINI.appid) == 2
    assert STAGING_KEY not in logs


def test_staging_serves_what_it_has_while_production_is_down(
    wechat: MockWeChat, production: Server, tmp_path: Path
) -> None:
    often = {"WECHAT_TIMING__STALE_COOLDOWN_SECONDS": "1", "WECHAT_TIMING__REFRESH_INTERVAL_SECONDS": "0.5"}
    with server_in(tmp_path / "staging", {**settings(wechat, production.url), **often}) as server:
        had = credentials(server)
        stop(production.process)
        make_stale(f"sqlite:///{tmp_path}/staging/credentials.db", TOKEN)
        assert credentials(server) == had
        eventually(lambda: details(server)["accounts"][0]["cooldowns"], "the refresh fails")
        assert "could not be reached" in server.log.read_text()
        assert credentials(server) == had


def test_wrong_key_is_named_and_costs_few_calls(wechat: MockWeChat, production: Server, tmp_path: Path) -> None:
    wrong = "a-key-that-production-does-not-have"
    with server_in(tmp_path / "staging", settings(wechat, production.url, wrong)) as server:
        answers = [server.get("/api/access_token") for _ in range(10)]
        assert {answer.status_code for answer in answers} == {503}
        assert {answer.json()["type"] for answer in answers} == {"/problems/central-refused"}
        waits = {int(answer.headers["Retry-After"]) for answer in answers}
        assert waits <= set(range(1, 62))  # 60 s from the refusal, seen by callers that read the clock just before
        assert requests_to(production, "/api/access_token") <= 2  # the official account's and the mini program's
        everything = server.log.read_text() + production.log.read_text()
    assert wrong not in everything


def test_two_servers_that_read_from_each_other_fail_and_stay_healthy(wechat: MockWeChat, tmp_path: Path) -> None:
    ports = free_port(), free_port()
    quick = {
        "WECHAT_TIMING__LOCK_WAIT_SECONDS": "1",
        "WECHAT_TIMING__REFRESH_INTERVAL_SECONDS": "600",
        "WECHAT_THREADS": "8",
    }
    one_reads, two_reads = ({**settings(wechat, f"http://127.0.0.1:{port}", KEY), **quick} for port in reversed(ports))
    with (
        server_in(tmp_path / "one", one_reads, port=ports[0]) as one,
        server_in(tmp_path / "two", two_reads, port=ports[1]) as two,
    ):
        assert {answer.status for answer in call([token(one)] * 40)} == {503}
        assert one.get("/healthz").ok
        assert two.get("/healthz").ok
        # Each fetch takes a lease and waits no longer than that; failures are followed by a cooldown.
        assert requests_to(two, "/api/access_token") <= 6
        assert requests_to(one, "/api/access_token") <= 40 + 6
