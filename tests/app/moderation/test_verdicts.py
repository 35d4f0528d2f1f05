"""What a verdict says, and which of several decides."""

from dataclasses import replace

import pytest

from app.moderation.verdicts import Suggest, Verdict, worst

PASS = Verdict.without_label("pass", "msg_sec_check/1")
UNCHECKED_REVIEW = Verdict.unchecked("review", "msg_sec_check/2", "WeChat is busy.", -1)
UNCHECKED_PASS = Verdict.unchecked("pass", "msg_sec_check/2", "WeChat is busy.", -1)


def labelled(suggest: Suggest, label: int) -> Verdict:
    return replace(
        Verdict.with_label(suggest, label, "msg_sec_check/2"), trace_id=f"trace-{label}", detail=[{"a": label}]
    )


RISKY, REVIEW = labelled("risky", 20002), labelled("review", 20001)


def test_document_leaves_out_empty_optional_fields() -> None:
    assert PASS.document() == {
        "suggest": "pass",
        "label": None,
        "label_name": None,
        "api": "msg_sec_check/1",
        "checked": True,
        "cached": False,
    }


def test_document_has_optional_fields_with_a_value() -> None:
    sent = [{"bytes": 1, "width": 2, "height": 3, "content_type": "image/png"}]
    document = replace(REVIEW, frames=4, frames_checked=2, sent=sent).document()
    assert (document["trace_id"], document["detail"]) == ("trace-20001", [{"a": 20001}])
    assert (document["frames"], document["frames_checked"], document["sent"]) == (4, 2, sent)


@pytest.mark.parametrize(("label", "name"), [(100, "normal"), (20002, "porn"), (99999, None), (None, None)])
def test_label_has_a_name(label: int | None, name: str | None) -> None:
    verdict = Verdict.with_label("review", label, "msg_sec_check/2")
    assert (verdict.label, verdict.label_name) == (label, name)


@pytest.mark.parametrize(
    ("parts", "deciding", "checked"),
    [
        ([PASS], PASS, True),
        ([PASS, REVIEW, RISKY, UNCHECKED_REVIEW], RISKY, True),
        ([PASS, REVIEW], REVIEW, True),
        ([UNCHECKED_REVIEW, REVIEW], REVIEW, False),
        ([UNCHECKED_REVIEW, PASS], UNCHECKED_REVIEW, False),
        ([UNCHECKED_PASS, REVIEW], REVIEW, False),
        ([PASS, UNCHECKED_PASS], PASS, False),
    ],
)
def test_worst_part_decides_and_an_unchecked_part_says_why(
    parts: list[Verdict], deciding: Verdict, checked: bool
) -> None:
    expected = replace(deciding, checked=checked)
    if not checked:
        expected = replace(expected, reason="WeChat is busy.", errcode=-1)
    assert worst(parts) == worst(parts[::-1]) == expected


def test_verdict_is_cached_if_every_part_is() -> None:
    cached = replace(PASS, cached=True)
    assert worst([cached, cached]).cached
    assert not worst([cached, PASS]).cached
    assert not worst([cached, RISKY]).cached
