"""WeChat's XML, and what other XML can do to a reader."""

import pytest

from app.push.xml import read_xml, write_xml

BILLION_LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><xml><Event>&c;</Event></xml>"""
FILE = b'<!DOCTYPE xml [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><Event>&f;</Event></xml>'


def test_texts_numbers_and_cdata_are_texts() -> None:
    body = "<xml><ToUserName><![CDATA[gh_1]]></ToUserName>\n<CreateTime>17</CreateTime><a>中 &lt;&#20013;</a></xml>"
    assert read_xml(body.encode()) == {"ToUserName": "gh_1", "CreateTime": "17", "a": "中 <中"}


def test_elements_inside_are_a_dict_and_repeated_ones_a_list() -> None:
    body = b"<xml><result><suggest>pass</suggest></result><detail><a>1</a></detail><detail/><detail>3</detail></xml>"
    assert read_xml(body) == {"result": {"suggest": "pass"}, "detail": [{"a": "1"}, "", "3"]}


@pytest.mark.parametrize("body", [BILLION_LAUGHS, FILE, b"<!DOCTYPE xml><xml><a>1</a></xml>"])
def test_a_dtd_and_with_it_every_entity_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="XML with a DTD"):
        read_xml(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<xml>",
        b"<xml><a></xml>",
        b"<xml>&nbsp;</xml>",
        b"<xml>text</xml>",
        b"<xml/>",
        b"<xml><a/></xml>more",
        b"<xml><a>\xff</a></xml>",
        b"<xml><a>\x00</a></xml>",
    ],
)
def test_what_is_no_xml_of_wechats_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match="no XML"):
        read_xml(body)


def test_another_encoding_than_utf_8_is_not_believed() -> None:
    body = '<?xml version="1.0" encoding="gbk"?><xml><a>中</a></xml>'
    assert read_xml(body.encode()) == {"a": "中"}


@pytest.mark.parametrize("body", [b"<a>" * 17 + b"</a>" * 17, b"<xml>" + b"<a/>" * 10_000 + b"</xml>"])
def test_deep_or_endless_xml_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="too many elements"):
        read_xml(body)


def test_what_is_written_can_be_read() -> None:
    assert write_xml({"a": "x]]>y<", "TimeStamp": 1713424427}) == (
        b"<xml><a><![CDATA[x]]]]><![CDATA[>y<]]></a><TimeStamp>1713424427</TimeStamp></xml>"
    )
    assert read_xml(write_xml({"a": "x]]>y<", "b": 1})) == {"a": "x]]>y<", "b": "1"}
