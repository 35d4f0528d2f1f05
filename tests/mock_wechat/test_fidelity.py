"""Answers have the fields, order and types of those that SDKs recorded (FIDELITY.md)."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from mock_wechat import MockWeChat

from .client import MINI, OFFICIAL, Client

OAUTH, SESSION = "/sns/oauth2/access_token", "/sns/jscode2session"


def shape(value: object) -> object:
    """Names in their order with the types of their values; of a list its first item."""
    if isinstance(value, dict):
        return [(name, shape(item)) for name, item in value.items()]
    if isinstance(value, list):
        return [shape(item) for item in value[:1]]
    return type(value)


class Calls:
    """The calls whose answers were recorded."""

    def __init__(self, mock: MockWeChat, client: Client) -> None:
        self.mock, self.client = mock, client

    def by_code(self, path: str, account: tuple[str, str], **code: str) -> Any:
        asked = {"appid": account[0], "secret": account[1], "grant_type": "authorization_code"}
        return self.client.get(path, **asked, **code)

    def granted(self) -> Any:
        return self.by_code(OAUTH, OFFICIAL, code=self.mock.oauth_code(scope="snsapi_userinfo"))

    def userinfo(self) -> Any:
        granted = self.granted()
        return self.client.get("/sns/userinfo", access_token=granted["access_token"], openid=granted["openid"])

    def post(self, path: str, body: object, account: tuple[str, str] = OFFICIAL) -> Any:
        return self.client.post(path, body, access_token=self.client.token(account)["access_token"])

    def rid(self) -> Any:
        refused = self.post("/cgi-bin/clear_quota", {"appid": "wx1"})
        return self.post("/cgi-bin/openapi/rid/get", {"rid": refused["errmsg"].rpartition(" ")[2]})

    def callback(self) -> Any:
        self.mock.add_account(*OFFICIAL, push_url="http://127.0.0.1:1/")
        return self.post("/cgi-bin/callback/check", {"action": "all", "check_operator": "DEFAULT"})


RECORDED: list[tuple[Callable[[Calls], Any], str]] = [
    (lambda it: it.client.token(), '{"access_token":"ACCESS_TOKEN","expires_in":7200}'),
    (
        lambda it: it.client.getticket(it.client.token()["access_token"]),
        '{"errcode":0,"errmsg":"ok","ticket":"bxLd","expires_in":7200}',
    ),
    (
        lambda it: it.by_code(SESSION, MINI, js_code=it.mock.js_code()),
        '{"session_key":"nzoqhc3OnwHzeTxJs+inbQ==","openid":"oVBk","unionid":"or4z"}',
    ),
    (
        Calls.granted,
        '{"access_token":"A","expires_in":7200,"refresh_token":"R","openid":"O","scope":"S","unionid":"U"}',
    ),
    (
        Calls.userinfo,
        '{"openid":"o3_S","nickname":"N","sex":0,"language":"","city":"","province":"","country":"",'
        r'"headimgurl":"https:\/\/thirdwx.qlogo.cn\/132","privilege":[],"unionid":"oWgG"}',
    ),
    (
        lambda it: it.post("/wxa/business/getuserphonenumber", {"code": it.mock.phone_code()}, MINI),
        '{"errcode":0,"errmsg":"ok","phone_info":{"phoneNumber":"1","purePhoneNumber":"1","countryCode":"86",'
        '"watermark":{"timestamp":1637744274,"appid":"xxxx"}}}',
    ),
    (
        lambda it: it.post("/cgi-bin/openapi/quota/get", {"cgi_path": "/cgi-bin/token"}),
        '{"errcode":0,"errmsg":"ok","quota":{"daily_limit":1000,"used":1001,"remain":0}}',
    ),
    (
        Calls.rid,
        '{"errcode":0,"errmsg":"ok","request":{"invoke_time":1635156704,"cost_in_ms":30,"request_url":"access_token=5",'
        '"request_body":"","response_body":"{}","client_ip":"113.xx.70.51"}}',
    ),
    (
        Calls.callback,
        '{"dns":[{"ip":"111.161.64.40","real_operator":"UNICOM"}],"ping":[{"ip":"111.161.64.40",'
        '"from_operator":"UNICOM","package_loss":"0%","time":"23.079ms"}]}',
    ),
]


@pytest.mark.parametrize(("call", "recorded"), RECORDED)
def test_answer_has_the_recorded_shape(
    mock: MockWeChat, client: Client, call: Callable[[Calls], Any], recorded: str
) -> None:
    assert shape(call(Calls(mock, client))) == shape(json.loads(recorded))
