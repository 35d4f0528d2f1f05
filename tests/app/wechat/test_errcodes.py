"""From errcode to error and hint. The codes are those of WECHAT.md 1.3, 3.3, 7.1 and 9.2."""

import pytest

from app import errors as exceptions
from app.errors import (
    AccessTokenRefused,
    AccountRefused,
    AddressRefused,
    CodeRefused,
    DayLimitReached,
    MinuteLimitReached,
    OpenidRefused,
    RiskyContent,
    SecretRefused,
    SessionKeyRefused,
    WeChatBusy,
    WeChatError,
    WeChatRefused,
)
from app.wechat import hint, refusal

ON_TOKEN_CALLS = {
    SecretRefused: [40001, 40013, 40125, 40243],
    AddressRefused: [40164, 45035, 48017, 61004, 89501, 89502, 89503, 89504, 89505, 89506, 89507],
    AccountRefused: [50004, 50007, 61024],
    WeChatBusy: [-1, 48001],
    MinuteLimitReached: [45011],
    DayLimitReached: [45009],
    WeChatRefused: [40002, 41002, 41004, 43002],
}

ON_OTHER_CALLS = {
    AccessTokenRefused: [40001, 40014, 42001],
    SecretRefused: [40243],
    AddressRefused: [40164, 45035, 48017, 61004, 89501, 89502, 89503, 89504, 89505, 89506, 89507],
    AccountRefused: [48004, 50001, 50002, 50004, 50007, 61007],
    WeChatBusy: [-1, 85113, 61080, 61081],
    MinuteLimitReached: [45011, 44991],
    DayLimitReached: [45009, 48006, 9410009],
    RiskyContent: [87014],
    OpenidRefused: [40003, 43104, 61010],
    CodeRefused: [40029, 40163],
    SessionKeyRefused: [87007, 87009],
    WeChatRefused: [40004, 40006, 41001, 41005, 40030, 42002, 42003, 42007, 47001, 48001, 123456],
}


@pytest.mark.parametrize(
    ("endpoint", "table"),
    [
        ("/cgi-bin/token", ON_TOKEN_CALLS),
        ("/cgi-bin/stable_token", ON_TOKEN_CALLS),
        ("/wxa/msg_sec_check", ON_OTHER_CALLS),
    ],
)
def test_error_of_each_errcode(endpoint: str, table: dict[type[WeChatRefused], list[int]]) -> None:
    drawn = {
        kind: [code for code in codes if type(refusal(code, "", endpoint=endpoint)) is kind]
        for kind, codes in table.items()
    }
    assert drawn == table


def test_every_kind_of_refusal_has_an_errcode() -> None:
    drawn = {kind for kind in vars(exceptions).values() if isinstance(kind, type) and issubclass(kind, WeChatRefused)}
    assert drawn - {exceptions.ConfigurationRefused} == {*ON_TOKEN_CALLS, *ON_OTHER_CALLS}


WITH_HINT = (
    SecretRefused,
    AddressRefused,
    AccountRefused,
    AccessTokenRefused,
    DayLimitReached,
    MinuteLimitReached,
    CodeRefused,
)


def test_errors_that_an_operator_can_mend_have_a_hint_in_both_languages() -> None:
    of_tokens = [(code, "/cgi-bin/token") for codes in ON_TOKEN_CALLS.values() for code in codes]
    of_others = [(code, "/wxa/msg_sec_check") for kind in WITH_HINT for code in ON_OTHER_CALLS.get(kind, [])]
    for errcode, endpoint in of_tokens + of_others:
        advice = hint(refusal(errcode, "text", endpoint=endpoint))
        assert advice, errcode
        assert advice["en"].isascii() or errcode == 61024
        assert any("\u4e00" <= character <= "\u9fff" for character in advice["zh"])


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (refusal(40001, "text", endpoint="/cgi-bin/token"), "AppSecret"),
        (refusal(40001, "text", endpoint="/wxa/msg_sec_check"), "another server"),
        (refusal(48001, "api unauthorized", endpoint="/cgi-bin/token"), "busy"),
        (refusal(48001, "api unauthorized", endpoint="/wxa/msg_sec_check"), "mini program"),
        (exceptions.WeChatUnavailable("could not be reached"), "wechat-central doctor"),
    ],
    ids=str,
)
def test_hint_depends_on_the_call_that_failed(error: WeChatError, word: str) -> None:
    advice = hint(error)
    assert advice
    assert word in advice["en"]


def test_missing_verification_is_a_reason_at_getticket_alone() -> None:
    endpoints = ("/cgi-bin/ticket/getticket", "/wxa/msg_sec_check", "/cgi-bin/token", "/sns/userinfo")
    advice = [hint(refusal(48001, "api unauthorized", endpoint=endpoint)) for endpoint in endpoints]
    named = [(one["en"].count("微信认证"), one["zh"].count("微信认证")) for one in advice if one]
    assert named == [(1, 1), (0, 0), (0, 0), (0, 0)]


@pytest.mark.parametrize("errcode", [40003, 43104, 61010])
def test_hint_for_a_refused_openid_of_media_does_not_advise_to_omit_it(errcode: int) -> None:
    of_a_text = hint(refusal(errcode, "invalid openid", endpoint="/wxa/msg_sec_check"))
    of_media = hint(refusal(errcode, "invalid openid", endpoint="/wxa/media_check_async"))
    assert of_a_text
    assert of_media
    assert "WECHAT_ON_OPENID_REFUSED" in of_a_text["en"]
    assert all("WECHAT_ON_OPENID_REFUSED" not in text for text in (of_media["en"], of_media["zh"]))
