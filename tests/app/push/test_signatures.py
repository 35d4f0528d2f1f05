"""WeChat's signatures, against its published samples (WECHAT.md 6)."""

import pytest

from app.push.signatures import is_signed, signature
from tests.app.push.samples import REPLY, VECTORS


@pytest.mark.parametrize("sample", VECTORS["url_check"])
def test_signature_is_the_published_one(sample: dict[str, str]) -> None:
    assert signature(sample["token"], sample["timestamp"], sample["nonce"]) == sample["signature"]


def test_msg_signature_is_the_published_one() -> None:
    parts = (REPLY["token"], REPLY["timestamp"], REPLY["nonce"], REPLY["encrypt"])
    assert is_signed(REPLY["msg_signature"], *parts)


def test_msg_signature_of_the_published_push() -> None:
    """Of its text only the plain signature was published with all of its parts."""
    assert signature("AAAAA", "1714112445", "415670741") == "6c5c811b55cc85e0e1b54100749188c20beb3f5d"


@pytest.mark.parametrize("given", ["", "F464B24FC39322E44B38AA78F5EDD27BD1441696", "é", "\ud800", "f464b24fc393"])
def test_any_other_text_is_no_signature(given: str) -> None:
    assert not is_signed(given, "AAAAA", "1714036504", "1514711492")
