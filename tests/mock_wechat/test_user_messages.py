"""Messages and events of users: how they are pushed, what they change, and the passive reply."""

import hashlib
import re
from collections.abc import Callable, Iterator

import pytest

from mock_wechat import MINI, OFFICIAL, MockWeChat
from mock_wechat.crypto import decrypt, encrypt, signature
from mock_wechat.wire import Delivery, Request, Response

from .client import NOW, Client, FakeClock
from .receiver import Receiver

NOTICE = "该公众号提供的服务出现故障，请稍后再试"


@pytest.fixture
def mock(
    shell: Callable[..., MockWeChat], clock: FakeClock, receiver: Receiver, push_seconds: float
) -> Iterator[MockWeChat]:
    """Both accounts push to the receiver."""
    with shell(clock=clock, seed=1, push_seconds=push_seconds) as mock:
        for account in (OFFICIAL, MINI):
            mock.add_account(account.appid, account.secret, account.kind, push_url=f"{receiver.url}/wx?mine=1")
        yield mock


def text_reply(mock: MockWeChat) -> str:
    """The reply of a server that knows the account's original id."""
    original_id = mock.message(content="who are you?").message["ToUserName"]
    return (
        f"<xml><ToUserName><![CDATA[{mock.openid(OFFICIAL.appid)}]]></ToUserName>"
        f"<FromUserName><![CDATA[{original_id}]]></FromUserName><CreateTime>12345678</CreateTime>"
        f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好]]></Content></xml>"
    )


def answer(receiver: Receiver, *bodies: str, status: int = 200) -> None:
    receiver.answers.extend(Response(body.encode(), "text/xml", status) for body in bodies)


def test_text_is_pushed_as_signed_xml(mock: MockWeChat, receiver: Receiver) -> None:
    sent = mock.message(OFFICIAL.appid, type="text", content="你好 ]]> \x01")
    push, openid = receiver.pushes[0], mock.openid(OFFICIAL.appid)
    parts = sorted([OFFICIAL.push_token, push.query["timestamp"], push.query["nonce"]])
    assert push.query["signature"] == hashlib.sha1("".join(parts).encode()).hexdigest()
    assert (push.path, push.query["mine"], push.query["openid"]) == ("/wx", "1", openid)
    assert (push.headers["content-type"], push.query["timestamp"]) == ("text/xml", str(NOW))
    message_id = sent.message["MsgId"]
    assert push.body.decode() == (
        f"<xml><ToUserName><![CDATA[{sent.message['ToUserName']}]]></ToUserName>"
        f"<FromUserName><![CDATA[{openid}]]></FromUserName><CreateTime>{NOW}</CreateTime>"
        "<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好 ]]]]><![CDATA[> \x01]]></Content>"
        f"<MsgId>{message_id}</MsgId></xml>"
    )
    assert isinstance(message_id, int)
    assert message_id >> 32 == NOW // 300  # as 24916839309634085 at 1740421000: too large for a double
    assert re.fullmatch("gh_[0-9a-f]{12}", str(sent.message["ToUserName"]))


def test_mini_program_gets_json(mock: MockWeChat, receiver: Receiver) -> None:
    sent = mock.message(MINI.appid, "miniprogrampage", title="t")
    assert receiver.pushes[0].headers["content-type"] == "application/json"
    assert receiver.message() == sent.message
    assert list(receiver.message())[:6] == ["ToUserName", "FromUserName", "CreateTime", "MsgType", "MsgId", "Title"]


def test_json_has_the_answers_to_a_dialog_without_their_wrapper(mock: MockWeChat, receiver: Receiver) -> None:
    mock.message(MINI.appid, "subscribe_msg_popup_event", template_id="one")
    assert receiver.message()["List"] == [{"TemplateId": "one", "SubscribeStatusString": "accept", "PopupScene": 0}]
    mock.message(OFFICIAL.appid, "subscribe_msg_popup_event", template_id="one")
    assert b"<SubscribeMsgPopupEvent><List><TemplateId>" in receiver.pushes[1].body


def test_call_overrides_url_mode_and_format(mock: MockWeChat, receiver: Receiver) -> None:
    mock.message(MINI.appid, content="x", url=f"{receiver.url}/other", mode="compat", format="xml", user="lisi")
    body = receiver.pushes[0].body.decode()
    assert receiver.pushes[0].path == "/other"
    assert body.startswith("<xml><ToUserName>")
    assert f"<FromUserName><![CDATA[{mock.openid(MINI.appid, 'lisi')}]]>" in body
    assert "<Encrypt>" in body


def test_passive_reply_is_shown(mock: MockWeChat, receiver: Receiver, client: Client) -> None:
    reply = text_reply(mock)
    answer(receiver, reply)
    shown = client.post("/_mock/messages", {"appid": OFFICIAL.appid, "type": "text", "content": "在吗"})
    assert (shown["reply"]["MsgType"], shown["reply"]["Content"]) == ("text", "你好")
    assert (shown["outcome"], shown["problem"], shown["notice"]) == ("accepted", None, None)
    [push] = shown["pushes"]
    assert (push["attempt"], push["answer"], push["message"]) == (1, reply, shown["message"])
    assert push in client.get("/_mock/pushes")["pushes"]


def test_secure_message_and_reply(mock: MockWeChat, receiver: Receiver) -> None:
    mock.add_account(OFFICIAL.appid, OFFICIAL.secret, push_mode="secure")
    inner = text_reply(mock)
    sealed = encrypt(inner, OFFICIAL.push_aes_key, OFFICIAL.appid, b"0" * 16)
    signed = signature(OFFICIAL.push_token, "1", "2", sealed)
    stamps = "<TimeStamp>1</TimeStamp><Nonce>2</Nonce>"
    answer(receiver, f"<xml><Encrypt>{sealed}</Encrypt><MsgSignature>{signed}</MsgSignature>{stamps}</xml>", inner)
    first, second = mock.message(content="a"), mock.message(content="b")
    assert first.reply
    assert first.reply["Content"] == "你好"
    encrypted = re.search(r"<Encrypt><!\[CDATA\[(.*)\]\]>", receiver.pushes[-2].body.decode())
    assert encrypted
    assert "<Content><![CDATA[a]]></Content>" in decrypt(encrypted[1], OFFICIAL.push_aes_key)[0]
    assert (second.outcome, second.reply, second.notice) == ("refused", None, NOTICE)
    assert second.problem == "it is not encrypted, and the account's push_mode is secure"


def test_unusable_answer_breaks_the_chat_and_is_not_repeated(mock: MockWeChat, receiver: Receiver) -> None:
    answer(receiver, '{"errcode":0}')
    sent = mock.message(content="x")
    assert (sent.outcome, sent.notice) == ("refused", NOTICE)
    assert sent.problem == "JSON, but the account's push_format is xml"
    assert [push.detail for push in sent.pushes] == [sent.problem]


def test_error_status_is_repeated_with_the_same_id(mock: MockWeChat, receiver: Receiver) -> None:
    answer(receiver, "oh", "oh", "oh", status=500)
    sent = mock.message(content="x")
    assert [(push.attempt, push.outcome) for push in sent.pushes] == [(n, "refused") for n in (1, 2, 3)]
    assert (sent.problem, sent.notice) == ("HTTP status 500", NOTICE)
    assert len({push.body for push in receiver.pushes}) == 1
    assert len({push.query["nonce"] for push in receiver.pushes}) == 3


@pytest.mark.parametrize("push_seconds", [0.1])
def test_late_answer_is_lost_and_the_second_attempt_counts(mock: MockWeChat, receiver: Receiver) -> None:
    receiver.answers.append(Response(b"", "text/plain", delivery=Delivery(delay_seconds=600)))
    sent = mock.message(content="x")
    assert [push.outcome for push in sent.pushes] == ["timeout", "accepted"]
    assert (sent.outcome, sent.problem, sent.notice) == ("accepted", None, None)


def test_mini_program_and_unsubscribe_show_no_notice(mock: MockWeChat, receiver: Receiver) -> None:
    answer(receiver, "no", "no")
    for sent in (mock.message(MINI.appid, content="x"), mock.message(type="unsubscribe")):
        assert (sent.outcome, sent.notice) == ("refused", None)


def test_same_id_and_time_can_be_sent_again(mock: MockWeChat, receiver: Receiver) -> None:
    first = mock.message(content="x")
    mock.message(content="x", msg_id=first.message["MsgId"], create_time=first.message["CreateTime"])
    assert receiver.pushes[0].body == receiver.pushes[1].body
    assert mock.message(content="x").message["MsgId"] != first.message["MsgId"]


def test_followers_come_and_go(mock: MockWeChat, client: Client) -> None:
    mock.message(type="unsubscribe")
    refused = client.raw("POST", "/_mock/messages", json={"appid": OFFICIAL.appid, "content": "x"})
    assert (refused.status_code, refused.json()["field"]) == (400, "type")
    assert "does not follow" in refused.json()["error"]
    assert mock.message(content="x", user="lisi").outcome == "accepted"
    assert mock.message(type="TEMPLATESENDJOBFINISH").outcome == "accepted"
    mock.message(type="subscribe")
    assert mock.message(content="x").outcome == "accepted"


def test_codes_scene_is_the_followers(mock: MockWeChat, client: Client) -> None:
    token = client.token()["access_token"]
    for name, scene, field in (("zhangsan", 123, "qr_scene"), ("lisi", "shop", "qr_scene_str")):
        mock.message(type="unsubscribe", user=name)
        sent = mock.message(type="subscribe", user=name, scene=scene)
        assert sent.message["EventKey"] == f"qrscene_{scene}"
        info = client.get("/cgi-bin/user/info", access_token=token, openid=sent.openid)
        assert (info["subscribe_scene"], info[field]) == ("ADD_SCENE_QR_CODE", scene)


def test_ticket_of_a_code_is_enough(mock: MockWeChat, client: Client) -> None:
    asked = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "shop"}}}
    token = client.token()["access_token"]
    ticket = client.post("/cgi-bin/qrcode/create", asked, access_token=token)["ticket"]
    assert mock.message(type="SCAN", ticket=ticket).message["EventKey"] == "shop"
    assert mock.message(type="SCAN", scene="shop").message["Ticket"] == ticket
    with pytest.raises(ValueError, match="has no code with the ticket"):
        mock.message(MINI.appid, type="SCAN", ticket=ticket)


@pytest.mark.parametrize(
    ("kind", "content_type"), [("image", "image/png"), ("voice", "audio/amr"), ("miniprogrampage", "image/png")]
)
def test_file_of_a_message_can_be_fetched(mock: MockWeChat, client: Client, kind: str, content_type: str) -> None:
    message = mock.message(type=kind).message
    media_id = str(message.get("MediaId") or message["ThumbMediaId"])
    token = client.token()["access_token"]
    got = client.raw("GET", "/cgi-bin/media/get", params={"access_token": token, "media_id": media_id})
    assert (got.headers["Content-Type"], len(got.content) > 5) == (content_type, True)


def test_message_opens_the_conversation_by_wechats_clock(mock: MockWeChat, client: Client) -> None:
    def send() -> int:
        asked = {"touser": mock.openid(OFFICIAL.appid), "msgtype": "text", "text": {"content": "你好"}}
        token = client.token()["access_token"]
        return int(client.post("/cgi-bin/message/custom/send", asked, access_token=token)["errcode"])

    mock.message(content="x")
    assert send() == 0
    mock.clock.advance(48 * 3600)
    assert send() == 45015
    mock.message(content="x")
    assert send() == 0


def test_event_about_an_authorization_comes_from_the_platform(mock: MockWeChat, receiver: Receiver) -> None:
    sent = mock.message(MINI.appid, "user_authorization_revoke")
    assert receiver.message()["OpenID"] == mock.openid(MINI.appid) == sent.openid != receiver.message()["FromUserName"]


def test_account_without_a_push_url_pushes_nothing(mock: MockWeChat, receiver: Receiver, client: Client) -> None:
    mock.add_account(OFFICIAL.appid, OFFICIAL.secret, push_url=None)
    sent = mock.message(content="x")
    assert (sent.outcome, sent.pushes, receiver.pushes, sent.notice) == ("unsent", [], [], None)
    assert "has no push_url" in str(sent.problem)
    assert client.get("/_mock/messages")["messages"] == [sent.as_json()]


def test_list_of_messages(mock: MockWeChat, client: Client) -> None:
    first, second = mock.message(content="a"), mock.message(MINI.appid, content="b")
    listed = client.get("/_mock/messages")
    assert (listed["last_id"], [it["message"] for it in listed["messages"]]) == (2, [first.message, second.message])
    assert listed["messages"][0] == first.as_json()
    assert "pushes" not in listed["messages"][0]
    assert [it["id"] for it in client.get("/_mock/messages", after="1")["messages"]] == [2]
    assert [it["id"] for it in client.get("/_mock/messages", appid=OFFICIAL.appid)["messages"]] == [1]
    mock.reset()
    assert client.get("/_mock/messages") == {"messages": [], "last_id": 0}


@pytest.mark.parametrize("push_seconds", [5.0])
def test_server_may_call_wechat_before_it_answers(mock: MockWeChat, client: Client) -> None:
    class Asking(Receiver):
        def _answer(self, request: Request) -> Response:
            with Client(mock.url) as own:
                own.get("/_mock/state")
            return super()._answer(request)

    with Asking() as asking:
        given = {"appid": OFFICIAL.appid, "content": "x", "url": asking.url}
        assert client.post("/_mock/messages", given)["outcome"] == "accepted"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"appid": "wx1"}, "appid"),
        ({"type": ""}, "type"),
        ({"type": ["text"]}, "type"),
        ({"user": "nobody"}, "user"),
        ({"openid": "o_nobody"}, "openid"),
        ({"url": "ftp://x"}, "url"),
        ({"mode": "aes"}, "mode"),
        ({"format": "amr"}, "format"),
        ({"create_time": -1}, "create_time"),
        ({"create_time": 2**70}, "create_time"),
        ({"type": "subscribe", "scene": {}}, "scene"),
        ({"type": "SCAN"}, "scene"),
        ({"type": "SCAN", "ticket": "unknown"}, "ticket"),
        ({"content": 5}, "content"),
    ],
)
def test_wrong_call_is_refused_by_name_and_changes_nothing(
    client: Client, receiver: Receiver, given: dict[str, object], field: str
) -> None:
    refused = client.raw("POST", "/_mock/messages", json={"appid": OFFICIAL.appid, **given})
    assert (refused.status_code, refused.json()["field"]) == (400, field)
    assert client.get("/_mock/messages")["messages"] == receiver.pushes == []
