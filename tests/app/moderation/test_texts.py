"""Which calls a text takes, and what WeChat's answers to them mean."""

from collections.abc import Mapping
from typing import Any, cast

import pytest

from app.errors import WeChatUnavailable
from app.moderation import Text, Verdict, cleaned
from app.wechat import WeChatClient, refusal

BESIDE = {"title": "T", "nickname": "N", "signature": "S"}


class Wechat:
    """Answers with a fixed answer or errcode."""

    def __init__(self, answer: Mapping[str, Any] | int) -> None:
        self._answer = answer

    def msg_sec_check(self, _access_token: str, _fields: Mapping[str, Any]) -> Mapping[str, Any]:
        if isinstance(self._answer, int):
            raise refusal(self._answer, "refused", endpoint="/wxa/msg_sec_check")
        return self._answer


def asked(text: Text, answer: Mapping[str, Any] | int) -> Verdict:
    return text.calls()[0].ask(cast(WeChatClient, Wechat(answer)), "t1")


# A published answer of version 2 (WECHAT.md 3.2), its keys in the order of the wild.
PUBLISHED = {
    "errcode": 0,
    "errmsg": "ok",
    "detail": [
        {"strategy": "content_model", "errcode": 0, "suggest": "review", "label": 20006, "prob": 90},
        {"strategy": "keyword", "errcode": 0},
        {"strategy": "broken", "errcode": -1},
    ],
    "trace_id": "64107881-65f15508-586e63ec",
    "result": {"suggest": "review", "label": 20001},
}


def test_version_2_is_asked_with_an_openid() -> None:
    (call,) = Text("C", "o1", 3).calls()
    assert call.fields == {"version": 2, "scene": 3, "openid": "o1", "content": "C"}


def test_version_1_is_asked_without() -> None:
    (call,) = Text("C").calls()
    assert call.fields == {"content": "C"}


def test_signature_is_a_field_in_a_profile_and_content_elsewhere() -> None:
    (profile,) = Text("C", "o1", 1, BESIDE).calls()
    assert profile.fields == {"version": 2, "scene": 1, "openid": "o1", "content": "C", **BESIDE}
    (comment,) = Text("C", "o1", 2, BESIDE).calls()
    beside = {"title": "T", "nickname": "N"}
    assert comment.fields == {"version": 2, "scene": 2, "openid": "o1", "content": "C\nS", **beside}
    (without,) = Text("C", None, 1, BESIDE).calls()
    assert without.fields == {"content": "C\nT\nN\nS"}


def test_title_goes_with_every_part() -> None:
    calls = Text("字" * 6_000, "o1", 2, {"title": "T"}).calls()
    assert [call.fields["title"] for call in calls] == ["T"] * 3


def test_result_decides_and_the_detail_is_kept_as_far_as_it_is_valid() -> None:
    verdict = asked(Text("C", "o1"), PUBLISHED)
    assert (verdict.suggest, verdict.label, verdict.label_name) == ("review", 20001, "politics")
    assert (verdict.api, verdict.trace_id) == ("msg_sec_check/2", "64107881-65f15508-586e63ec")
    assert verdict.detail == PUBLISHED["detail"][:2]  # type: ignore[index]


@pytest.mark.parametrize(
    "answer",
    [
        {"detail": PUBLISHED["detail"]},
        {"result": None},
        {"result": []},
        {"result": {"label": 100}},
        {"result": {"suggest": "PASS"}},
        {"result": {"suggest": ["pass"]}},
    ],
)
def test_errcode_0_without_a_result_is_no_pass(answer: Mapping[str, Any]) -> None:
    with pytest.raises(WeChatUnavailable, match=r"without result\.suggest"):
        asked(Text("C", "o1"), {"errcode": 0, "errmsg": "ok", **answer})


@pytest.mark.parametrize("label", [None, "20001", True, 1.5, [1]])
def test_label_that_is_no_number_is_none(label: object) -> None:
    assert asked(Text("C", "o1"), {"result": {"suggest": "risky", "label": label}}).label is None


@pytest.mark.parametrize("detail", [None, "x", {}, [None, 7, "x"]])
def test_detail_may_be_anything(detail: object) -> None:
    assert not asked(Text("C", "o1"), {"result": {"suggest": "pass"}, "detail": detail}).detail


def test_87014_is_risky_and_0_is_a_pass_in_version_1() -> None:
    assert asked(Text("C"), 87014) == Verdict.without_label("risky", "msg_sec_check/1")
    assert asked(Text("C"), {"errcode": 0}) == Verdict.without_label("pass", "msg_sec_check/1")


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("a\x00b\x1bc\x08", "abc"),
        ("a\tb\nc\r\n", "a\tb\nc\r\n"),
        ("half \ud83d of it", "half \ufffd of it"),
        ("\udc00", "\ufffd"),
        ("😀", "😀"),
        ("\x7f\x85\u2028\x9b", "\u2028"),
        ("for\u200bbid\u00adden\ufeff\u2800\u3164\U000e0041", "forbidden"),
        ("\u202etxt\u2066\u180e", "txt"),
        ("a\u200db", "ab"),
        ("字\u200d😀\u200d", "字😀"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("❤\ufe0f\u200d🔥", "❤\u200d🔥"),
    ],
)
def test_invisible_characters_are_removed(given: str, sent: str) -> None:
    assert cleaned(given) == sent
