"""uniform_send by WeChat's document 下发统一消息."""

from typing import Any

import pytest

from mock_wechat import MINI, OFFICIAL, MockWeChat

from .client import Client

PATH = "/cgi-bin/message/wxopen/template/uniform_send"
BOUGHT = {"first": "恭喜你购买成功！", "keyword1": "巧克力", "keyword2": "39.8元", "keyword3": "2014年9月22日"}


@pytest.fixture
def message(client: Client) -> dict[str, Any]:
    """The official account's message about a purchase."""
    templates = client.get("/_mock/templates")["templates"][OFFICIAL.appid]
    template_id = next(it["id"] for it in templates if it["title"] == "购买成功通知")
    data = {name: {"value": value} for name, value in BOUGHT.items()}
    return {"appid": OFFICIAL.appid, "template_id": template_id, "url": "http://localhost/", "data": data}


def send(client: Client, token: str, touser: object, message: object) -> Any:
    return client.post(PATH, {"touser": touser, "mp_template_msg": message}, access_token=token)


def test_message_is_that_of_the_official_account(
    client: Client, mock: MockWeChat, mini_token: str, message: dict[str, Any]
) -> None:
    assert send(client, mini_token, mock.openid(MINI.appid), message) == {"errcode": 0, "errmsg": "ok"}
    (sent,) = mock.sent("template")
    assert (sent.appid, sent.path) == (OFFICIAL.appid, PATH)
    assert sent.rendered is not None
    assert (sent.rendered["title"], sent.rendered["url"]) == ("购买成功通知", "http://localhost/")
    assert "商品名称：巧克力" in sent.rendered["text"]


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"appid": MINI.appid}, 40013),
        ({"appid": ["x"]}, 40013),
        ({"template_id": "x"}, 40036),
        ({"miniprogram": {"appid": OFFICIAL.appid}}, 40013),
    ],
)
def test_wrong_message_is_named(
    client: Client, mock: MockWeChat, mini_token: str, message: dict[str, Any], change: dict[str, Any], errcode: int
) -> None:
    assert send(client, mini_token, mock.openid(MINI.appid), message | change)["errcode"] == errcode


def test_openid_is_that_of_the_mini_program(
    client: Client, mock: MockWeChat, mini_token: str, message: dict[str, Any]
) -> None:
    wrong: tuple[object, ...] = (mock.openid(OFFICIAL.appid), "", None, {})
    for touser in wrong:
        assert send(client, mini_token, touser, message)["errcode"] == 40003
    mock._state.followers.unfollow(OFFICIAL.appid, mock.openid(OFFICIAL.appid))
    assert send(client, mini_token, mock.openid(MINI.appid), message)["errcode"] == 43004


def test_messages_of_mini_programs_have_ended(client: Client, mock: MockWeChat, mini_token: str) -> None:
    asked = {"touser": mock.openid(MINI.appid), "weapp_template_msg": {}}
    assert client.post(PATH, asked, access_token=mini_token)["errcode"] == 41028
    assert client.post(PATH, {"touser": asked["touser"]}, access_token=mini_token)["errcode"] == 47001
