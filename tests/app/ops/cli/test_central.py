"""The command line of a server in central mode; a production server runs on loopback."""

import json
import threading
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from app import create_app
from app.services import Services, build_services
from app.settings import load_settings
from mock_wechat import MockWeChat
from tests.app.ops.cli.conftest import USED, Run, values
from tests.doubles import FakeClock

WRONG = "a-key-that-production-does-not-know"
KEY = "key-of-the-staging-server-at-production"
STABLE = "/cgi-bin/stable_token"


@pytest.fixture
def production(wechat: MockWeChat, clock: FakeClock) -> Iterator[str]:
    """Its URL. It has the same clock."""
    settings = load_settings(
        {
            **wechat.environment,
            "WECHAT_STORE_URL": "memory://",
            "WECHAT_LISTENER": "internal",
            "WECHAT_API_KEYS": f"staging:token+ticket={KEY}",
        }
    )
    services = build_services(settings, clock=clock, sleep=clock.sleep, spawn=lambda work: work())
    with make_server("127.0.0.1", 0, create_app(services=services), threaded=True) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
    thread.join(5)


@pytest.fixture
def environment(wechat: MockWeChat, production: str, tmp_path: Path) -> dict[str, str]:
    known = {name: value for name, value in wechat.environment.items() if "SECRET" not in name}
    return {
        **known,
        **USED,
        "WECHAT_STORE_URL": f"sqlite:///{tmp_path}/credentials.db",
        "WECHAT_TOKEN_MODE": "central",
        "WECHAT_CENTRAL_URL": production,
        "WECHAT_CENTRAL_KEY": KEY,
    }


@pytest.fixture(autouse=True)
def real_time(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """werkzeug stamps its answers with the system's time, by which a doctor's clock is judged."""
    monkeypatch.setattr(
        "werkzeug.serving.BaseHTTPRequestHandler.date_time_string", lambda *_: formatdate(clock(), usegmt=True)
    )


@pytest.fixture
def run_with(request: pytest.FixtureRequest, environment: dict[str, str]) -> Callable[..., Run]:
    """`run`, for a server with these settings."""

    def changed(**settings: str) -> Run:
        environment.update(settings)
        run: Run = request.getfixturevalue("run")
        return run

    return changed


def findings(run: Run) -> dict[tuple[str, str], dict[str, Any]]:
    document = json.loads(run("doctor", "--json").stdout)
    return {(finding["subject"], finding["check"]): finding for finding in document["findings"]}


def test_doctor_without_faults(run: Run, production: str, wechat: MockWeChat, server: Services) -> None:
    result = run("doctor")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[3] == production.removeprefix("http://")
    assert lines[6] == "  ok      clock         within 1 s of the central server's"
    assert lines[7] == wechat.url.removeprefix("http://")
    assert "  ok      access_token  generation 1, 6905 s left" in lines
    assert not any(value and value in result.output for value in [*values(server), KEY])
    assert len(wechat.calls(STABLE)) == 2  # production's, one for each account


def test_doctor_names_the_wrong_key_and_never_the_ip_list(run_with: Callable[..., Run]) -> None:
    result = run_with(WECHAT_CENTRAL_KEY=WRONG)("doctor")
    assert result.exit_code == 1
    assert "refuses WECHAT_CENTRAL_KEY: HTTP 401" in result.stdout
    assert "-> Compare WECHAT_CENTRAL_URL and WECHAT_CENTRAL_KEY" in result.stdout
    assert "whitelist" not in result.stdout
    assert WRONG not in result.output


def test_refusal_of_the_central_server_by_wechat_is_repaired_there(run: Run, wechat: MockWeChat) -> None:
    wechat.fail(STABLE, 40164, errmsg="invalid ip 106.41.36.218 ipv6 ::ffff:106.41.36.218, not in whitelist")
    finding = findings(run)["default", "access_token"]
    assert "106.41.36.218" in finding["found"]
    assert finding["advice"]["en"].startswith("On the central server: ")
    assert finding["advice"]["zh"].startswith("在中控服务器上：")


def test_doctor_asks_a_dead_central_server_for_nothing(run_with: Callable[..., Run]) -> None:
    found = findings(run_with(WECHAT_CENTRAL_URL="http://127.0.0.1:1"))
    assert found["127.0.0.1:1", "http"]["found"] == "connection refused"
    assert "WECHAT_CENTRAL_URL" in found["127.0.0.1:1", "http"]["advice"]["en"]
    assert found["default", "access_token"]["found"] == "needs the store and the central server"
    assert found["mini", "access_token"]["verdict"] == "skipped"


def test_forced_refresh_is_refused_with_where_to_run_it(run: Run, wechat: MockWeChat) -> None:
    result = run("refresh", "default", "access_token", "--force", "--yes")
    assert result.exit_code == 2
    assert "on the central server" in result.output
    assert wechat.calls() == []


def test_status_shows_what_the_central_server_refused(run_with: Callable[..., Run]) -> None:
    run = run_with(WECHAT_CENTRAL_KEY=WRONG)
    assert run("refresh", "default", "access_token").exit_code == 1
    result = run("status")
    assert result.exit_code == 1
    assert "default, /api/access_token: The central server 127.0.0.1" in result.stdout
    assert "-> Compare WECHAT_CENTRAL_URL and WECHAT_CENTRAL_KEY" in result.stdout
