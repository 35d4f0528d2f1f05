"""How strictly a caller's parameters are read."""

import json
from typing import Annotated, Any, ClassVar
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from app.web.reading import ParameterWrong, checked, parse_json, parse_query
from app.web.schemas.base import Request, Text

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


class Asked(Request):
    """Some of everything."""

    advice: ClassVar[str] = " Encode it."

    url: Text
    account: Text | None = None
    number: Annotated[int, Field(ge=0, lt=10)] | None = None
    share: float | None = None
    items: Annotated[list[Any], Field(min_length=1, max_length=2)] | None = None


def read_body(raw: bytes) -> Asked:
    return checked(Asked, parse_json(raw))


@given(TEXT)
def test_query_value_is_decoded_exactly_once(value: str) -> None:
    assert parse_query(f"url={quote(value, safe='')}".encode(), Asked) == {"url": value}
    assert parse_query(f"url={quote_plus(value, safe='=')}".encode(), Asked) == {"url": value}


def test_value_that_is_itself_encoded_stays_encoded() -> None:
    assert parse_query(b"url=https%3A%2F%2Fa%2F%25E4%25B8%25AD", Asked) == {"url": "https://a/%E4%B8%AD"}


def test_empty_parts_of_a_query_are_ignored() -> None:
    assert parse_query(b"&url=a&&account=b&", Asked) == {"url": "a", "account": "b"}


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "url is missing"),
        (b"url=a&url=b", r"url is given twice\. Encode it\."),
        (b"url=a&b=2", r"'b' is unknown; known here: url, account, number, share, items\. Encode it\."),
        (b"%62=2", "'b' is unknown"),
        (b"url", "url is empty"),
        (b"url=%ff", "not percent-encoded UTF-8"),
        (b"url=\xff", "not percent-encoded UTF-8"),
        (b"url=%ed%a0%80", "not percent-encoded UTF-8"),
        (b"url=100%", "without two hexadecimal digits"),
        (b"url=%zz", "without two hexadecimal digits"),
        (b"%0a%1b=1", r"'\\n\\x1b' is unknown"),
        (b"url=a&number=2", "number must be a whole number"),
    ],
)
def test_wrong_query_is_named(raw: bytes, said: str) -> None:
    with pytest.raises(ParameterWrong, match=said):
        checked(Asked, parse_query(raw, Asked))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"{", "not JSON"),
        (b"url=a", "not JSON"),
        (b'{"url": NaN}', "not JSON"),
        (b'\xef\xbb\xbf{"url":"a"}', "not JSON"),
        (b'{"url": "\xff"}', "not UTF-8"),
        ('{"url": "中"}'.encode("utf-16"), "not UTF-8"),
        (b" \n", "The body is empty: it must be a JSON object"),
        (b"[]", "must be a JSON object"),
        (b"null", "must be a JSON object"),
        (b'[["url","a"]]', "must be a JSON object"),
        (b'{"url":"a","url":"a"}', "'url' is given twice"),
        (b'{"url":"a","items":[{"b":1,"b":1}]}', "'b' is given twice"),
        (b'{"\\ud800":1,"\\ud800":1}', "is given twice"),
        pytest.param(  # would take minutes if each name were counted
            b"{%s,%s}" % (b",".join(b'"%d":1' % n for n in range(200_000)), b'"199999":1'), "given twice", id="long"
        ),
        (b"{}", "url is missing"),
        (b'{"urls":"a"}', "'urls' is unknown"),
        (b'{"\\ud800":"a"}', "is unknown"),
        (b'{"url":1}', "url must be a string"),
        (b'{"url":true}', "url must be a string"),
        (b'{"url":null}', "url must not be null"),
        (b'{"url":"a","account":null}', "account must not be null"),
        (b'{"url":{}}', "url must be a string"),
        (b'{"url":""}', "url is empty"),
        (b'{"url":"a\\ud800"}', "lone surrogate"),
        (b'{"url":"a","number":"2"}', "number must be a whole number"),
        (b'{"url":"a","number":2.0}', "number must be a whole number"),
        (b'{"url":"a","number":true}', "number must be a whole number"),
        (b'{"url":"a","number":-1}', "number must be at least 0"),
        (b'{"url":"a","number":10}', "number must be less than 10"),
        (b'{"url":"a","share":"x"}', "share is not valid"),
        (b'{"url":"a","items":{}}', "items must be a list"),
        (b'{"url":"a","items":[]}', "items must have at least 1 items"),
        (b'{"url":"a","items":[1,2,3]}', "items may have at most 2 items"),
        (b'{"url":7,"number":"2"}', "url must be a string.*number must be a whole number"),
        (b'{"url":' + b"9" * 5000 + b"}", "a number is too long, or it is nested too deep"),
        (b'{"url":' + b"[" * 100_000, "a number is too long, or it is nested too deep"),
    ],
)
def test_wrong_body_is_named(raw: bytes, said: str) -> None:
    with pytest.raises(ParameterWrong, match=said):
        read_body(raw)


@given(TEXT)
def test_text_in_json_arrives_as_it_is(value: str) -> None:
    assert read_body(json.dumps({"url": value}).encode()).url == value
    assert read_body(json.dumps({"url": value}, ensure_ascii=False).encode()).url == value


@pytest.mark.parametrize("value", ["the-secret", ["the-secret"], {"the-secret": 1}])
def test_errors_do_not_quote_values_and_have_no_cause(value: object) -> None:
    with pytest.raises(ParameterWrong) as caught:
        checked(Asked, {"url": "a", "number": value, "items": value})
    assert "the-secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_long_name_is_not_quoted_at_length() -> None:
    with pytest.raises(ParameterWrong) as caught:
        parse_query(b"x" * 8000, Asked)
    assert len(str(caught.value)) < 200
