"""How strictly a caller's parameters are read."""

import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.routes.parameters import parse_json, parse_query
from app.routes.refusals import ParameterWrong

NAMES = ("url", "account")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(TEXT)
def test_query_value_is_decoded_exactly_once(value: str) -> None:
    assert parse_query(f"url={quote(value, safe='')}".encode(), NAMES) == {"url": value}
    assert parse_query(f"url={quote_plus(value)}".encode(), NAMES) == {"url": value}


def test_value_that_is_itself_encoded_stays_encoded() -> None:
    assert parse_query(b"url=https%3A%2F%2Fa%2F%25E4%25B8%25AD", NAMES) == {"url": "https://a/%E4%B8%AD"}


def test_empty_parts_of_a_query_are_nothing() -> None:
    assert parse_query(b"&url=a&&account=b&", NAMES) == {"url": "a", "account": "b"}


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"url=a&url=b", "url is given twice"),
        (b"url=a&b=2", "'b' is unknown"),
        (b"%62=2", "'b' is unknown"),
        (b"url", "url is empty"),
        (b"url=", "url is empty"),
        (b"url=%ff", "not percent-encoded UTF-8"),
        (b"url=\xff", "not percent-encoded UTF-8"),
        (b"url=%ed%a0%80", "not percent-encoded UTF-8"),
        (b"url=100%", "no two hexadecimal digits"),
        (b"url=%zz", "no two hexadecimal digits"),
        (b"%0a%1b=1", r"'\\n\\x1b' is unknown"),
    ],
)
def test_wrong_query_is_named(raw: bytes, said: str) -> None:
    with pytest.raises(ParameterWrong, match=said):
        parse_query(raw, NAMES)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"{", "not JSON"),
        (b"url=a", "not JSON"),
        (b'{"url": NaN}', "not JSON"),
        (b'\xef\xbb\xbf{"url":"a"}', "not JSON"),
        (b'{"url": "\xff"}', "not UTF-8"),
        ('{"url": "中"}'.encode("utf-16"), "not UTF-8"),
        (b"", r"^The body is empty: it must be a JSON object\.$"),
        (b" \n", "The body is empty"),
        (b"[]", "must be a JSON object"),
        (b"null", "must be a JSON object"),
        (b'[["url","a"]]', "must be a JSON object"),
        (b'{"url":"a","url":"a"}', "url is given twice"),
        (b'{"urls":"a"}', "'urls' is unknown"),
        (b'{"\\ud800":"a"}', "is unknown"),
        (b'{"url":1}', "url must be a string"),
        (b'{"url":true}', "url must be a string"),
        (b'{"url":null}', "url must be a string"),
        (b'{"url":{}}', "url must be a string"),
        (b'{"url":""}', "url is empty"),
        (b'{"url":"a\\ud800"}', "lone surrogate"),
        (b'{"url":' + b"9" * 5000 + b"}", "a number too long, or nested too deep"),
        (b'{"url":' + b"[" * 100_000, "a number too long, or nested too deep"),
    ],
)
def test_wrong_body_is_named(text: bytes, said: str) -> None:
    with pytest.raises(ParameterWrong, match=said):
        parse_json(text, NAMES)


@given(TEXT)
def test_text_in_json_arrives_as_it_is(value: str) -> None:
    assert parse_json(json.dumps({"url": value}).encode(), NAMES) == {"url": value}
    assert parse_json(json.dumps({"url": value}, ensure_ascii=False).encode(), NAMES) == {"url": value}


def test_long_name_is_not_quoted_at_length() -> None:
    with pytest.raises(ParameterWrong) as caught:
        parse_query(b"x" * 8000, NAMES)
    assert len(str(caught.value)) < 200
