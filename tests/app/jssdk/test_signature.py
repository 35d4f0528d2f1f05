"""Signatures against WeChat's published examples and an independent hash of the documented string."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from hypothesis import given
from hypothesis import strategies as st

from app import jssdk

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "jssdk_signature.json").read_text(encoding="utf-8")
)
UNICODE = st.characters(exclude_categories=["Cs"])


@pytest.mark.parametrize("row", VECTORS, ids=lambda row: row["name"])
def test_signature_is_the_published_one(row: dict[str, Any]) -> None:
    answer = jssdk.config("wx1", row["jsapi_ticket"], row["url"], noncestr=row["noncestr"], timestamp=row["timestamp"])
    assert answer["signature"] == row["signature"]


def test_answer_has_what_wx_config_takes_and_says_what_was_signed() -> None:
    answer = jssdk.config("wx1", "ticket", "https://h5.example.com/a?b=1#part", noncestr="n", timestamp=1414587457)
    assert {**answer, "signature": ""} == {
        "appId": "wx1",
        "timestamp": 1414587457,
        "nonceStr": "n",
        "signature": "",
        "url": "https://h5.example.com/a?b=1",
    }


@pytest.mark.parametrize("ticket", ["", None])
def test_nothing_is_signed_without_a_ticket(ticket: Any) -> None:
    with pytest.raises(ValueError, match="no jsapi_ticket"):
        jssdk.config("wx1", ticket, "https://h5.example.com/", noncestr="n", timestamp=1)


@given(
    ticket=st.text(UNICODE, min_size=1),
    noncestr=st.text(UNICODE),
    timestamp=st.integers(0, 2**40),
    url=st.text(UNICODE.filter(lambda character: character != "#")),
)
def test_signature_agrees_with_an_independent_hash(ticket: str, noncestr: str, timestamp: int, url: str) -> None:
    digest = hashes.Hash(hashes.SHA1())  # noqa: S303 - WeChat's signature is SHA-1
    for part in ("jsapi_ticket=", ticket, "&noncestr=", noncestr, "&timestamp=", str(timestamp), "&url=", url):
        digest.update(part.encode("utf-8"))
    answer = jssdk.config("wx1", ticket, url, noncestr=noncestr, timestamp=timestamp)
    assert answer["signature"] == digest.finalize().hex()
