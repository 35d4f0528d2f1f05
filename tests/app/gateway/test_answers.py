"""The gateway's own answers: WeChat's shape and codes, and texts that say who speaks."""

from collections.abc import Mapping
from typing import get_args

import pytest

from app.errors import (
    CentralServerError,
    ChecksBusy,
    CredentialUnavailable,
    NotConfigured,
    StoreUnavailable,
    UnknownAccount,
    WeChatUnavailable,
)
from app.gateway import UNANSWERED, GatewayRefusal, Reason, answers
from app.wechat.errcodes import BY_ERRCODE, refusal

CODES: Mapping[Reason, int] = {
    "unknown key": 40125,
    "no secret": 41004,
    "unknown appid": 40013,
    "grant_type": 40002,
    "pass": 40001,
    "two tokens": 40001,
    "not sent": -1,
    "unanswered": UNANSWERED,
    "too large": 45001,
    "loop": 48001,
    "path": 40066,
}


@pytest.mark.parametrize("reason", get_args(Reason))
def test_own_answer_has_its_code_and_says_that_it_is_the_gateways(reason: Reason) -> None:
    answer = answers.refusal(reason)
    assert isinstance(answer, GatewayRefusal)
    assert answer.errcode == CODES[reason]
    assert ", gateway: " in answer.errmsg


def test_code_of_an_unanswered_call_is_none_of_wechats() -> None:
    assert UNANSWERED not in BY_ERRCODE


@pytest.mark.parametrize(
    ("error", "errcode"),
    [
        (ChecksBusy(), -1),
        (StoreUnavailable("Redis: 10.0.0.7:6379: refused"), -1),
        (CredentialUnavailable("no valid access_token", 5), -1),
        (WeChatUnavailable("no complete answer in time"), -1),
        (UnknownAccount("wx1"), 40013),
        (NotConfigured("mini programs have no jsapi_ticket"), 48001),
        (refusal(-1, "system error", endpoint="/cgi-bin/stable_token"), -1),
        (refusal(45009, "reach max api daily quota limit", endpoint="/cgi-bin/stable_token"), 45009),
        (refusal(40164, "invalid ip 10.0.0.1, not in whitelist", endpoint="/cgi-bin/stable_token"), 40164),
        (refusal(40125, "invalid appsecret", endpoint="/cgi-bin/stable_token"), 40125),
        (refusal(40001, "invalid credential", endpoint="/cgi-bin/ticket/getticket"), 40001),
        (refusal(40001, "invalid credential", endpoint="/cgi-bin/stable_token"), 40125),
    ],
)  # fmt: skip
def test_error_of_ours_becomes_wechats_code_or_try_again(error: CentralServerError, errcode: int) -> None:
    answer = answers.of(error)
    assert answer.errcode == errcode
    assert ", gateway: " in answer.errmsg


def test_place_of_the_store_is_nothing_for_callers() -> None:
    answer = answers.of(StoreUnavailable("Redis: 10.0.0.7:6379: refused"))
    assert answer.errmsg == answers.refusal("not sent").errmsg


@pytest.mark.parametrize("errcode", sorted(BY_ERRCODE))
def test_token_path_never_answers_that_a_token_is_dead(errcode: int) -> None:
    """An SDK asked 3,282 times in 3 s (WECHAT.md 11a)."""
    for endpoint in ("/cgi-bin/stable_token", "/cgi-bin/ticket/getticket"):
        answer = answers.of(refusal(errcode, "said", endpoint=endpoint), token_path=True)
        assert answer.errcode == (40125 if errcode in (40001, 40014, 42001) else errcode)


def test_wechats_id_of_the_request_is_passed_on() -> None:
    error = refusal(45009, "reach max api daily quota limit", "64b0ba1d-74e53e36-717abb43", endpoint="/cgi-bin/token")
    assert "rid: 64b0ba1d-74e53e36-717abb43" in answers.of(error).errmsg
