"""Central mode: a staging server that reads from production, and never asks WeChat for a credential."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from mock_wechat import MockWeChat
from tests.e2e.servers import DEADLINE_SECONDS, KEY, ROOT, Server, eventually, free_port, serving, stop
from tests.e2e.test_processes import CHECK, MINI, TOKEN, fetches

OFFICIAL = "wx0000000000000001"
TICKET = "/cgi-bin/ticket/getticket"
STAGING_KEY = "key-of-the-staging-server-at-production"
NO_SECRETS = ("WECHAT_SECRET", "WECHAT_MINI_SECRET")


def is_valid(wechat: MockWeChat, config: dict[str, str]) -> bool:
    fields = {name: config[name] for name in ("timestamp", "nonceStr", "signature", "url")}
    verdict = requests.get(f"{wechat.url}/_mock/verify", {"appid": config["appId"], **fields}, timeout=10).json()
    return bool(verdict["valid"])


@pytest.fixture
def wechat() -> Iterator[MockWeChat]:
    with MockWeChat() as mock:
        yield mock


@pytest.fixture
def production(wechat: MockWeChat, tmp_path: Path) -> Iterator[Server]:
    """The server that asks WeChat; it knows the staging server's key."""
    folder = tmp_path / "production"
    folder.mkdir()
    keys = f"e2e:token+ticket+moderation+ops={KEY},staging:token+ticket={STAGING_KEY}"
    with serving(folder, {**wechat.environment, "WECHAT_API_KEYS": keys}) as server:
        yield server


def settings(wechat: MockWeChat, central: str, key: str = STAGING_KEY) -> dict[str, str]:
    """A staging server's: no secret is among them."""
    known = {name: value for name, value in wechat.environment.items() if name not in NO_SECRETS}
    return {**known, "WECHAT_TOKEN_MODE": "central", "WECHAT_CENTRAL_URL": central, "WECHAT_CENTRAL_KEY": key}


@contextmanager
def staging(folder: Path, environment: dict[str, str], *options: str, port: int | None = None) -> Iterator[Server]:
    """A server in a folder of its own."""
    folder.mkdir(exist_ok=True)
    with serving(folder, environment, *options, port=port) as server:
        yield server


def credentials(server: Server) -> tuple[str, str]:
    token, ticket = server.get("/api/access_token"), server.get("/api/jsapi_ticket")
    return token.json()["access_token"], ticket.json()["ticket"]


def wechat_command(folder: Path, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """`wechat-central ...` beside a server."""
    settings = {
        "PATH": os.environ["PATH"],
        "WECHAT_STORE_URL": f"sqlite:///{folder}/credentials.db",
        "LC_ALL": "C.UTF-8",
        **environment,
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "wechat", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=settings, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False
    )


def stored(folder: Path) -> str:
    """All notes of a store: what was remembered of failures among them."""
    with sqlite3.connect(f"file:{folder}/credentials.db?mode=ro", uri=True) as database:
        return "\n".join(line for line in database.iterdump() if "note" in line)


def requests_to(server: Server, path: str) -> int:
    """How often a door was knocked at, by the server's log."""
    lines = (json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{"))
    return sum(line.get("path") == path for line in lines)


def test_staging_signs_with_what_production_fetched(wechat: MockWeChat, production: Server, tmp_path: Path) -> None:
    with staging(tmp_path / "staging", settings(wechat, production.url), "--workers", "2") as server:
        page = f"{server.url}/?a=1"
        answers = [server.get("/api/jssdk/signature", url=page) for _ in range(20)]
        assert {answer.status_code for answer in answers} == {200}
        assert is_valid(wechat, answers[0].json())
        assert requests_to(production, "/api/jsapi_ticket") == 1  # both workers have it from one read
        assert credentials(server) == credentials(production)
    assert fetches(wechat, TOKEN, OFFICIAL) == 1
    assert fetches(wechat, TICKET, OFFICIAL) == 1


def test_token_revoked_at_wechat_costs_one_refetch_by_production(
    wechat: MockWeChat, production: Server, tmp_path: Path
) -> None:
    with staging(tmp_path / "staging", settings(wechat, production.url)) as server:
        assert server.post("/api/moderation/text", json={"content": "hello"}).json()["suggest"] == "pass"
        wechat.revoke(MINI, "stable_token")
        assert server.post("/api/moderation/text", json={"content": "hello"}).json()["suggest"] == "pass"
        assert requests_to(production, "/api/access_token/refresh") == 1
    assert [call.errcode for call in wechat.calls(CHECK)] == [0, 40001, 0]
    assert fetches(wechat, TOKEN, MINI) == 2


def test_production_that_is_down_leaves_staging_with_what_it_has(wechat: MockWeChat, tmp_path: Path) -> None:
    keys = f"staging:token+ticket={STAGING_KEY}"
    with (
        staging(tmp_path / "production", {**wechat.environment, "WECHAT_API_KEYS": keys}) as production,
        staging(
            tmp_path / "staging", {**settings(wechat, production.url), "WECHAT_TIMING__STALE_COOLDOWN_SECONDS": "1"}
        ) as server,
    ):
        had = credentials(server)
        stop(production.process)
        age_by(tmp_path / "staging", 61)
        assert credentials(server) == had
        eventually(lambda: "not refreshed, the current one is served" in server.log.read_text(), "a look fails")
        assert "could not be reached" in server.log.read_text()
        assert credentials(server) == had
        eventually(lambda: cooldown(server), "the look for the access_token fails as well")
        assert cooldown(server)["hint"]["en"].startswith("Can")


def cooldown(server: Server) -> Any:
    """Of the first account's access_token; None while there is none."""
    cooldowns = server.get("/readyz").json()["accounts"][0]["cooldowns"]
    return next((one for one in cooldowns if one["credential"] == "access_token"), None)


def age_by(folder: Path, seconds: float) -> None:
    """Let the stored credentials be older than they are."""
    with sqlite3.connect(f"{folder}/credentials.db") as database:
        database.execute("UPDATE credentials SET stale_at = stale_at - ?", [seconds])


def test_wrong_key_is_said_to_callers_and_by_the_doctor(wechat: MockWeChat, production: Server, tmp_path: Path) -> None:
    wrong = "a-key-that-production-never-heard-of"
    environment = settings(wechat, production.url, wrong)
    with staging(tmp_path / "staging", environment) as server:
        answers = [server.get("/api/access_token") for _ in range(10)]
        assert {answer.status_code for answer in answers} == {503}
        problem = answers[0].json()
        assert problem["type"] == "/problems/central-refused"
        assert "refuses WECHAT_CENTRAL_KEY: HTTP 401" in problem["detail"]
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
        assert requests_to(production, "/api/access_token") <= 2  # the official account's and the mini program's
        doctor = wechat_command(tmp_path / "staging", environment, "doctor")
        assert doctor.returncode == 1
        assert "FAILED  access_token  The central server 127.0.0.1" in doctor.stdout
        assert "refuses WECHAT_CENTRAL_KEY: HTTP 401" in doctor.stdout
        assert "-> Compare WECHAT_CENTRAL_URL and WECHAT_CENTRAL_KEY" in doctor.stdout
        assert "IP whitelist" not in doctor.stdout
        everything = server.log.read_text() + stored(tmp_path / "staging") + doctor.stdout + doctor.stderr
    assert wrong not in everything + production.log.read_text()


def test_doctor_finds_all_well_without_a_secret(wechat: MockWeChat, production: Server, tmp_path: Path) -> None:
    environment = settings(wechat, production.url)
    doctor = wechat_command(tmp_path, environment, "doctor")
    assert doctor.returncode == 0, doctor.stdout
    assert "of the central server's" in doctor.stdout
    assert doctor.stdout.endswith("No check failed; notes: 2.\n")  # no API keys, no JS domains


def test_nothing_that_is_logged_or_noted_holds_key_token_or_ticket(
    wechat: MockWeChat, production: Server, tmp_path: Path
) -> None:
    with staging(tmp_path / "staging", settings(wechat, production.url)) as server:
        token, ticket = credentials(server)
        server.post("/api/access_token/refresh", json={"rejected": token})
        server.post("/api/jsapi_ticket/refresh", json={"rejected": ticket})
        wechat.fail(CHECK, 40001, times=2)
        server.post("/api/moderation/text", json={"content": "hello"})
        log = server.log.read_text()
    text = log + stored(tmp_path / "staging") + production.log.read_text()
    assert "/api/access_token/refresh" in log
    for secret in (token, ticket, STAGING_KEY, KEY, "mock-official-secret", "mock-mini-secret"):
        assert secret not in text


def test_server_that_would_read_from_itself_does_not_start(wechat: MockWeChat, tmp_path: Path) -> None:
    port = free_port()
    environment = settings(wechat, f"http://localhost:{port}")
    refused = pytest.raises(AssertionError, match="WECHAT_CENTRAL_URL: is this server itself")
    with refused, staging(tmp_path / "staging", environment, port=port):
        pass


def test_two_servers_that_read_from_each_other_fail_in_bounded_time(wechat: MockWeChat, tmp_path: Path) -> None:
    ports = free_port(), free_port()
    quick = {
        "WECHAT_TIMING__LOCK_WAIT_SECONDS": "1",
        "WECHAT_TIMING__REFRESH_INTERVAL_SECONDS": "600",
        "WECHAT_THREADS": "8",
    }

    def environment(other: int) -> dict[str, str]:
        return {**settings(wechat, f"http://127.0.0.1:{other}", KEY), **quick}

    with (
        staging(tmp_path / "one", environment(ports[1]), port=ports[0]) as one,
        staging(tmp_path / "two", environment(ports[0]), port=ports[1]) as two,
    ):
        with ThreadPoolExecutor(40) as callers:
            answers = list(callers.map(lambda _: one.get("/api/access_token"), range(40)))
        assert {answer.status_code for answer in answers} == {503}
        assert max(answer.elapsed.total_seconds() for answer in answers) < 10
        assert one.get("/healthz").ok
        assert two.get("/healthz").ok
        # Each fetch takes a lease and waits for nobody longer than that; what fails pauses.
        assert requests_to(two, "/api/access_token") <= 6
        assert requests_to(one, "/api/access_token") <= 40 + 6
