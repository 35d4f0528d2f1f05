"""Verdicts, and how they come about."""

from collections.abc import Callable
from typing import Any, cast

import pytest

from app.errcodes import refusal
from app.exceptions import RiskyContent, WeChatError
from app.moderation import Verdict, check_image, check_text
from app.provider import CredentialProvider
from app.wechat import WeChatClient


class OneToken:
    """A provider whose access_token is t1, and t2 if that is refused."""

    def use(self, call: Callable[[str], None]) -> None:
        try:
            call("t1")
        except WeChatError as error:
            if error.__class__ is RiskyContent:
                raise
            call("t2")


class Wechat:
    """Answers checks as told; keeps what arrived."""

    def __init__(self, *answers: int) -> None:
        self._answers = list(answers)
        self.arrived: list[tuple[str, str | bytes]] = []

    def msg_sec_check(self, access_token: str, content: str | bytes) -> None:
        self.arrived.append((access_token, content))
        if errcode := self._answers.pop(0):
            raise refusal(errcode, "as told", endpoint="/wxa/msg_sec_check")

    img_sec_check = msg_sec_check


CHECKS: list[tuple[Any, str | bytes, str]] = [
    (check_text, "text", "msg_sec_check/1"),
    (check_image, b"image", "img_sec_check/1"),
]


def ask(check: Any, wechat: Wechat, content: str | bytes) -> Verdict:
    return cast(Verdict, check(cast(CredentialProvider, OneToken()), cast(WeChatClient, wechat), content))


@pytest.mark.parametrize(("check", "content", "api"), CHECKS)
@pytest.mark.parametrize(("errcode", "suggest"), [(0, "pass"), (87014, "risky")])
def test_risky_content_is_a_verdict_and_no_error(
    check: Any, content: str | bytes, api: str, errcode: int, suggest: str
) -> None:
    verdict = ask(check, Wechat(errcode), content)
    assert (verdict.suggest, verdict.api, verdict.label, verdict.checked) == (suggest, api, None, True)


@pytest.mark.parametrize(("check", "content", "api"), CHECKS)
def test_whole_content_is_sent_again_after_a_refused_token(check: Any, content: str | bytes, api: str) -> None:
    wechat = Wechat(40001, 87014)
    assert ask(check, wechat, content).suggest == "risky"
    assert wechat.arrived == [("t1", content), ("t2", content)]
    assert api


@pytest.mark.parametrize(("check", "content", "api"), CHECKS)
def test_no_answer_is_no_verdict(check: Any, content: str | bytes, api: str) -> None:
    with pytest.raises(WeChatError):
        ask(check, Wechat(-1, -1), content)
    assert api


def test_document_leaves_out_what_version_1_has_not() -> None:
    assert Verdict.without_label("pass", "msg_sec_check/1").document() == {
        "suggest": "pass",
        "label": None,
        "label_name": None,
        "api": "msg_sec_check/1",
        "checked": True,
        "cached": False,
    }


def test_document_has_trace_id_and_detail_where_there_are_any() -> None:
    verdict = Verdict("review", 20001, "politics", "msg_sec_check/2", trace_id="1-2-3", detail=[{"label": 20001}])
    assert verdict.document()["trace_id"] == "1-2-3"
    assert verdict.document()["detail"] == [{"label": 20001}]
