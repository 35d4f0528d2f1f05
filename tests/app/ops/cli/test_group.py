"""What all commands have in common."""

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
