"""Passive replies by WeChat's documents (被动回复用户消息, 转发客服消息, 消息加解密说明), and what WeChat can't use."""

import json
from dataclasses import replace
from typing import Any

import pytest

from mock_wechat import MINI, OFFICIAL, Account
from mock_wechat.crypto import encrypt, signature
from mock_wechat.push.replies import read_reply
from mock_wechat.push.xml import read_xml

PUSHED = {"ToUserName": "gh_1", "FromUserName": "o_user", "CreateTime": 1, "MsgType": "text", "Content": "x"}
EVENT = {**PUSHED, "MsgType": "event", "Event": "CLICK"}
HEAD = {"ToUserName": "o_user", "FromUserName": "gh_1", "CreateTime": 12345678}
JSON, SECURE = replace(OFFICIAL, push_format="json"), replace(OFFICIAL, push_mode="secure")


def xml(details: str, **changes: str) -> bytes:
    """A reply: the envelope, with changes, then `details`."""
    head = {name: f"<![CDATA[{value}]]>" if isinstance(value, str) else str(value) for name, value in HEAD.items()}
    return f"<xml>{''.join(f'<{name}>{it}</{name}>' for name, it in (head | changes).items())}{details}</xml>".encode()


def kind(name: str, content: str = "") -> str:
    return f"<MsgType><![CDATA[{name}]]></MsgType>{content}"


def articles(count: int, counted: int | None = None) -> str:
    item = "<item><Title>t</Title><Description>d</Description><PicUrl>p</PicUrl><Url>u</Url></item>"
    return kind("news", f"<ArticleCount>{counted or count}</ArticleCount><Articles>{item * count}</Articles>")


def sealed(content: bytes, appid: str = OFFICIAL.appid, **changes: object) -> dict[str, object]:
    encrypted = encrypt(content.decode(), OFFICIAL.push_aes_key, appid, b"0" * 16)
    fields = {"Encrypt": encrypted, "TimeStamp": 1713424427, "Nonce": "415670741", **changes}
    parts = [str(fields[name]) for name in ("TimeStamp", "Nonce", "Encrypt") if name in fields]
    return {"MsgSignature": signature(OFFICIAL.push_token, *parts), **fields}


def sealed_xml(content: bytes, **how: Any) -> bytes:
    return f"<xml>{''.join(f'<{name}>{it}</{name}>' for name, it in sealed(content, **how).items())}</xml>".encode()


TEXT = xml(kind("text", "<Content><![CDATA[你好]]></Content>"))
MEDIA = "<MediaId><![CDATA[media_id]]></MediaId>"
ARTICLE = {"Title": "t", "Description": "d", "PicUrl": "p", "Url": "u"}


@pytest.mark.parametrize("body", [b"", b"success"])
def test_success_and_nothing_are_no_reply(body: bytes) -> None:
    assert read_reply(body, PUSHED, SECURE) is None


@pytest.mark.parametrize(
    ("body", "details"),
    [
        (TEXT, {"MsgType": "text", "Content": "你好"}),
        (b"\n" + TEXT, {"MsgType": "text", "Content": "你好"}),
        (xml(kind("image", f"<Image>\n{MEDIA}\n</Image>")), {"MsgType": "image", "Image": {"MediaId": "media_id"}}),
        (xml(kind("voice", f"<Voice>{MEDIA}</Voice>")), {"MsgType": "voice", "Voice": {"MediaId": "media_id"}}),
        (
            xml(kind("video", f"<Video>{MEDIA}<Title>t</Title><Description>d</Description></Video>")),
            {"MsgType": "video", "Video": {"MediaId": "media_id", "Title": "t", "Description": "d"}},
        ),
        (
            xml(kind("music", "<Music><MusicUrl>m</MusicUrl><ThumbMediaId>i</ThumbMediaId><Else>e</Else></Music>")),
            {"MsgType": "music", "Music": {"MusicUrl": "m", "ThumbMediaId": "i"}},
        ),
        (xml(articles(1)), {"MsgType": "news", "ArticleCount": 1, "Articles": {"item": [ARTICLE]}}),
        (xml(kind("transfer_customer_service")), {"MsgType": "transfer_customer_service"}),
        (
            xml(kind("transfer_customer_service", "<TransInfo><KfAccount>test1@test</KfAccount></TransInfo>")),
            {"MsgType": "transfer_customer_service", "TransInfo": {"KfAccount": "test1@test"}},
        ),
    ],
)
def test_reply_is_read(body: bytes, details: dict[str, object]) -> None:
    assert read_reply(body, PUSHED, OFFICIAL) == HEAD | details


@pytest.mark.parametrize(("pushed", "shown"), [(PUSHED, 1), (EVENT, 8)])
def test_articles_beyond_the_limit_are_not_shown(pushed: dict[str, object], shown: int) -> None:
    reply: Any = read_reply(xml(articles(9)), pushed, OFFICIAL)
    assert (reply["ArticleCount"], reply["Articles"]) == (9, {"item": [ARTICLE] * shown})


def test_json_account_replies_in_json() -> None:
    reply = HEAD | {"MsgType": "text", "Content": "你好"}
    assert read_reply(json.dumps(reply).encode(), PUSHED, JSON) == reply
    secure = replace(JSON, push_mode="secure")
    assert read_reply(json.dumps(sealed(json.dumps(reply).encode())).encode(), PUSHED, secure) == reply


@pytest.mark.parametrize("account", [SECURE, replace(OFFICIAL, push_mode="compat")])
def test_encrypted_reply_is_read(account: Account) -> None:
    reply: Any = read_reply(sealed_xml(TEXT), PUSHED, account)
    assert reply["Content"] == "你好"


def test_compatible_mode_takes_a_plain_reply() -> None:
    assert read_reply(TEXT, PUSHED, replace(OFFICIAL, push_mode="compat"))


def test_mini_program_may_forward_to_customer_service_only() -> None:
    forward = xml(kind("transfer_customer_service"))
    assert read_reply(forward, PUSHED, MINI)  # XML, although its pushes are JSON
    with pytest.raises(ValueError, match="a mini program takes no reply but success"):
        read_reply(TEXT, PUSHED, replace(MINI, push_format="xml"))


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"success\n", "not XML"),
        (b"ok", "not XML"),
        (b"\xff", "not UTF-8"),
        (b"\xef\xbb\xbf" + TEXT, "byte order mark"),
        (b'\n<?xml version="1.0"?>' + TEXT, "not XML"),
        (TEXT[:-1], "not XML"),
        (TEXT.replace(b"xml", b"XML"), "the root element is 'XML'"),
        (b"<xml>x</xml>", "ToUserName is missing"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]>' + TEXT, "it has a DTD"),
        (b"<xml>" + b"<a>" * 20 + b"</a>" * 20 + b"</xml>", "8 levels"),
        (b"<xml>" + b"<a/>" * 300 + b"</xml>", "200 elements"),
        (b'{"MsgType":"text"}', "JSON, but the account's push_format is xml"),
        (xml(kind("text", "<Content>x</Content>"), ToUserName="gh_1"), "ToUserName is 'gh_1', not the FromUserName"),
        (xml(kind("text", "<Content>x</Content>"), FromUserName="wx1"), "FromUserName is 'wx1', not the ToUserName"),
        (xml(kind("text", "<Content>x</Content>"), CreateTime=""), "CreateTime is missing"),
        (xml(kind("text", "<Content>x</Content>"), CreateTime="9" * 5000), "CreateTime is missing or not a whole"),
        (xml("<Content>x</Content>"), "MsgType is missing, not one of text"),
        (xml(kind("txt")), "MsgType is 'txt'"),
        (xml(kind("text", "<Content></Content>")), "Content is missing, empty"),
        (xml(kind("text", "<Content>a</Content><Content>b</Content>")), "Content is missing, empty, or not one text"),
        (xml(kind("image", MEDIA)), "Image.MediaId is missing"),
        (xml(articles(1, 2)), "ArticleCount is 2, but there are 1"),
        (xml(kind("news", "<ArticleCount>1</ArticleCount>")), "Articles.item.Title is missing"),
        (sealed_xml(TEXT), "it is encrypted, and the account's push_mode is plain"),
    ],
)
def test_unusable_reply_is_refused_with_its_reason(body: bytes, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read_reply(body, PUSHED, OFFICIAL)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (TEXT, "it is not encrypted"),
        (sealed_xml(TEXT, MsgSignature="0" * 40), "MsgSignature is not that of"),
        (sealed_xml(TEXT, Encrypt="AAAA"), "not encrypted with this key"),
        (sealed_xml(TEXT, appid="wx1"), "it is encrypted for 'wx1'"),
        (sealed_xml(b"{}"), "JSON, but the account's push_format is xml"),
        (sealed_xml(b"<xml/>"), "ToUserName is missing"),
    ],
)
def test_wrongly_encrypted_reply_is_refused(body: bytes, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read_reply(body, PUSHED, SECURE)


@pytest.mark.parametrize(
    "body", [TEXT, b"{", b"{" + b'"a":{' * 30000, b'{"a":"\\ud800"}', b'{"MsgType":{}}', b'{"Encrypt":"\\ud800"}']
)
def test_no_json_stops_the_reader(body: bytes) -> None:
    for account in (JSON, replace(JSON, push_mode="secure")):
        with pytest.raises(ValueError, match=r"JSON|missing|surrogate|encrypted"):
            read_reply(body, PUSHED, account)


def test_repeated_and_empty_elements() -> None:
    assert read_xml("<xml><a>1</a><a>2</a><a/><b> <c>3</c> </b></xml>") == {"a": ["1", "2", ""], "b": {"c": "3"}}
