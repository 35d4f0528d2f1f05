"""What was signed by mistake is named."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.jssdk import Claim, diagnose, mistakes, was_made_with
from app.jssdk.diagnosis import _candidates
from tests.app.jssdk.mistakes import CASES, NONCESTR, TICKET, TIMESTAMP, Case

ADDRESS_PARTS = st.sampled_from(
    [
        *("https://", "h5.example.com", ":80", "/", "?", "&", "=", "#", "%E4%B8%AD", "%2F", "%", "+"),
        *("&amp;", "from=x", "中", "[", "'"),
    ]
)
SERVER_ONLY = {"other_account"}


def claim_of(case: Case) -> Claim:
    return Claim(case.url, case.timestamp, NONCESTR, case.signature(), case.landing_url, case.card_ticket)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_mistake_is_named(case: Case) -> None:
    claim = claim_of(case)
    mistakes = diagnose(replace(claim, signature=claim.signature.upper()), TICKET)
    assert (None if mistakes is None else list(mistakes)) == case.mistakes


def test_each_mistake_has_a_case_and_a_hint() -> None:
    named = {name for case in CASES if case.mistakes and len(case.mistakes) == 1 for name in case.mistakes}
    assert named | SERVER_ONLY == set(mistakes())


def test_a_signature_by_another_ticket_is_told_from_ours() -> None:
    claim = claim_of(CASES[0])
    assert was_made_with(claim, TICKET)
    assert not was_made_with(claim, "another-ticket")
    assert diagnose(claim, "another-ticket") is None


@settings(max_examples=50)
@given(st.lists(ADDRESS_PARTS, max_size=12).map("".join), st.lists(ADDRESS_PARTS, max_size=4).map("".join))
def test_no_address_is_too_odd_and_nothing_is_tried_twice(url: str, landing_url: str) -> None:
    tried = [signed for _, signed in _candidates(Claim(url, TIMESTAMP, NONCESTR, "0" * 40, landing_url, "card"), "t")]
    assert len(tried) == len(set(tried))


def test_an_empty_url_with_a_landing_url_is_diagnosed() -> None:
    claim = Claim("", 1, "n", "0" * 40, "/", "card")
    assert ("landing_url",) in [names for names, _ in _candidates(claim, "t")]


def test_what_is_tried_is_bounded() -> None:
    url = f"https://h5.example.com/{'%E4%B8%AD' * 220}?{'&'.join('from=x' * 20)}#a"
    claim = Claim(url, TIMESTAMP, NONCESTR, "0" * 40, f"{url}b", "card")
    assert len(list(_candidates(claim, TICKET))) < 4000


def test_no_repr_shows_a_ticket() -> None:
    claim = Claim("https://h5.example.com/", TIMESTAMP, NONCESTR, "0" * 40, None, "the-card-ticket")
    assert "the-card-ticket" not in repr(claim)
    assert [signed for _, signed in _candidates(claim, "the-ticket") if "the-" in repr(signed)] == []


@pytest.mark.parametrize("document", ["h5.md", "h5.zh-CN.md"])
def test_the_document_lists_the_mistakes(document: str) -> None:
    text = (Path(__file__).parents[3] / "docs" / document).read_text("utf-8")
    rows = text.partition("\n| mistake |")[2].partition("\n\n")[0].splitlines()[2:]
    assert [row.split("`")[1] for row in rows] == list(mistakes())
