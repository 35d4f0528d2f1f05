"""WeChat's XML, and what other XML can do to a reader."""

import pytest

from app.push import read_message
from app.push.xml import read_xml, write_xml

BILLION_LAUGHS = """<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><xml><Event>&c;</Event></xml>"""
FILE = '<!DOCTYPE xml [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><Event>&f;</Event></xml>'


def test_texts_numbers_and_cdata_are_texts() -> None:
    body = "<xml><ToUserName><![CDATA[gh_1]]></ToUserName>\n<CreateTime>17</CreateTime><a>中 &lt;&#20013;</a></xml>"
    assert read_xml(body) == {"ToUserName": "gh_1", "CreateTime": "17", "a": "中 <中"}


def test_elements_inside_are_a_dict_and_repeated_ones_a_list() -> None:
    body = "<xml><result><suggest>pass</suggest></result><detail><a>1</a></detail><detail/><detail>3</detail></xml>"
    assert read_xml(body) == {"result": {"suggest": "pass"}, "detail": [{"a": "1"}, "", "3"]}


@pytest.mark.parametrize("body", [BILLION_LAUGHS, FILE, "<!DOCTYPE xml><xml><a>1</a></xml>"])
def test_xml_with_a_dtd_is_not_read(body: str) -> None:
    assert read_xml(body) == {}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("a\x1db\x00c\ufffed", "abcd"),
        ("a]]>b", "a]]>b"),
        ("a]]>b<c>&amp;", "a]]>b<c>&amp;"),
        ("]]></Content><FromUserName><![CDATA[forged]]></FromUserName><Content><![CDATA[", ""),
        ("]]></Content><FromUserName>forged", ""),
    ],
)
def test_no_text_of_a_user_makes_the_message_unreadable_or_forges_a_field(text: str, read: str) -> None:
    body = (
        "<xml><FromUserName><![CDATA[o1]]></FromUserName><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{text}]]></Content><MsgId>7</MsgId></xml>"
    )
    message = read_message(body.encode())
    assert (message.text("FromUserName"), message.text("MsgType"), message.text("Content")) == ("o1", "text", read)


@pytest.mark.parametrize("body", ["", "<xml>", "<xml>text</xml>", "<xml/>", "<xml><a></xml>", "<xml>&nbsp;</xml>"])
def test_xml_without_elements_has_no_fields(body: str) -> None:
    assert read_xml(body) == {}


def test_elements_before_an_error_count() -> None:
    assert read_xml("<xml><a>1</a><b>2</xml>") == {"a": "1"}


def test_another_encoding_than_utf_8_is_not_believed() -> None:
    body = '<?xml version="1.0" encoding="gbk"?><xml><a>中</a></xml>'
    assert read_xml(body) == {"a": "中"}


@pytest.mark.parametrize(
    "body",
    [
        "<a>" * 17 + "</a>" * 17,
        "<xml>" + "<a/>" * 1000 + "</xml>",
        "<xml><a>" + "<![CDATA[" * 100_000,  # would take a quarter of an hour if each one's end were looked for
    ],
    ids=["deep", "endless", "sections without end"],
)
def test_deep_or_endless_xml_is_not_read(body: str) -> None:
    assert read_xml(body) == {}


def test_what_is_written_can_be_read() -> None:
    assert write_xml({"a": "x]]>y<", "TimeStamp": 1713424427}) == (
        b"<xml><a><![CDATA[x]]]]><![CDATA[>y<]]></a><TimeStamp>1713424427</TimeStamp></xml>"
    )
    assert read_xml(write_xml({"a": "x]]>y<", "b": 1}).decode()) == {"a": "x]]>y<", "b": "1"}
