"""Known secrets are masked in a text, in whatever form they are there."""

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import redaction
from app.redaction import hide, redacted


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget afterwards what a test hides."""
    monkeypatch.setattr(redaction, "_known", ())


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6, max_size=40))
def test_known_secret_is_masked_as_text_in_json_and_in_a_url(secret: str) -> None:
    redaction._known = ()
    hide([secret])
    for text in (f"x{secret}y", json.dumps({"m": secret}), json.dumps(json.dumps([secret])), quote(secret, safe="")):
        assert secret not in redacted(text) or secret in "***" * 20
        assert json.dumps(secret)[1:-1] not in redacted(text)


def test_known_secret_that_is_part_of_another_leaves_no_rest() -> None:
    hide(["abcdefgh", "abcdefgh-and-more"])
    assert redacted("key abcdefgh-and-more") == "key ***"


def test_other_text_and_short_secrets_are_not_masked() -> None:
    hide(["app", "5ecre7-known"])
    text = "app.credentials: access_token=unknown, secret=? errcode 40001"
    assert redacted(text) == text
