"""`wechat-central status`: the table, what to do, the exit status."""

import json

import pytest

from app.errors import WeChatError
from app.services import Services
from mock_wechat import MockWeChat
from tests.app.ops.cli.conftest import Run, values
from tests.doubles import FakeClock


def refuse(
    server: Services, wechat: MockWeChat, errcode: int, account: str = "default", errmsg: str | None = None
) -> None:
    """The server's next fetch begins a cooldown of the token's endpoint."""
    wechat.fail("/cgi-bin/stable_token", errcode, errmsg=errmsg)
    with pytest.raises(WeChatError):
        server.for_account(server.accounts.find(account)).access_token.renew()


def rows(text: str) -> list[list[str]]:
    """The cells of the table's rows."""
    table, _, _ = text.partition("\n\n")
    return [[cell.strip() for cell in line.split("  ") if cell] for line in table.splitlines()[1:]]


def test_all_is_well(run: Run, warm: Services, clock: FakeClock) -> None:
    clock.advance(65)
    result = run("status")
    assert (result.exit_code, result.stderr) == (0, "")
    assert rows(result.stdout) == [
        ["default", "access_token", "fresh", "1 min", "1 h 58 min", "1", "3", "-"],
        ["default", "jsapi_ticket", "fresh", "1 min", "1 h 58 min", "1", "3", "-"],
        ["mini", "access_token", "fresh", "1 min", "1 h 58 min", "1", "3", "-"],
    ]
    assert not any(value in result.output for value in values(warm))


def test_missing_and_expired_credentials_are_not_well(run: Run, wechat: MockWeChat, server: Services) -> None:
    server.for_account(server.accounts.find("default")).access_token.get()
    calls = len(wechat.calls())
    result = run("status")
    assert result.exit_code == 1
    assert [row[2] for row in rows(result.stdout)] == ["fresh", "missing", "missing"]
    assert len(wechat.calls()) == calls


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ({}, "Enter 203.0.113.7 in the IP whitelist of wx0000000000000001"),
        ({"LANG": "zh_CN.UTF-8"}, "请将 203.0.113.7 加入 wx0000000000000001"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "Enter 203.0.113.7"),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": "zh_TW.UTF-8"}, "请将 203.0.113.7 加入 wx0000000000000001"),
    ],
)
def test_cooldown_is_shown_with_what_to_do(
    run: Run, warm: Services, wechat: MockWeChat, clock: FakeClock, language: dict[str, str], said: str
) -> None:
    refuse(warm, wechat, 40164, errmsg="invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist")
    clock.advance(17)
    result = run("status", **language)
    assert result.exit_code == 1
    assert rows(result.stdout)[0][-1] == "40164"
    assert [row[-1] for row in rows(result.stdout)[1:]] == ["-", "-"]
    assert "default, /cgi-bin/stable_token: WeChat answered errcode 40164" in result.stdout
    assert "asked again in 43 s" in result.stdout
    assert said in result.stdout


def test_language_can_be_chosen(run: Run, warm: Services, wechat: MockWeChat) -> None:
    refuse(warm, wechat, 40125)
    assert "请与微信开发者平台" in run("--language", "zh", "status", LANG="en_US.UTF-8").stdout


def test_cooldown_that_concerns_no_credential_is_shown_too(run: Run, warm: Services, wechat: MockWeChat) -> None:
    wechat.fail("/wxa/msg_sec_check", 45009)
    mini = warm.for_account(warm.accounts.find("mini"))
    with pytest.raises(WeChatError):
        mini.access_token.use(lambda token: mini.client.msg_sec_check(token, {"content": "text"}))
    result = run("status")
    assert result.exit_code == 1
    assert "mini, /wxa/msg_sec_check: WeChat" in result.stdout
    assert {row[-1] for row in rows(result.stdout)} == {"-"}


def test_failed_fetch_is_shown(run: Run, server: Services, wechat: MockWeChat) -> None:
    wechat.fail("/cgi-bin/stable_token", times=3, status=500)
    with pytest.raises(WeChatError):
        server.for_account(server.accounts.find("mini")).access_token.get()
    result = run("status")
    assert rows(result.stdout)[2] == ["mini", "access_token", "missing", "-", "-", "0", "3", "unavailable"]
    assert "mini, access_token: WeChat, /cgi-bin/stable_token: HTTP 500." in result.stdout
    assert "asked again in 1 s" in result.stdout
    assert "wechat-central doctor" in result.stdout


def test_spent_budget_is_shown_with_what_to_do(run: Run, warm: Services) -> None:
    token = warm.for_account(warm.accounts.find("default")).access_token
    for _ in range(3):
        token.refresh(token.get().value)
    result = run("status")
    assert result.exit_code == 1
    assert rows(result.stdout)[0][-2:] == ["0", "refused"]
    assert "Is another server fetching tokens for this appid?" in result.stdout


def test_json_is_what_scripts_get(run: Run, warm: Services, wechat: MockWeChat, clock: FakeClock) -> None:
    refuse(warm, wechat, 40125)
    result = run("status", "--json")
    document = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (document["well"], document["store"]) == (False, None)
    default, mini = document["accounts"]
    [cooldown] = default["cooldowns"]
    assert (cooldown["errcode"], cooldown["until"], cooldown["credential"]) == (
        40125,
        int(clock()) + 60,
        "access_token",
    )
    assert set(cooldown["hint"]) == {"en", "zh"}
    assert mini["credentials"][0]["generation"] == 1
    assert not any(value in result.output for value in values(warm))


def test_control_characters_from_wechat_are_shown_escaped(run: Run, warm: Services, wechat: MockWeChat) -> None:
    wechat.fail("/cgi-bin/stable_token", 40125, errmsg="\x1b[2J")
    with pytest.raises(WeChatError):
        warm.for_account(warm.accounts.find("default")).access_token.renew()
    assert "\\x1b[2J" in run("status").stdout


@pytest.mark.parametrize("command", [["status"], ["retry", "default"], ["refresh", "default", "access_token"]])
def test_memory_of_the_server_is_out_of_reach(
    environment: dict[str, str], request: pytest.FixtureRequest, wechat: MockWeChat, command: list[str]
) -> None:
    environment["WECHAT_STORE_URL"] = "memory://"
    result = request.getfixturevalue("run")(*command)
    assert result.exit_code == 1
    assert "With memory:// the credentials are inside the server's process" in result.stderr
    assert wechat.calls() == []
