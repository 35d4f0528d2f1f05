"""From errcode to error and hint. The codes are those of WECHAT.md 1.3, 3.3 and 7.1."""

import pytest

from app import errors as exceptions
from app.errors import (
    AccessTokenRefused,
    AccountRefused,
    AddressRefused,
    DayLimitReached,
    MinuteLimitReached,
    OpenidRefused,
    RiskyContent,
    SecretRefused,
    WeChatBusy,
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


def test_each_answer_to_a_token_call_has_a_hint() -> None:
    for errcode in (code for codes in ON_TOKEN_CALLS.values() for code in codes):
        said = hint(refusal(errcode, "text", endpoint="/cgi-bin/token"))
        assert said, errcode
        assert len(said["en"]) > 40
        assert len(said["zh"]) > 15


def test_every_kind_of_refusal_is_some_errcodes() -> None:
    drawn = {kind for kind in vars(exceptions).values() if isinstance(kind, type) and issubclass(kind, WeChatRefused)}
    assert drawn - {exceptions.ConfigurationRefused} == {*ON_TOKEN_CALLS, *ON_OTHER_CALLS}


def test_whatever_needs_a_person_comes_with_a_hint_in_both_languages() -> None:
    kinds = (SecretRefused, AddressRefused, AccountRefused, AccessTokenRefused, DayLimitReached, MinuteLimitReached)
    for table, endpoint in ((ON_TOKEN_CALLS, "/cgi-bin/token"), (ON_OTHER_CALLS, "/wxa/msg_sec_check")):
        for errcode in (code for kind in kinds for code in table.get(kind, [])):
            said = hint(refusal(errcode, "text", endpoint=endpoint))
            assert said, errcode
            assert said["en"].isascii() or errcode == 61024
            assert any("\u4e00" <= character <= "\u9fff" for character in said["zh"])


def test_40001_on_a_token_call_speaks_of_the_secret() -> None:
    on_token = hint(refusal(40001, "text", endpoint="/cgi-bin/token"))
    elsewhere = hint(refusal(40001, "text", endpoint="/wxa/msg_sec_check"))
    assert on_token
    assert elsewhere
    assert "AppSecret" in on_token["en"]
    assert "another server" in elsewhere["en"]


def test_48001_on_a_token_call_is_wechat_having_a_bad_day() -> None:
    said = hint(refusal(48001, "api unauthorized", endpoint="/cgi-bin/token"))
    assert said
    assert "busy" in said["en"]


def test_wechat_that_cannot_be_reached_is_a_case_for_the_doctor() -> None:
    said = hint(exceptions.WeChatUnavailable("could not be reached"))
    assert said
    assert "wechat-central doctor" in said["en"]
    assert "wechat-central doctor" in said["zh"]


@pytest.mark.parametrize("errcode", [40003, 43104, 61010])
def test_refused_openid_of_media_comes_with_a_hint_that_can_be_followed(errcode: int) -> None:
    """There the openid is required, and WECHAT_ON_OPENID_REFUSED is for texts."""
    of_a_text = hint(refusal(errcode, "invalid openid", endpoint="/wxa/msg_sec_check"))
    of_media = hint(refusal(errcode, "invalid openid", endpoint="/wxa/media_check_async"))
    assert of_a_text
    assert of_media
    assert "WECHAT_ON_OPENID_REFUSED" in of_a_text["en"]
    for text in (of_media["en"], of_media["zh"]):
        assert "WECHAT_ON_OPENID_REFUSED" not in text
        assert "/api/moderation/image" in text
    assert "leave it out" not in of_media["en"]
