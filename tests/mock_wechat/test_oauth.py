"""/sns/oauth2/*, /sns/userinfo and /sns/auth by WECHAT.md 9.2."""

import re
from typing import Any

from mock_wechat import MockWeChat

from .client import OFFICIAL, Client, FakeClock

EXCHANGE = "/sns/oauth2/access_token"
REFRESH = "/sns/oauth2/refresh_token"
RID = "[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}"


def exchange(client: Client, code: str, /, **change: str) -> Any:
    asked = {"appid": OFFICIAL[0], "secret": OFFICIAL[1], "code": code, "grant_type": "authorization_code"}
    return client.get(EXCHANGE, **asked | change)


def refresh(client: Client, refresh_token: str, /, **change: str) -> Any:
    asked = {"appid": OFFICIAL[0], "grant_type": "refresh_token", "refresh_token": refresh_token}
    return client.get(REFRESH, **asked | change)


def userinfo(client: Client, granted: dict[str, str], /, **change: str) -> Any:
    asked = {"access_token": granted["access_token"], "openid": granted["openid"], "lang": "zh_CN"}
    return client.get("/sns/userinfo", **asked | change)


def test_base_scope_gets_a_token_and_no_unionid(mock: MockWeChat, client: Client) -> None:
    answer = exchange(client, mock.oauth_code())
    assert list(answer) == ["access_token", "expires_in", "refresh_token", "openid", "scope"]
    assert (answer["expires_in"], answer["scope"]) == (7200, "snsapi_base")
    assert re.fullmatch(r"o[A-Za-z0-9_-]{27}", answer["openid"])
    assert re.fullmatch(r"\d{2}_[A-Za-z0-9_-]{87}", answer["access_token"])


def test_userinfo_scope_brings_the_unionid(mock: MockWeChat, client: Client) -> None:
    answer = exchange(client, mock.oauth_code(scope="snsapi_userinfo"))
    assert list(answer)[-1] == "unionid"
    mock.add_account(*OFFICIAL, open_platform=False)
    assert "unionid" not in exchange(client, mock.oauth_code(scope="snsapi_userinfo"))


def test_snapshot_page_gives_a_virtual_user_without_a_name(mock: MockWeChat, client: Client) -> None:
    real = exchange(client, mock.oauth_code(scope="snsapi_userinfo"))
    virtual = exchange(client, mock.oauth_code(scope="snsapi_userinfo", snapshot=True))
    assert virtual["is_snapshotuser"] == 1
    assert virtual["openid"] != real["openid"]
    assert "is_snapshotuser" not in real
    assert userinfo(client, virtual)["errcode"] == 48001


def test_answers_are_plain_text_with_raw_chinese_and_escaped_slashes(mock: MockWeChat, client: Client) -> None:
    mock.set_user("zhangsan", headimgurl="https://thirdwx.qlogo.cn/mmopen/a/132")
    granted = exchange(client, mock.oauth_code(scope="snsapi_userinfo"))
    asked = {"access_token": granted["access_token"], "openid": granted["openid"]}
    answer = client.raw("GET", "/sns/userinfo", params=asked)
    assert answer.headers["Content-Type"] == "text/plain"
    assert '"nickname":"张三"'.encode() in answer.content
    assert rb'"headimgurl":"https:\/\/thirdwx.qlogo.cn\/mmopen\/a\/132"' in answer.content
    assert answer.json()["nickname"] == "å¼\xa0ä¸\x89"  # WECHAT.md 0.16: what requests makes of it
    assert list(answer.json()) == [
        "openid", "nickname", "sex", "language", "city", "province", "country", "headimgurl", "privilege", "unionid",
    ]  # fmt: skip


def test_code_is_valid_for_its_own_account(mock: MockWeChat, client: Client) -> None:
    mock.add_account("wx1", "s1", "official")
    code = mock.oauth_code()
    assert exchange(client, code, appid="wx1", secret="s1")["errcode"] == 40029
    assert "access_token" in exchange(client, code)


def test_refresh_lengthens_a_live_token(mock: MockWeChat, client: Client, clock: FakeClock) -> None:
    granted = exchange(client, mock.oauth_code(scope="snsapi_userinfo"))
    clock.advance(7199)
    renewed = refresh(client, granted["refresh_token"])
    assert list(renewed) == ["access_token", "expires_in", "refresh_token", "openid", "scope"]
    assert renewed["access_token"] == granted["access_token"]
    clock.advance(7199)
    assert userinfo(client, granted)["openid"] == granted["openid"]


def test_refresh_replaces_a_dead_token(mock: MockWeChat, client: Client, clock: FakeClock) -> None:
    granted = exchange(client, mock.oauth_code(scope="snsapi_userinfo"))
    clock.advance(7200)
    assert userinfo(client, granted)["errcode"] == 42001
    renewed = refresh(client, granted["refresh_token"])
    assert renewed["access_token"] != granted["access_token"]
    assert renewed["refresh_token"] == granted["refresh_token"]
    assert userinfo(client, granted)["errcode"] == 42001
    assert userinfo(client, renewed)["openid"] == granted["openid"]


def test_refresh_token_lives_for_thirty_days(mock: MockWeChat, client: Client, clock: FakeClock) -> None:
    granted = exchange(client, mock.oauth_code())
    clock.advance(30 * 86400 - 1)
    assert "access_token" in refresh(client, granted["refresh_token"])
    clock.advance(1)
    assert refresh(client, granted["refresh_token"])["errcode"] == 42002


def test_exchange_is_no_leak_and_user_tokens_have_states(mock: MockWeChat, client: Client) -> None:
    granted = exchange(client, mock.oauth_code(scope="snsapi_userinfo"))
    mock.assert_secret_only_sent_to_token_endpoints()
    userinfo(client, granted)
    mock.clock.advance(7200)
    userinfo(client, granted)
    userinfo(client, granted, access_token="x")
    assert [call.token_state for call in mock.calls("/sns/userinfo")] == ["current", "dead", "unknown"]
    assert mock.calls("/sns/userinfo")[0].appid == OFFICIAL[0]
