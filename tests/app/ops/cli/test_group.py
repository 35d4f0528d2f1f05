"""What all commands have in common."""

import threading

import pytest

from app.services import build_services, wait_for_background_refreshes
from app.settings import load_settings
from tests.app.ops.cli.conftest import Run


def test_commands_are_listed_with_what_they_do(run: Run) -> None:
    result = run("--help")
    assert result.exit_code == 0
    for line in (
        "doctor   Check everything, and say what to do.",
        "refresh  Fetch a credential from WeChat now.",
        "retry    End an account's cooldowns.",
        "status   Show how each credential is, and what to do.",
    ):
        assert line in result.stdout


@pytest.mark.parametrize(
    ("arguments", "colored"), [([], False), (["--color", "never"], False), (["--color", "always"], True)]
)
def test_colours_are_for_terminals_unless_asked_for(run: Run, arguments: list[str], colored: bool) -> None:
    assert ("\x1b[" in run(*arguments, "doctor").stdout) is colored


def test_process_ends_after_the_fetches_that_it_began(environment: dict[str, str]) -> None:
    looked, go_on = threading.Event(), threading.Event()
    services = build_services(load_settings(environment))
    services.by_appid["wx0000000000000001"].access_token._spawn(lambda: looked.set() if go_on.wait(5) else None)
    threading.Timer(0.01, go_on.set).start()
    wait_for_background_refreshes(5)
    assert looked.is_set()
