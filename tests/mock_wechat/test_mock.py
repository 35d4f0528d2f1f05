"""MockWeChat as an object, as tests use it."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mock_wechat import MINI, OFFICIAL, MockWeChat
from mock_wechat.wire import Request

from .client import Client, FakeClock


def test_environment_points_a_client_at_the_mock(mock: MockWeChat) -> None:
    assert mock.environment == {
        "WECHAT_API_BASE": mock.url,
        "WECHAT_APPID": "wx0000000000000001",
        "WECHAT_SECRET": "mock-official-secret",
        "WECHAT_MINI_APPID": "wx0000000000000002",
        "WECHAT_MINI_SECRET": "mock-mini-secret",
        "WECHAT_PUSH_TOKEN": "mockpushtoken",
    }


def test_core_answers_without_a_network(clock: FakeClock) -> None:
    mock = MockWeChat(clock=clock)
    response = mock.respond(Request.parse("GET", "/cgi-bin/token?b=&appid=wx1&appid=wx2&a=%20+", {}, b"", "127.0.0.1"))
    assert (response.status, response.content_type) == (200, "application/json; encoding=utf-8")
    assert response.body.startswith(b'{"errcode":40002,')
    assert list(mock.calls()[0].query.items()) == [("b", ""), ("appid", "wx1"), ("a", "  ")]


def test_secrets_stay_out_of_reprs() -> None:
    assert repr(OFFICIAL) == "Account('wx0000000000000001', 'official')"
    assert MINI.secret not in repr(MINI)


def test_wrong_argument_is_a_value_error_that_names_it(mock: MockWeChat) -> None:
    with pytest.raises(ValueError, match="appid wx1 is none of"):
        mock.revoke("wx1", "access_token")
    with pytest.raises(ValueError, match="credential must be one of"):
        mock.revoke(OFFICIAL.appid, "token")
    with pytest.raises(ValueError, match="answer must be one of allow, refuse"):
        mock.confirm(OFFICIAL.appid, "203.0.113.7", "yes")
    with pytest.raises(ValueError, match="unknown field 'domains'"):
        mock.add_account("wx1", "s", domains=[])


def test_words_and_signatures_without_http(mock: MockWeChat, client: Client) -> None:
    mock.set_words("casino", {"word": "poker", "label": 20006})
    assert [word["word"] for word in client.get("/_mock/words")["words"]] == ["casino", "poker"]
    ticket = client.getticket(client.token()["access_token"])["ticket"]
    string1 = f"jsapi_ticket={ticket}&noncestr=n&timestamp=1&url=http://localhost/"
    signature = hashlib.sha1(string1.encode()).hexdigest()
    config = {"appId": OFFICIAL.appid, "timestamp": 1, "nonceStr": "n", "signature": signature, "url": "ignored"}
    assert mock.verify(config, "http://localhost/") == {"valid": True}


def test_no_address_before_start() -> None:
    with pytest.raises(RuntimeError, match="call start"):
        _ = MockWeChat().url


def test_stop_twice_is_harmless_and_the_log_stays(clock: FakeClock) -> None:
    with MockWeChat(clock=clock) as mock, Client(mock.url) as client:
        client.token()
        mock.stop()
    assert len(mock.calls()) == 1


def test_pytest_plugin_has_both_fixtures(tmp_path: Path) -> None:
    test = (
        "import pytest, requests\n"
        "def test_it(mock_wechat_server, mock_wechat_in_process):\n"
        "    assert mock_wechat_server.url.startswith('http://127.0.0.1:')\n"
        "    requests.get('https://api.weixin.qq.com/cgi-bin/token', timeout=5)\n"
        "    assert len(mock_wechat_in_process.calls()) == 1\n"
        "    with pytest.raises(requests.ConnectionError):\n"
        "        requests.get('https://example.com/', timeout=5)\n"
    )
    (tmp_path / "test_it.py").write_text(test)
    plugin = ["-p", "mock_wechat.pytest_plugin", "-p", "no:cacheprovider"]
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plugin, "--rootdir", str(tmp_path), str(tmp_path)],
        cwd=root, env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "1 passed" in run.stdout
