"""A sealed store under real servers: nothing to read in its files, and what a lost key costs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_wechat import MockWeChat
from tests.e2e.servers import serving

KEY = "c3RvcmUta2V5LW9uZS1vZi1leGFjdGx5LTMyLWJ5dGU="
OTHER_KEY = "c3RvcmUta2V5LXR3by1vZi1leGFjdGx5LTMyLWJ5dGU="


def fetches(wechat: MockWeChat) -> int:
    """How often the access_token that these tests ask for was fetched."""
    return sum(call.appid == "wx0000000000000001" for call in wechat.calls("/cgi-bin/stable_token"))


@pytest.fixture
def wechat() -> Iterator[MockWeChat]:
    with MockWeChat() as mock:
        yield mock


def token_of_a_server(wechat: MockWeChat, folder: Path, **settings: str) -> str:
    """What a server that runs for a moment hands out."""
    with serving(folder, {**wechat.environment, **settings}) as server:
        return str(server.get("/api/access_token").json()["access_token"])


def test_files_hold_no_value_and_a_restart_fetches_nothing(wechat: MockWeChat, tmp_path: Path) -> None:
    token = token_of_a_server(wechat, tmp_path, WECHAT_STORE_KEY=KEY)
    assert token_of_a_server(wechat, tmp_path, WECHAT_STORE_KEY=f"{OTHER_KEY},{KEY}") == token
    assert fetches(wechat) == 1
    for file in tmp_path.iterdir():
        assert token.encode() not in file.read_bytes()
        assert KEY.encode() not in file.read_bytes()
