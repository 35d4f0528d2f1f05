"""An AppSecret that is reset at WeChat and changed in its file while several processes run."""

from pathlib import Path

import pytest

from app.credentials import CredentialProvider
from app.errors import SecretRefused
from app.services import build_services
from app.settings import load_settings
from mock_wechat import OFFICIAL, MockWeChat
from tests.doubles import FakeClock

STABLE = "/cgi-bin/stable_token"
RESET = "mock-official-secret-after-reset"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text(OFFICIAL.secret + "\n")
    return path


@pytest.fixture
def processes(wechat: MockWeChat, clock: FakeClock, file: Path) -> list[CredentialProvider]:
    """The access_token providers of three processes."""
    settings = load_settings(
        {
            "WECHAT_API_BASE": wechat.url,
            "WECHAT_APPID": OFFICIAL.appid,
            "WECHAT_SECRET_FILE": str(file),
            "WECHAT_STORE_URL": f"sqlite:///{file.parent}/credentials.db",
        }
    )
    return [
        build_services(settings, clock=clock, sleep=clock.sleep, spawn=lambda work: work())
        .by_appid[OFFICIAL.appid]
        .access_token
        for _ in range(3)
    ]


def test_secret_changed_in_time_fails_no_caller(
    wechat: MockWeChat, file: Path, processes: list[CredentialProvider]
) -> None:
    wechat.add_account(OFFICIAL.appid, RESET)
    file.write_text(RESET)
    assert len({process.get().value for process in processes}) == 1
    assert [call.errcode for call in wechat.calls(STABLE)] == [40125, None]


def test_changed_secret_ends_the_cooldown_at_once_in_every_process(
    wechat: MockWeChat, clock: FakeClock, file: Path, processes: list[CredentialProvider]
) -> None:
    wechat.add_account(OFFICIAL.appid, RESET)
    for process in processes:
        with pytest.raises(SecretRefused):
            process.get()
    assert len(wechat.calls(STABLE)) == 1
    began = clock()
    file.write_text(RESET)
    for process in reversed(processes):  # not the one that was refused
        assert process.get().value
    assert clock() == began
    assert [call.errcode for call in wechat.calls(STABLE)] == [40125, None]
