"""Signatures and encryption of pushes, and of the answers to them."""

import json

import pytest

from app.accounts import Account
from app.errors import NotConfigured
from app.push import PushRefused, PushUnreadable, Receiver
from app.push.receiver import signature
from mock_wechat import crypto
from tests.app.push.samples import APPID, KEY, NONCE, OTHER_KEY, REPLY, TOKEN, VECTORS, account, plain_query, secure
from tests.doubles import START, FakeClock

HELLO = b'{"MsgType":"text","Content":"hello"}'
PLAIN, SECURE = Receiver(account(), FakeClock()), Receiver(account(KEY), FakeClock())


def test_published_url_check_is_answered_with_its_echostr() -> None:
    sample = VECTORS["url_check"][0]
    receiver = Receiver(account(token=sample["token"]), FakeClock(int(sample["timestamp"])))
    assert receiver.check_url(sample) == "4375120948345356249"


@pytest.mark.parametrize("echostr", ["", "a b", "中", "\n", "<script>\x00", "x" * 257])
def test_echostr_that_wechat_would_not_send_is_not_echoed(echostr: str) -> None:
    with pytest.raises(PushUnreadable):
        PLAIN.check_url({**plain_query(), "echostr": echostr})


@pytest.mark.parametrize("receiver", [PLAIN, SECURE])
def test_url_check_with_a_wrong_signature_is_refused(receiver: Receiver) -> None:
    with pytest.raises(PushRefused):
        receiver.check_url({**plain_query(token="another"), "echostr": "1"})


def test_plain_and_secure_push_are_opened() -> None:
    assert PLAIN.open(plain_query(), HELLO).text("Content") == "hello"
    assert SECURE.open(*secure(HELLO)).text("Content") == "hello"


def test_compatible_mode_uses_the_encrypted_part_only() -> None:
    assert SECURE.open(*secure(HELLO, MsgType="event", Content="forged")).fields == json.loads(HELLO)


def test_secure_push_in_xml_is_opened() -> None:
    query, body = secure(b"<xml><MsgType>text</MsgType></xml>")
    encrypted = json.loads(body)["Encrypt"]
    assert SECURE.open(query, f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode()).form == "xml"


def test_previous_key_is_tried_too() -> None:
    assert Receiver(account(OTHER_KEY, KEY), FakeClock()).open(*secure(HELLO)).text("Content") == "hello"


def test_with_a_key_a_plain_push_is_refused_whatever_its_signature() -> None:
    query = plain_query()
    for body in (HELLO, b'{"Encrypt":""}', b'{"Encrypt":null}'):
        with pytest.raises(PushRefused) as caught:
            SECURE.open({**query, "msg_signature": query["signature"]}, body)
        assert "not encrypted" in caught.value.reason


def test_encrypted_push_without_a_key_names_the_setting() -> None:
    with pytest.raises(PushUnreadable, match="push_aes_key"):
        PLAIN.open(*secure(HELLO))


@pytest.mark.parametrize("name", ["msg_signature", "timestamp", "nonce"])
def test_secure_push_with_any_signed_part_changed_is_refused(name: str) -> None:
    query, body = secure(HELLO)
    for value in ("", query[name][::-1], "\ud800", "é"):
        with pytest.raises(PushRefused):
            SECURE.open({**query, name: value}, body)
    with pytest.raises(PushRefused):
        SECURE.open({given: query[given] for given in query if given != name}, body)
    with pytest.raises(PushRefused):
        SECURE.open(query, secure(b'{"MsgType":"event"}')[1])


def test_wrong_key_appid_and_signature_have_the_same_error_text() -> None:
    """Otherwise the answers would reveal which ciphertexts have good padding."""
    query, body = secure(HELLO)
    texts = set()
    for receiver, wrong in [
        (SECURE, {"msg_signature": "0" * 40}),
        (Receiver(account(OTHER_KEY), FakeClock()), {}),
        (Receiver(account(KEY, appid="wx0000000000000009"), FakeClock()), {}),
    ]:
        with pytest.raises(PushRefused) as caught:
            receiver.open(query | wrong, body)
        texts.add(str(caught.value))
    assert len(texts) == 1


@pytest.mark.parametrize("seconds", [-301, 301, -86400])
def test_push_of_another_time_is_refused(seconds: float) -> None:
    with pytest.raises(PushRefused):
        PLAIN.open(plain_query(START + seconds), HELLO)
    with pytest.raises(PushRefused):
        SECURE.open(*secure(HELLO, timestamp=START + seconds))
    with pytest.raises(PushRefused):
        PLAIN.check_url({**plain_query(START + seconds), "echostr": "1"})


@pytest.mark.parametrize("seconds", [-300, 300])
def test_push_of_five_minutes_ago_is_accepted(seconds: float) -> None:
    assert PLAIN.open(plain_query(START + seconds), HELLO)


@pytest.mark.parametrize("timestamp", ["", "soon", "-1", "1e9", "９", "9" * 400, " 1790000000"])
def test_signed_text_that_is_no_timestamp_is_refused(timestamp: str) -> None:
    query = {"signature": crypto.signature(TOKEN, timestamp, NONCE), "timestamp": timestamp, "nonce": NONCE}
    with pytest.raises(PushRefused):
        PLAIN.open(query, HELLO)


@pytest.mark.parametrize("body", [b"", b"[]", b"<xml>", b"<!DOCTYPE x [<!ENTITY a 'b'>]><xml>&a;</xml>"])
def test_verified_push_that_cannot_be_read_is_not_refused(body: bytes) -> None:
    assert PLAIN.open(plain_query(), body).fields == {}
    message = SECURE.open(*secure(body))
    assert (message.fields, message.content) == ({}, body)


@pytest.mark.parametrize("receiver", [PLAIN, SECURE])
def test_body_is_not_read_before_the_signature_is_checked(receiver: Receiver) -> None:
    class Unread(bytes):
        def decode(self, *_: object) -> str:
            raise AssertionError("the body was read")

    with pytest.raises(PushRefused):
        receiver.open(plain_query(token="another"), Unread(b"{}"))


def test_user_text_that_looks_encrypted_is_ignored() -> None:
    query, body = secure(HELLO)
    encrypted = json.loads(body)["Encrypt"]
    xml = f"<xml><Content><![CDATA[<Encrypt>AAAA</Encrypt>\x1d]]></Content><Encrypt>{encrypted}</Encrypt></xml>"
    assert SECURE.open(query, xml.encode()).text("Content") == "hello"


def test_signature_in_place_of_msg_signature_is_named() -> None:
    query, body = secure(HELLO)
    with pytest.raises(PushRefused) as caught:
        SECURE.open({**query, "msg_signature": query["signature"]}, body)
    assert caught.value.reason == "msg_signature is wrong: it is the value of signature"


@pytest.mark.parametrize("sample", VECTORS["url_check"])
def test_signature_is_the_published_one(sample: dict[str, str]) -> None:
    assert signature(sample["token"], sample["timestamp"], sample["nonce"]) == sample["signature"]


def test_msg_signature_is_the_published_one() -> None:
    parts = (REPLY["token"], REPLY["timestamp"], REPLY["nonce"], REPLY["encrypt"])
    assert signature(*parts) == REPLY["msg_signature"]


def test_answer_is_wrapped_as_published() -> None:
    clock = FakeClock(int(REPLY["timestamp"]))
    owner = account(REPLY["encoding_aes_key"], token=REPLY["token"], appid=REPLY["appid"])
    receiver = Receiver(owner, clock, lambda count: REPLY["random"].encode()[:count])
    reply = json.loads(receiver.write_reply({"demo_resp": "good luck"}, "json"))
    assert reply["TimeStamp"] == 1713424427
    parts = (REPLY["token"], REPLY["timestamp"], reply["Nonce"], reply["Encrypt"])
    assert crypto.signature(*parts) == reply["MsgSignature"]
    message, appid = crypto.decrypt(reply["Encrypt"], REPLY["encoding_aes_key"])
    assert (json.loads(message), appid) == (json.loads(REPLY["msg"]), REPLY["appid"])


def test_answer_to_xml_is_xml() -> None:
    assert PLAIN.write_reply({"MsgType": "x", "CreateTime": 1}, "xml") == (
        b"<xml><MsgType><![CDATA[x]]></MsgType><CreateTime>1</CreateTime></xml>"
    )
    assert SECURE.write_reply({"MsgType": "x"}, "xml").startswith(b"<xml><Encrypt><![CDATA[")


def test_account_without_a_push_token_has_no_receiver() -> None:
    with pytest.raises(NotConfigured, match="mini has no push_token"):
        Receiver(Account("mini", APPID, "s", "mini"), FakeClock())


def test_no_repr_shows_token_or_key() -> None:
    assert TOKEN not in repr(account(KEY))
    assert KEY not in repr(account(KEY))
