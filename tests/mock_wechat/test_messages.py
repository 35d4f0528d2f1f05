"""Customer service messages, the typing state, and mass messages (客服消息, 根据OpenID群发消息)."""

from typing import Any

import pytest

from mock_wechat import MINI, OFFICIAL, MockWeChat
from mock_wechat.state.accounts import Account
from mock_wechat.state.conversations import Conversations

from .client import NOW, Client, FakeClock
from .files import store

SEND, TYPING, MASS = (f"/cgi-bin/message/{name}" for name in ("custom/send", "custom/typing", "mass/send"))
OK = {"errcode": 0, "errmsg": "ok"}
TEXT: dict[str, object] = {"msgtype": "text", "text": {"content": "你好"}}


class Talk:
    """An account's messages to its first user."""

    def __init__(self, mock: MockWeChat, client: Client, account: Account = OFFICIAL) -> None:
        self._mock = mock
        self._client = client
        self._account = account
        self.appid = account.appid
        self.user = mock.openid(account.appid)

    def hear(self, event: str = "text") -> None:
        """The user sends a message or causes an event."""
        state = self._mock._state
        state.conversations.heard(self.appid, self.user, state.clock(), event)

    def post(self, path: str, message: dict[str, object]) -> Any:
        token = self._client.token((self.appid, self._account.secret))["access_token"]
        return self._client.post(path, {"touser": self.user, **message}, access_token=token)

    def send(self, **message: object) -> int:
        """The errcode of a message: of a text if nothing is given."""
        return int(self.post(SEND, message or TEXT)["errcode"])

    def type(self, command: str = "Typing") -> int:
        return int(self.post(TYPING, {"command": command})["errcode"])


@pytest.fixture
def talk(mock: MockWeChat, client: Client) -> Talk:
    return Talk(mock, client)


@pytest.mark.parametrize(
    ("event", "allowed", "seconds"),
    [
        *[(event, 5, 48 * 3600) for event in ("text", "image", "voice", "video", "location", "link")],
        *[(event, 3, 60) for event in ("CLICK", "scancode_push", "scancode_waitmsg", "subscribe", "SCAN")],
        ("user_enter_tempsession", 2, 60),
        *[(event, 0, 60) for event in ("VIEW", "LOCATION", "unsubscribe", "pic_sysphoto")],
    ],
)
def test_action_allows_so_many_messages_for_so_long(event: str, allowed: int, seconds: int) -> None:
    conversations = Conversations()
    conversations.heard("wx1", "o1", NOW, event)
    end = NOW + seconds
    assert [conversations.take("wx1", "o1", end - 1) for _ in range(allowed)] == [None] * allowed
    assert conversations.take("wx1", "o1", end - 1) == (45047 if allowed else 45015)
    assert conversations.take("wx1", "o1", end) == 45015
    assert conversations.take("wx1", "o2", NOW) == 45015


def test_allowances_do_not_add_up(talk: Talk, clock: FakeClock) -> None:
    talk.hear("text")
    talk.hear("CLICK")
    assert [talk.send() for _ in range(6)] == [0] * 5 + [45047]
    talk.hear("CLICK")
    clock.advance(60)  # the later end and the larger number count
    assert [talk.send() for _ in range(4)] == [0] * 3 + [45047]
    clock.advance(48 * 3600)
    assert talk.send() == 45015


def test_message_to_who_left_is_too_late(mock: MockWeChat, talk: Talk) -> None:
    talk.hear()
    mock._state.followers.unfollow(OFFICIAL.appid, talk.user)
    answer = talk.post(SEND, TEXT)
    assert answer["errmsg"].startswith("response out of time limit or subscription is canceled rid: ")


def test_mini_program_needs_no_follower(mock: MockWeChat, client: Client) -> None:
    talk = Talk(mock, client, MINI)
    mock._state.followers.unfollow(MINI.appid, talk.user)
    talk.hear("user_enter_tempsession")
    assert talk.post(SEND, TEXT) == OK


MEDIA = {"media_id": "M"}
CARD = {"title": "t", "appid": MINI.appid, "pagepath": "pages/index/index", "thumb_media_id": "M"}
LINK = {"title": "t", "description": "d", "url": "http://localhost/", "thumb_url": "http://localhost/a.png"}
MENU = {"head_content": "满意吗？", "list": [{"id": "101", "content": "满意"}], "tail_content": "欢迎再次光临"}


OFFICIAL_CONTENTS: list[tuple[str, object, int]] = [
    ("text", {"content": "a" * 2048}, 0),
    ("text", {"content": "中" * 683}, 45002),
    ("text", {"content": ""}, 44004),
    ("text", {"content": 5}, 44004),
    ("text", "hello", 44004),
    *[
        (kind, content, errcode)
        for kind in ("image", "voice", "mpnews")
        for content, errcode in [(MEDIA, 0), ({}, 40007), ({"media_id": ""}, 40007), ({"media_id": None}, 40007)]
    ],
    ("video", {**MEDIA, "thumb_media_id": "M"}, 0),
    ("video", MEDIA, 40007),
    ("music", {"thumb_media_id": "M", "musicurl": "u", "hqmusicurl": "u"}, 0),
    ("music", {"musicurl": "u", "hqmusicurl": "u"}, 40007),
    ("news", {"articles": [{"title": "t", "url": "http://localhost/"}]}, 0),
    ("news", {"articles": [{}, {}]}, 45008),
    ("news", {"articles": []}, 44003),
    ("news", {"articles": ["a"]}, 44003),
    ("mpnewsarticle", {"article_id": "A"}, 0),
    ("mpnewsarticle", {}, 40007),
    ("msgmenu", MENU, 0),
    ("msgmenu", {**MENU, "list": [{"id": "101"}]}, 47001),
    ("wxcard", {"card_id": "C"}, 0),
    ("wxcard", {}, 40073),
    ("miniprogrampage", CARD, 0),
    ("miniprogrampage", {**CARD, "appid": "wx1"}, 40166),
    ("miniprogrampage", {**CARD, "pagepath": ""}, 40165),
    ("miniprogrampage", {**CARD, "thumb_media_id": ""}, 40007),
    ("link", LINK, 45162),
    ("sticker", {}, 40008),
]
MINI_CONTENTS: list[tuple[str, object, int]] = [
    ("text", {"content": "你好"}, 0),
    ("image", MEDIA, 0),
    ("image", {"media_id": "unknown"}, 40007),
    ("link", LINK, 0),
    ("link", {**LINK, "url": ""}, 47001),
    ("miniprogrampage", {**CARD, "appid": None}, 0),
    ("news", {"articles": [{}]}, 45162),
]


@pytest.mark.parametrize(("account", "contents"), [(OFFICIAL, OFFICIAL_CONTENTS), (MINI, MINI_CONTENTS)])
def test_message_needs_the_content_of_its_type(
    mock: MockWeChat, client: Client, account: Account, contents: list[tuple[str, object, int]]
) -> None:
    talk = Talk(mock, client, account)
    store(mock, account.appid, "M")
    for kind, content, errcode in contents:
        mock._state.conversations = Conversations()
        talk.hear()
        assert talk.send(msgtype=kind, **{kind: content}) == errcode, (kind, content)


def test_refused_content_costs_no_message(talk: Talk) -> None:
    talk.hear("CLICK")
    assert [talk.send(msgtype="text") for _ in range(5)] == [44004] * 5
    assert [talk.send() for _ in range(3)] == [0] * 3


@pytest.mark.parametrize("touser", [None, "", "o1", 5, ["o1"], {}])
def test_message_needs_a_user_of_the_account(talk: Talk, touser: object) -> None:
    talk.hear()
    assert talk.send(**TEXT, touser=touser) == 40003
    assert talk.post(TYPING, {"touser": touser, "command": "Typing"})["errcode"] == 40003


def test_openid_of_another_account_is_invalid(mock: MockWeChat, talk: Talk) -> None:
    assert talk.send(**TEXT, touser=mock.openid(MINI.appid)) == 40003
    mock.set_openid(OFFICIAL.appid, talk.user, "foreign")
    assert talk.send() == 40003


def test_typing_follows_a_message_of_the_last_30_seconds(talk: Talk, clock: FakeClock) -> None:
    assert talk.type() == 45015
    talk.hear()
    clock.advance(31)
    assert talk.type() == 45080
    talk.send()
    clock.advance(30)
    assert talk.type() == 0
    assert talk.type("typing") == 45072


def test_typing_lasts_15_seconds_or_until_a_message(talk: Talk, clock: FakeClock) -> None:
    talk.hear()
    assert [talk.type(), talk.type()] == [0, 45081]
    assert [talk.type("CancelTyping"), talk.type()] == [0, 0]
    talk.send()
    assert talk.type() == 0
    clock.advance(15)
    assert talk.type() == 0


def test_escaped_text_is_noted(mock: MockWeChat, client: Client, talk: Talk) -> None:
    talk.hear()
    talk.send()
    assert mock.calls()[-1].notes == ("escaped",)
    token = client.token()["access_token"]
    raw = f'{{"touser":"{talk.user}","msgtype":"text","text":{{"content":"你好\\n"}}}}'.encode()
    assert client.raw("POST", SEND, params={"access_token": token}, data=raw).json() == OK
    assert mock.calls()[-1].notes == ()


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"{", b'{"touser":NaN}', b'{"touser":1e999}', b"\xff"])
def test_body_must_be_a_json_object(client: Client, body: bytes) -> None:
    token = client.token()["access_token"]
    assert client.raw("POST", SEND, params={"access_token": token}, data=body).json()["errcode"] == 47001
    assert client.raw("POST", SEND, params={"access_token": token}).json()["errcode"] == 44002


def test_mass_message_goes_to_two_or_more_followers(mock: MockWeChat, talk: Talk) -> None:
    users = [mock.openid(OFFICIAL.appid, name) for name in ("zhangsan", "lisi")]
    draft = mock._state.drafts.add(OFFICIAL.appid, [], NOW).id
    answer = talk.post(MASS, {**TEXT, "touser": users})
    assert (answer["errcode"], answer["errmsg"]) == (0, "send job submission success")
    assert (mock.sent("mass")[0].touser, mock.sent("mass")[0].msgid) == (users, answer["msg_id"])
    changes: list[tuple[dict[str, object], int]] = [
        ({"touser": users[:1]}, 40130),
        ({"touser": users[0]}, 40130),
        ({"touser": [*users, "o1"]}, 40003),
        ({"msgtype": "news"}, 40008),
        ({"text": {}}, 44004),
        ({"msgtype": "mpnews", "mpnews": {}}, 40007),
        ({"msgtype": "mpnews", "mpnews": {"media_id": "unknown"}}, 40007),
        ({"msgtype": "mpnews", "mpnews": {"media_id": draft}}, 0),
    ]
    for change, errcode in changes:
        assert talk.post(MASS, {**TEXT, "touser": users, **change})["errcode"] == errcode


def test_sent_messages_can_be_asked_for(mock: MockWeChat, client: Client, talk: Talk) -> None:
    talk.hear()
    talk.send(msgtype="text")
    talk.type()
    talk.send()
    assert client.get("/_mock/sent")["last_id"] == 2
    first, second = client.get("/_mock/sent")["sent"]
    assert first["kind"] == "typing"
    assert second == {
        "id": 2, "at": NOW, "appid": OFFICIAL.appid, "path": SEND, "kind": "custom", "touser": talk.user,
        "message": {"touser": talk.user, **TEXT}, "rendered": None, "msgid": None,
    }  # fmt: skip
    queries: list[tuple[dict[str, object], list[int]]] = [
        ({"kind": "custom"}, [2]),
        ({"after": 1}, [2]),
        ({"newest": 1}, [2]),
        ({"appid": MINI.appid}, []),
        ({"appid": OFFICIAL.appid, "kind": "typing"}, [1]),
    ]
    for query, ids in queries:
        assert [message["id"] for message in client.get("/_mock/sent", **query)["sent"]] == ids
    assert client.get("/_mock/sent", kind="texts")["field"] == "kind"
    assert [message.kind for message in mock.sent()] == ["typing", "custom"]
    mock.reset()
    assert client.get("/_mock/sent") == {"sent": [], "last_id": 0}
