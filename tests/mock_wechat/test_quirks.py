"""Other forms of WeChat's answers, by fault or for an account: WECHAT.md 11."""

import re

import pytest

from mock_wechat import MockWeChat
from mock_wechat.quirks import QUIRKS

from .client import MINI, OFFICIAL, Client

TOKEN, TICKET, SNS = "/cgi-bin/token", "/cgi-bin/ticket/getticket", "/sns/auth"
RID = "[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}"


@pytest.mark.parametrize(
    ("quirks", "cgi_bin", "sns"),
    [
        ([], f"appid missing rid: {RID}", f"access_token missing, rid: {RID}"),
        (["comma"], f"appid missing, rid: {RID}", f"access_token missing, rid: {RID}"),
        (["no_comma"], f"appid missing rid: {RID}", f"access_token missing rid: {RID}"),
        (["no_rid"], "appid missing", "access_token missing"),
        (
            ["hint"],
            r"appid missing hint: \[[A-Za-z]{6}\d{8}\]",
            r"access_token missing, hints: \[ req_id: [a-z0-9]{13} \]",
        ),
        (
            ["hint_and_rid"],
            rf"appid missing hint: \[[A-Za-z]{{6}}\d{{8}}\] rid: {RID}",
            rf"access_token missing, hints: \[ req_id: [a-z0-9]{{13}} \] rid: {RID}",
        ),
    ],
)
def test_error_endings(mock: MockWeChat, client: Client, quirks: list[str], cgi_bin: str, sns: str) -> None:
    mock.fail("*", quirks=[*quirks, "meida"], times=2)
    assert re.fullmatch(cgi_bin, client.get(TOKEN)["errmsg"])
    assert re.fullmatch(sns, client.get(SNS)["errmsg"])


def test_errcode_as_text(mock: MockWeChat, client: Client) -> None:
    token = client.token()["access_token"]
    mock.fail("*", quirks=["errcode_as_text"], times=2)
    assert client.getticket(token)["errcode"] == "0"
    assert client.get(TOKEN)["errcode"] == "41002"
    assert [call.errcode for call in mock.calls()[1:]] == [0, 41002]


def test_success_may_always_have_an_errcode(mock: MockWeChat, client: Client) -> None:
    mock.fail(TOKEN, quirks=["errcode_always"])
    assert list(client.token()) == ["errcode", "errmsg", "access_token", "expires_in"]


def test_keys_in_reverse_order(mock: MockWeChat, client: Client, mini_token: str) -> None:
    token = client.token()["access_token"]
    mock.fail("*", quirks=["reversed_keys"], times=2)
    assert list(client.getticket(token)) == ["expires_in", "ticket", "errmsg", "errcode"]
    openid = mock.openid(MINI[0])
    answer = client.post(
        "/wxa/msg_sec_check", {"content": "hello", "version": 2, "scene": 1, "openid": openid}, access_token=mini_token
    )
    assert list(answer) == ["result", "trace_id", "detail", "errmsg", "errcode"]
    assert list(answer["detail"][0]) == ["prob", "label", "suggest", "errcode", "strategy"]


def test_texts_with_raw_control_characters(mock: MockWeChat, client: Client) -> None:
    asked = {"appid": OFFICIAL[0], "secret": OFFICIAL[1], "grant_type": "authorization_code"}
    granted = client.get("/sns/oauth2/access_token", **asked, code=mock.oauth_code(scope="snsapi_userinfo"))
    mock.fail("/sns/userinfo", quirks=["control_characters"])
    query = {"access_token": granted["access_token"], "openid": granted["openid"]}
    answer = client.raw("GET", "/sns/userinfo", params=query)
    assert '"nickname":"张三\x01"'.encode() in answer.content
    with pytest.raises(ValueError, match="Invalid control character"):
        answer.json()


def test_account_may_have_quirks_for_good(mock: MockWeChat, client: Client) -> None:
    mock.add_account(*MINI, "mini", quirks=["no_rid"])
    for _ in range(2):
        assert client.get(TOKEN, appid=MINI[0])["errmsg"] == "invalid grant_type"
        assert " rid: " in client.get(TOKEN, appid=OFFICIAL[0])["errmsg"]
    mock.fail(TOKEN, quirks=["errcode_as_text"])
    assert client.get(TOKEN, appid=MINI[0]) == {"errcode": "40002", "errmsg": "invalid grant_type"}


def test_every_quirk_may_be_set_together(mock: MockWeChat, client: Client) -> None:
    mock.fail(TOKEN, quirks=list(QUIRKS))
    assert client.raw("GET", TOKEN).content == b'{"errmsg":"appid missing\x01","errcode":"41002"}'
