"""A message in JSON or XML: its kind and its identity."""

import json

import pytest

from app.push import read_message


def message(**fields: object) -> bytes:
    return json.dumps(fields).encode()


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (b'{"MsgType":"text","Content":"\x07 \xe4\xbd\xa0"}', "json"),
        (b'\xef\xbb\xbf{"MsgType":"text","Content":"\x07 \xe4\xbd\xa0"}', "json"),
        ("\n<xml><MsgType>text</MsgType><Content>你</Content></xml>".encode(), "xml"),
        ("\ufeff<xml><MsgType>text</MsgType><Content>你</Content></xml>".encode(), "xml"),
    ],
)
def test_form_is_detected_by_content(content: bytes, form: str) -> None:
    read = read_message(content)
    assert read.form == form
    assert read.text("Content").endswith("你")
    assert not read.is_event


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"5", b"{", b'{"a":1}{', b"\xff", b"[" * 100_000])
def test_unreadable_message_has_no_fields(content: bytes) -> None:
    assert read_message(content).fields == {}


def test_message_of_more_than_64_kb_is_not_read() -> None:
    content = message(MsgType="text", Content="")
    longest = message(MsgType="text", Content="x" * (65_536 - len(content)))
    assert read_message(longest).text("MsgType") == "text"
    assert read_message(longest + b" ").fields == {}
    assert read_message(b"<xml><a>1</a></xml>" + b" " * 65_536).fields == {}


@pytest.mark.parametrize("kind", ["event", "Event"])
def test_verdict_of_a_media_check_is_an_event_in_either_spelling(kind: str) -> None:
    assert read_message(message(MsgType=kind, Event="wxa_media_check")).is_media_result
    assert not read_message(message(MsgType=kind, Event="subscribe")).is_media_result
    assert not read_message(message(MsgType="text", Event="wxa_media_check")).is_media_result


def test_tries_of_one_message_have_one_identity() -> None:
    first, again = (message(MsgId=7, MsgType="text", Content=text) for text in ("a", "b"))
    assert read_message(first).identity == read_message(again).identity
    assert read_message(first).identity != read_message(message(MsgId=8, MsgType="text", Content="a")).identity


def test_two_events_of_one_user_in_one_second_are_two() -> None:
    sender = {"FromUserName": "o1", "CreateTime": 1714112445, "MsgType": "event"}
    one, other = (read_message(message(**sender, Event=event)) for event in ("subscribe", "SCAN"))
    assert one.identity != other.identity
    assert one.identity == read_message(message(**sender, Event="subscribe")).identity


def test_field_that_is_no_text_reads_as_empty() -> None:
    assert read_message(b'{"MsgType":"text","Content":"\xe4\xbd"}').text("MsgType") == "text"
    assert read_message(b'{"MsgType":{"a":1},"Event":[1],"MsgId":null}').text("MsgType") == ""


def test_message_without_msgid_is_identified_by_its_content() -> None:
    first, other = (read_message(message(MsgId=0, MsgType="text", Content=text)) for text in ("a", "b"))
    assert first.identity != other.identity
    event, text = (read_message(message(MsgId=5, MsgType=kind)) for kind in ("event", "text"))
    assert event.identity != text.identity
