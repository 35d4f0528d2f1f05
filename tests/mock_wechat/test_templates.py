"""Template messages, subscription messages and their templates (模板消息, 订阅消息)."""

from typing import Any

import pytest

from mock_wechat import MINI, OFFICIAL, MockWeChat
from mock_wechat.state.accounts import Account

from .client import NOW, Client, FakeClock

OK = {"errcode": 0, "errmsg": "ok"}
SEND, SUBSCRIBE = "/cgi-bin/message/template/send", "/cgi-bin/message/subscribe/send"
LIST, ADD = "/cgi-bin/template/get_all_private_template", "/cgi-bin/template/api_add_template"
DELETE = "/cgi-bin/template/del_private_template"
LIBRARY = "/wxaapi/newtmpl/"
BOUGHT = {"first": "恭喜你购买成功！", "keyword1": "巧克力", "keyword2": "39.8元", "keyword3": "2014年9月22日"}
SHIPPED = {"character_string1": "20261121", "thing2": "巧克力", "time3": "2019年10月1日 15:01", "amount4": "39.8元"}


def data(values: dict[str, str]) -> dict[str, object]:
    return {name: {"value": value, "color": "#173177"} for name, value in values.items()}


class Sender:
    """An account, its first user and its templates by title."""

    def __init__(self, mock: MockWeChat, client: Client, account: Account) -> None:
        self._client = client
        self._account = account
        self.user = mock.openid(account.appid)

    @property
    def _token(self) -> str:
        return str(self._client.token((self._account.appid, self._account.secret))["access_token"])

    def get(self, path: str) -> Any:
        return self._client.get(path, access_token=self._token)

    def post(self, path: str, asked: object) -> Any:
        return self._client.post(path, asked, access_token=self._token)

    def template(self, title: str) -> str:
        shown = self._client.get("/_mock/templates")["templates"][self._account.appid]
        return next(str(template["id"]) for template in shown if template["title"] == title)

    def message(self, **change: object) -> Any:
        """Send a template message about a purchase, right but for the change."""
        asked = {"touser": self.user, "template_id": self.template("购买成功通知"), "data": data(BOUGHT)}
        return self.post(SEND, asked | change)

    def subscription(self, **change: object) -> Any:
        """Send a subscription message about an order, right but for the change."""
        asked = {"touser": self.user, "template_id": self.template("订单发货通知"), "data": data(SHIPPED)}
        return self.post(SUBSCRIBE, asked | change)


@pytest.fixture
def official(mock: MockWeChat, client: Client) -> Sender:
    return Sender(mock, client, OFFICIAL)


@pytest.fixture
def mini(mock: MockWeChat, client: Client) -> Sender:
    return Sender(mock, client, MINI)


def test_template_message_is_sent_and_rendered(mock: MockWeChat, client: Client, official: Sender) -> None:
    page = {"appid": MINI.appid, "pagepath": "pages/order?id=1"}
    answer = official.message(url="http://localhost/order", miniprogram=page)
    assert (list(answer), answer["errcode"], answer["errmsg"]) == (["errcode", "errmsg", "msgid"], 0, "ok")
    sent = client.get("/_mock/sent")["sent"][0]
    assert (sent["kind"], sent["touser"], sent["msgid"]) == ("template", official.user, answer["msgid"])
    assert sent["rendered"] == {
        "title": "购买成功通知",
        "text": "恭喜你购买成功！\n商品名称：巧克力\n消费金额：39.8元\n购买时间：2014年9月22日",
        "url": "http://localhost/order",
        "page": "pages/order?id=1",
    }
    official.message(data=None)
    rendered = mock.sent("template")[1].rendered
    assert rendered == {"title": "购买成功通知", "text": "商品名称：\n消费金额：\n购买时间："}


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        *[({"touser": touser}, 40003) for touser in ("o1", None, ["o1"])],
        *[({"template_id": wrong}, 40036) for wrong in ("T", None, 5)],
        ({"template_id": "T" * 43}, 40037),
        ({"miniprogram": {"appid": "wx1", "pagepath": "index"}}, 40013),
        ({"miniprogram": {"appid": OFFICIAL.appid}}, 40013),
        ({"miniprogram": {"appid": [], "pagepath": "index"}, "url": 5, "data": [1]}, 0),
    ],
)
def test_wrong_template_message_is_refused(
    mock: MockWeChat, official: Sender, change: dict[str, object], errcode: int
) -> None:
    assert official.message(**change)["errcode"] == errcode
    assert len(mock.sent()) == (not errcode)


def test_template_message_needs_a_follower(mock: MockWeChat, official: Sender) -> None:
    mock._state.followers.unfollow(OFFICIAL.appid, official.user)
    assert official.message()["errmsg"].startswith("require subscribe rid: ")


def test_client_msg_id_prevents_a_second_message_for_ten_minutes(
    mock: MockWeChat, official: Sender, clock: FakeClock
) -> None:
    first = official.message(client_msg_id="order-1")
    assert official.message(client_msg_id="order-1") == first
    assert official.message(client_msg_id="order-2")["msgid"] != first["msgid"]
    assert (
        official.message(client_msg_id="order-1", touser=mock.openid(OFFICIAL.appid, "lisi"))["msgid"] != first["msgid"]
    )
    clock.advance(601)
    assert official.message(client_msg_id="order-1")["msgid"] != first["msgid"]
    assert len(mock.sent()) == 4


def test_templates_are_listed(official: Sender, mini: Sender) -> None:
    listed = official.get(LIST)
    assert list(listed) == ["template_list"]
    names = ["template_id", "title", "primary_industry", "deputy_industry", "content", "example"]
    assert [list(template) for template in listed["template_list"]] == [names] * 3
    assert len(listed["template_list"][0]["template_id"]) == 43
    shown = mini.get(LIBRARY + "gettemplate")
    assert (shown["errcode"], [template["title"] for template in shown["data"]]) == (
        0,
        ["报名结果通知", "订单发货通知"],
    )
    assert shown["data"][0] == {
        "priTmplId": mini.template("报名结果通知"),
        "title": "报名结果通知",
        "content": "会议时间:{{date2.DATA}}\n会议地点:{{thing1.DATA}}\n",
        "example": "会议时间:2016年8月8日\n会议地点:TIT会议室\n",
        "type": 2,
    }
    assert mini.get(LIBRARY + "getcategory") == {**OK, "data": [{"id": 616, "name": "公交"}]}


def test_template_of_the_library_is_added_and_deleted(official: Sender) -> None:
    asked = {"template_id_short": "47123", "keyword_name_list": ["金额", "时间"]}
    answer = official.post(ADD, asked)
    added = official.get(LIST)["template_list"][-1]
    assert answer == {**OK, "template_id": added["template_id"]}
    assert (added["content"], added["example"]) == (
        "金额：{{amount3.DATA}}\n时间：{{time1.DATA}}\n", "金额：39.8元\n时间：2026年11月21日 15:01\n"
    )  # fmt: skip
    assert official.post(ADD, asked)["template_id"] != added["template_id"]
    assert official.post(DELETE, {"template_id": added["template_id"]}) == OK
    assert official.message(template_id=added["template_id"])["errcode"] == 40037
    assert official.post(DELETE, {"template_id": added["template_id"]})["errcode"] == 40037


@pytest.mark.parametrize(
    ("short", "names", "errcode"),
    [
        ("OPENTM201490080", ["时间"], 40247),
        ("1", ["时间"], 40037),
        (47123, ["时间"], 40037),
        ("47123", [], 40246),
        ("47123", None, 40246),
        ("47123", "时间", 40246),
        ("47123", ["时间", "天气"], 40246),
        ("47123", [[]], 40246),
    ],
)
def test_template_that_is_not_in_the_library_is_refused(
    official: Sender, short: object, names: object, errcode: int
) -> None:
    assert official.post(ADD, {"template_id_short": short, "keyword_name_list": names})["errcode"] == errcode


def test_accounts_have_a_number_of_templates(mock: MockWeChat, official: Sender, mini: Sender) -> None:
    for appid, more in ((OFFICIAL.appid, 21), (MINI.appid, 47)):
        for _ in range(more):
            mock.add_template(appid, "t", "t:{{thing1.DATA}}")
    asked = {"template_id_short": "47123", "keyword_name_list": ["时间"]}
    assert [official.post(ADD, asked)["errcode"] for _ in range(2)] == [0, 45026]
    kids = {"tid": "1221", "kidList": [1, 2]}
    assert [mini.post(LIBRARY + "addtemplate", kids)["errcode"] for _ in range(2)] == [0, 200012]


def test_mini_program_adds_and_deletes_templates(mini: Sender) -> None:
    answer = mini.post(LIBRARY + "addtemplate", {"tid": "1221", "kidList": [3, 1], "sceneDesc": "发货"})
    assert list(answer) == ["errmsg", "errcode", "priTmplId"]
    added = mini.get(LIBRARY + "gettemplate")["data"][-1]
    assert added["priTmplId"] == answer["priTmplId"]
    assert added["content"] == "发货时间:{{time3.DATA}}\n订单号:{{character_string1.DATA}}\n"
    assert mini.post(LIBRARY + "deltemplate", {"priTmplId": added["priTmplId"]}) == OK
    assert mini.post(LIBRARY + "deltemplate", {"priTmplId": added["priTmplId"]})["errcode"] == 40037
    assert len(mini.get(LIBRARY + "gettemplate")["data"]) == 2


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        *[({"tid": tid}, 200014) for tid in ("1", 1221, None)],
        *[({"kidList": kids}, 200020) for kids in ([1], [1, 2, 3, 4, 1, 2], [0, 1], [1, 5], ["1", "2"], "12", None)],
        *[({"sceneDesc": scene}, 200021) for scene in ("字" * 16, 5)],
    ],
)
def test_wrong_template_of_a_mini_program_is_refused(mini: Sender, change: dict[str, object], errcode: int) -> None:
    asked = {"tid": "1221", "kidList": [1, 2], "sceneDesc": "发货"} | change
    assert mini.post(LIBRARY + "addtemplate", asked)["errcode"] == errcode


def test_subscription_message_is_sent_and_rendered(client: Client, mini: Sender) -> None:
    answer = mini.subscription(page="pages/order?id=1", miniprogram_state="developer", lang="zh_CN")
    assert (answer["errcode"], answer["errmsg"]) == (0, "ok")
    sent = client.get("/_mock/sent", kind="subscribe")["sent"][0]
    assert (sent["at"], sent["msgid"]) == (NOW, answer["msgid"])
    assert sent["rendered"] == {
        "title": "订单发货通知",
        "text": "订单号:20261121\n商品名称:巧克力\n发货时间:2019年10月1日 15:01\n订单金额:39.8元",
        "page": "pages/order?id=1",
    }


def test_user_accepts_as_many_messages_as_is_set(mock: MockWeChat, mini: Sender) -> None:
    mock.set_subscription(mini.user, 1)
    assert [mini.subscription()["errcode"] for _ in range(2)] == [0, 43101]
    mock.set_subscription(mini.user, 2, template_id=mini.template("订单发货通知"))
    assert mini.subscription(data={})["errcode"] == 47003  # costs none
    assert [mini.subscription()["errcode"] for _ in range(3)] == [0, 0, 43101]
    lisi = mock.openid(MINI.appid, "lisi")
    assert mini.subscription(touser=lisi)["errcode"] == 0
    mock.set_subscription(mini.user, None)
    assert mini.subscription()["errcode"] == 0
    mock.set_subscription(mini.user, 0)
    assert mini.subscription()["errmsg"].startswith("user refuse to accept the msg rid: ")


@pytest.mark.parametrize(
    ("change", "errcode"), [({"touser": "o1"}, 40003), ({"template_id": "T"}, 40037), ({"template_id": None}, 40037)]
)
def test_wrong_subscription_message_is_refused(mini: Sender, change: dict[str, object], errcode: int) -> None:
    assert mini.subscription(**change)["errcode"] == errcode


def test_template_of_the_own_project_is_declared(mock: MockWeChat, client: Client, official: Sender) -> None:
    own = {"template_id": "ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY"}
    assert (
        mock.add_template(OFFICIAL.appid, "领取奖金提醒", "{{result.DATA}}\n金额: {{ money.DATA }}", **own)
        == own["template_id"]
    )
    assert official.message(**own, data=data({"result": "已提交", "money": "5元"}))["errcode"] == 0
    assert mock.sent()[0].rendered == {"title": "领取奖金提醒", "text": "已提交\n金额: 5元"}
    assert len(mock.add_template(MINI.appid, "t", "t:{{thing1.DATA}}")) == 43
    wrong = client.post("/_mock/templates", {"appid": "wx1", "title": "t", "content": "c"})
    assert wrong["field"] == "appid"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"appid": OFFICIAL.appid}, "appid"),
        ({"template_id": "T"}, "template_id"),
        ({"left": -1}, "left"),
        ({"openid": ""}, "openid"),
    ],
)
def test_wrong_subscription_is_refused(client: Client, mini: Sender, change: dict[str, object], field: str) -> None:
    asked = {"appid": MINI.appid, "openid": mini.user, "left": 1} | change
    assert client.post("/_mock/subscriptions", asked)["field"] == field
