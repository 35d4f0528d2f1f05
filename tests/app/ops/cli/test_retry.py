"""`wechat-central retry`: WeChat may be asked again, about this account."""

from pathlib import Path

import pytest

from app.errors import WeChatError
from app.services import Services
from mock_wechat import MockWeChat
from tests.app.ops.cli.conftest import Run


def refused(server: Services, name: str) -> bool:
    """Whether the server gets no access_token."""
    try:
        server.for_account(server.accounts.find(name)).access_token.get()
    except WeChatError:
        return True
    return False


@pytest.mark.parametrize(
    ("effects", "attempts"),
    [({"errcode": 40164}, 1), ({"errcode": 89506}, 1), ({"errcode": 45009}, 1), ({"status": 500}, 3)],
)
def test_cooldowns_of_the_account_are_over(
    run: Run, server: Services, wechat: MockWeChat, effects: dict[str, int], attempts: int
) -> None:
    wechat.fail("/cgi-bin/stable_token", times=2 * attempts, **effects)
    assert refused(server, "default")
    assert refused(server, "mini")
    assert len(wechat.calls()) == 2 * attempts
    result = run("retry", "default")
    assert result.exit_code == 0
    assert result.stdout.startswith("default: all cooldowns are over.")
    assert not refused(server, "default")
    assert refused(server, "mini")
    assert len(wechat.calls()) == 2 * attempts + 1
    lifted = [one for one in server.events.last(server.accounts.find("default").appid) if one["what"] == "lifted"]
    assert [one["by"] for one in lifted] == ["command line"]  # the server sees what another process has done


def test_store_that_does_not_answer_lifts_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "credentials.db").mkdir()
    result = run("retry", "default")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("Error: SQLite store")
