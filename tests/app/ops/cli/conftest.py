"""The command line, beside a server whose store it shares, and a mock WeChat in the same fake time."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.ops.cli.main import group
from app.services import Services, build_services
from app.settings import load_settings
from app.stores import sqlite_file
from app.wechat import lift
from mock_wechat import MockWeChat
from tests.doubles import FakeClock

Run = Callable[..., Result]

USED = {
    "WECHAT_EGRESS": "node-a",
    "WECHAT_JS_DOMAINS": "h5.example.com",
    "WECHAT_API_KEYS": "backend:moderation=a-key-of-the-backend-behind-it-all",
}
"""settings with which the doctor has nothing to note"""
NO_LANGUAGE = {"LC_ALL": None, "LC_MESSAGES": None, "LANG": None, "NO_COLOR": None}


@pytest.fixture
def environment(wechat: MockWeChat, tmp_path: Path) -> dict[str, str]:
    """A test may change this before it asks for anything else."""
    return {**wechat.environment, **USED, "WECHAT_STORE_URL": f"sqlite:///{tmp_path}/credentials.db"}


@pytest.fixture
def build(environment: dict[str, str], clock: FakeClock) -> Callable[[], Services]:
    """The services of one more process."""
    return lambda: build_services(load_settings(environment), clock=clock, sleep=clock.sleep, spawn=lambda work: work())


@pytest.fixture
def server(build: Callable[[], Services]) -> Services:
    """The services of one of the server's workers."""
    return build()


@pytest.fixture
def run(run_alone: Run, server: Services) -> Run:
    """`wechat-central ...`, beside a server that has started."""

    def invoke(*arguments: str, **options: str) -> Result:
        file = sqlite_file(server.settings.store_url)
        if file and not file.exists():
            lift(server.store)
        return run_alone(*arguments, **options)

    return invoke


@pytest.fixture
def run_alone(build: Callable[[], Services]) -> Run:
    """The same where no server has started yet."""

    def invoke(*arguments: str, answer: str | None = None, **environment: str | None) -> Result:
        environment = {**NO_LANGUAGE, **environment}
        return CliRunner().invoke(group, arguments, input=answer, env=environment, obj=build)

    return invoke


@pytest.fixture
def warm(server: Services) -> Services:
    """A server that has every credential."""
    for account in server.by_appid.values():
        for provider in account.providers:
            provider.get()
    return server


def values(services: Services) -> list[str]:
    """All secrets and credentials, which no output may show."""
    stored = [provider.peek() for account in services.by_appid.values() for provider in account.providers]
    return [account.secret for account in services.accounts] + [one.value for one in stored if one]
