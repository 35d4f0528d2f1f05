"""Each SDK does with the mock what its documentation shows first, unmodified but for base URL or proxy."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import requests

from mock_wechat import OFFICIAL, MockWeChat
from mock_wechat.tls import TLS
from tests.sdks.scripts import MENU, SDK, SDKS, assert_mini, round_for, running


def test_calls_of_its_readme(sdk: SDK, wechat: MockWeChat, tls: TLS, tmp_path: Path, image: Path) -> None:
    given = round_for(wechat, image, shows=True)
    with running(sdk, tmp_path, *reach(sdk, wechat, tls)) as script:
        told = script.play(given)
    if sdk.calls:
        assert_calls(wechat, given, told)
    if sdk.signs:
        assert wechat.verify(told["config"], given["page"]) == {"valid": True}
    if sdk.logs_in:
        assert_mini(wechat, told)
    fetches = [str(call.appid) for call in wechat.calls("/cgi-bin/token")]
    assert fetches == sorted(set(fetches))  # each account's token was fetched once
    assert {call.errcode for call in wechat.calls()} <= {0, None}
    wechat.assert_secret_only_sent_to_token_endpoints()


@pytest.mark.parametrize("mode", ["plain", "secure"])
@pytest.mark.parametrize("sdk", [sdk for sdk in SDKS if sdk.answers], ids=lambda sdk: sdk.name, indirect=True)
def test_message_is_answered(sdk: SDK, wechat: MockWeChat, tls: TLS, tmp_path: Path, mode: str) -> None:
    with running(sdk, tmp_path, *reach(sdk, wechat, tls), mode=mode) as script:
        heard = wechat.message(OFFICIAL.appid, "text", content="在吗", url=script.push_url, mode=mode)
    assert (heard.problem, heard.outcome, len(heard.pushes)) == (None, "accepted", 1)
    assert heard.reply
    assert (heard.reply["MsgType"], heard.reply["Content"]) == ("text", "heard 在吗")
    assert [it["reply"] for it in control(wechat, "messages")["messages"]] == [heard.reply]


def assert_calls(wechat: MockWeChat, given: dict[str, Any], told: dict[str, Any]) -> None:
    """The mock has the message, the menu, the file and the QR code."""
    sent = wechat.sent("template")[0]
    assert sent.touser == given["openid"]
    assert float(sent.msgid or 0) == float(told["msgid"])  # JavaScript drops digits
    assert sent.rendered
    assert sent.rendered["text"] == "时间：2026年11月21日 15:01\n地点：TIT创意园"
    assert control(wechat, "menus")["menus"][OFFICIAL.appid]["button"] == [MENU["button"][0] | {"sub_button": []}]
    content = Path(given["image"]).read_bytes()
    uploaded = wechat.media()[0]
    assert (uploaded.media_id, uploaded.type, uploaded.content) == (told["media_id"], "image", content)
    assert told["downloaded"] == sha256(content).hexdigest()
    shown = requests.get(f"{wechat.url}/cgi-bin/showqrcode", {"ticket": told["ticket"]}, timeout=10)
    assert told["shown"] == sha256(shown.content).hexdigest()


def reach(sdk: SDK, wechat: MockWeChat, tls: TLS) -> tuple[str | None, dict[str, str]]:
    """The base URL, or the proxy's variables for an SDK without one."""
    return (wechat.url, {}) if sdk.has_base else (None, tls.environment({}))


def control(wechat: MockWeChat, name: str) -> Any:
    return requests.get(f"{wechat.url}/_mock/{name}", timeout=10).json()
