"""A store that the command line must leave as it is: sealed with another key, not made yet, or down."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.ops.cli.main import group
from app.services import Services, build_services
from app.settings import load_settings
from app.stores import Credential
from mock_wechat import MockWeChat
from tests.app.ops.cli.conftest import NO_LANGUAGE, Run
from tests.doubles import FakeClock

ONE, TWO = "c3RvcmUta2V5LW9uZS1vZi1leGFjdGx5LTMyLWJ5dGU=", "c3RvcmUta2V5LXR3by1vZi1leGFjdGx5LTMyLWJ5dGU="
Stored = Callable[[], list[Credential | None]]


@pytest.fixture
def run_with(environment: dict[str, str], clock: FakeClock) -> Callable[..., Run]:
    """`run` for a process that has this WECHAT_STORE_KEY."""

    def changed(key: str | None) -> Run:
        settings = load_settings(environment | ({"WECHAT_STORE_KEY": key} if key else {}))
        services = build_services(settings, clock=clock, sleep=clock.sleep)
        return lambda *arguments: CliRunner().invoke(group, arguments, env=NO_LANGUAGE, obj=lambda: services)

    return changed


@pytest.fixture(params=[(ONE, None), (ONE, TWO), (None, ONE)], ids=["no-key", "another-key", "plain-store"])
def keys(request: pytest.FixtureRequest) -> tuple[str | None, str | None]:
    """The server's, and the command's."""
    server, command = request.param
    return server, command


@pytest.fixture(params=["stable", "classic"])
def stored(
    request: pytest.FixtureRequest, environment: dict[str, str], keys: tuple[str | None, str | None], clock: FakeClock
) -> Stored:
    """What a running server has in its store, anew with each call."""
    environment["WECHAT_TOKEN_MODE"] = request.param
    sealing = {"WECHAT_STORE_KEY": keys[0]} if keys[0] else {}
    server = build_services(load_settings(environment | sealing), clock=clock, sleep=clock.sleep)
    providers = [provider for account in server.by_appid.values() for provider in account.providers]
    for provider in providers:
        provider.get()
    return lambda: [provider.peek() for provider in providers]


@pytest.mark.parametrize(
    "command",
    [
        ["doctor"],
        ["refresh", "default", "access_token"],
        ["refresh", "default", "jsapi_ticket"],
        ["refresh", "mini", "access_token", "--force", "--yes"],
    ],
)
def test_what_the_keys_here_do_not_open_is_neither_fetched_nor_written(
    keys: tuple[str | None, str | None],
    stored: Stored,
    run_with: Callable[..., Run],
    wechat: MockWeChat,
    command: list[str],
) -> None:
    before, asked = stored(), len(wechat.calls())
    result = run_with(keys[1])(*command)
    assert result.exit_code == 1
    assert "access_token of default, jsapi_ticket of default, access_token of mini" in result.output
    assert "-> Give this command the server's WECHAT_STORE_KEY" in result.output
    assert stored() == before
    assert len(wechat.calls()) == asked


def test_status_says_why_it_sees_nothing(
    keys: tuple[str | None, str | None], stored: Stored, run_with: Callable[..., Run]
) -> None:
    run = run_with(keys[1])
    result = run("status")
    assert stored()[0]
    assert result.exit_code == 1
    assert "-> Give this command the server's WECHAT_STORE_KEY" in result.stdout
    document = json.loads(run("status", "--json").stdout)
    assert (document["well"], set(document["store_hint"])) == (False, {"en", "zh"})
    assert "default" in document["store"]


def test_command_with_the_servers_key_does_its_work(
    environment: dict[str, str], run_with: Callable[..., Run], build: Callable[[], Services]
) -> None:
    environment["WECHAT_STORE_KEY"] = ONE
    build().by_appid["wx0000000000000001"].access_token.get()
    assert run_with(f"{TWO},{ONE}")("doctor").exit_code == 0


@pytest.mark.parametrize("command", [["status"], ["retry", "default"], ["refresh", "default", "access_token"]])
def test_store_that_no_server_has_made_is_not_made(
    environment: dict[str, str], run_with: Callable[..., Run], wechat: MockWeChat, tmp_path: Path, command: list[str]
) -> None:
    environment["WECHAT_STORE_URL"] = f"sqlite:///{tmp_path}/instance/credentials.db"
    result = run_with(None)(*command)
    assert result.exit_code == 1
    assert f"There is no store at {tmp_path}/instance/credentials.db yet." in result.output
    assert "Is a server running with this WECHAT_STORE_URL (from this folder)?" in result.output
    assert list(tmp_path.iterdir()) == []
    assert wechat.calls() == []


def test_doctor_before_the_first_start_asks_wechat_and_writes_nothing(
    run_alone: Run, wechat: MockWeChat, tmp_path: Path
) -> None:
    result = run_alone("doctor")
    assert result.exit_code == 0, result.output
    assert f"  skipped store         There is no store at {tmp_path}/credentials.db yet." in result.stdout
    assert "  ok      jsapi_ticket  generation 1, 7200 s left" in result.stdout
    assert len(wechat.calls("/cgi-bin/stable_token")) == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [["status"], ["retry", "default"], ["refresh", "default", "access_token"]])
def test_every_command_says_what_to_do_about_a_store_that_is_down(run: Run, tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "credentials.db").mkdir()
    result = run(*command)
    assert result.exit_code == 1
    assert "-> Is the disk full, or mounted read-only?" in result.output
    assert "-> 请检查" not in result.output
    assert "磁盘是否已满" in run("--language", "zh", *command).output
