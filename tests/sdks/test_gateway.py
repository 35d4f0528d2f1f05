"""Each SDK through a running server, with an API key in place of the AppSecret, while its token is revoked."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from mock_wechat import MINI, OFFICIAL, MockWeChat
from mock_wechat.state.credentials import DEAD
from tests.e2e.nodes import logged
from tests.e2e.servers import serving
from tests.e2e.uplink import STABLE
from tests.sdks.scripts import SDKS, Script, assert_mini, round_for, running

GATEWAY_KEY = "a-gateway-key-of-the-backends-with-sdks"
CONFIG = f"""
[keys.sdks]
key = "{GATEWAY_KEY}"
scopes = ["gateway", "sns"]
groups = ["manage"]  # they create menus
"""


@pytest.mark.usefixtures("installed")
@pytest.mark.timeout(180)
def test_no_call_of_any_sdk_fails_while_the_token_is_revoked(wechat: MockWeChat, tmp_path: Path, image: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    image.write_bytes(image.read_bytes() * 512)  # 5 MB
    settings = {
        **wechat.environment,
        "WECHAT_SECRET_KEY": "a-secret-key-of-the-server-before-the-sdks",
        "WECHAT_CONFIG": str(tmp_path / "config.toml"),
    }
    with serving(tmp_path, settings, "--workers", "2") as server, ExitStack() as stack:
        keys = GATEWAY_KEY, GATEWAY_KEY
        scripts = [stack.enter_context(running(sdk, tmp_path, server.url, {}, keys)) for sdk in SDKS]
        for fetches in (1, 2):
            check(wechat, play(scripts, [round_for(wechat, image, shows=False) for _ in scripts]), image)
            assert Counter(call.appid for call in wechat.calls(STABLE)) == {
                MINI.appid: fetches,
                OFFICIAL.appid: fetches,
            }
            for account in (MINI, OFFICIAL):
                wechat.revoke(account.appid, "stable_token")
        assert not logged(server, GATEWAY_KEY)
    dead = [call for call in wechat.calls() if call.token_state == DEAD]
    assert {call.appid for call in dead} == {MINI.appid, OFFICIAL.appid}  # were repeated
    assert {call.errcode for call in wechat.calls() if call not in dead} <= {0, None}
    assert not wechat.calls("/cgi-bin/token")
    wechat.assert_secret_only_sent_to_token_endpoints()
    sent = [value for call in wechat.calls() for value in (*call.query.values(), str(call.body), str(call.headers))]
    assert not any(GATEWAY_KEY in value for value in sent)


def play(scripts: list[Script], rounds: list[dict[str, Any]]) -> list[Any]:
    """What came of a round of each script, all at once."""
    with ThreadPoolExecutor(len(scripts)) as threads:
        return list(threads.map(Script.play, scripts, rounds))


def check(wechat: MockWeChat, told: list[Any], image: Path) -> None:
    for sdk, result in zip(SDKS, told, strict=True):
        if sdk.calls:
            assert result["downloaded"] == sha256(image.read_bytes()).hexdigest()
            assert float(result["msgid"]) in [float(message.msgid or 0) for message in wechat.sent("template")]
        if sdk.signs:
            assert wechat.verify(result["config"], "http://localhost:8000/page?from=timeline") == {"valid": True}
        if sdk.logs_in:
            assert_mini(wechat, result)
