"""What an operator should do about a refusal."""

import pytest

from app.accounts import Account
from app.errors import WeChatUnavailable
from app.ops.hints import advice, seen_address
from app.wechat import hint, refusal

OFFICIAL = Account("shop", "wx0123456789abcdef", "0123456789abcdef0123456789abcdef")
MINI = Account("shop-mini", "wxfedcba9876543210", "not quite a secret", kind="mini")
TOKEN = "/cgi-bin/stable_token"


@pytest.mark.parametrize(
    ("errmsg", "address"),
    [
        # WECHAT.md 1.3
        (
            "invalid ip 106.41.36.218 ipv6 ::ffff:106.41.36.218, not in whitelist rid: 68d0e15f-18b1eca2-4de8f3b9",
            "106.41.36.218",
        ),
        ("invalid ip 14.23.124.132, not in whitelist hint: [KcUQza01821501]", "14.23.124.132"),
        ("invalid ip 1.2.3.4 ipv6 2001:db8::1, not in whitelist", "1.2.3.4 (2001:db8::1)"),
        ("access clientip is not registered", None),
    ],
)
def test_address_that_wechat_saw(errmsg: str, address: str | None) -> None:
    assert seen_address(errmsg) == address


@pytest.mark.parametrize("errcode", [40164, 45035, 61004])
@pytest.mark.parametrize(
    ("account", "en", "zh"),
    [
        (
            OFFICIAL,
            "developers.weixin.qq.com/platform",
            "微信开发者平台 → 我的业务 → 公众号/服务号 → 基础信息 → 开发密钥",
        ),
        (MINI, "mp.weixin.qq.com, Development, Development settings", "公众平台 → 开发管理 → 开发设置"),
    ],
)
def test_address_is_entered_where_the_kind_of_account_has_its_list(
    errcode: int, account: Account, en: str, zh: str
) -> None:
    said = advice(refusal(errcode, "access clientip is not registered", endpoint=TOKEN), account)
    assert en in said["en"]
    assert zh in said["zh"]
    assert "the public address of this server" in said["en"]
    assert f"wechat-central retry {account.name}" in said["zh"]


@pytest.mark.parametrize("errcode", [40013, 40125, 40001])
def test_appid_and_secret_are_compared_and_the_secret_is_not_told(errcode: int) -> None:
    for account, length, spaces in ((OFFICIAL, 32, "no whitespace"), (MINI, 18, "whitespace among them")):
        said = advice(refusal(errcode, "invalid appsecret", endpoint=TOKEN), account)
        assert f"{length} characters, {spaces}" in said["en"]
        assert account.appid in said["en"]
        assert account.appid in said["zh"]
        assert account.secret not in str(said)
        assert ("微信开发者平台" in said["zh"]) == (account is OFFICIAL)


def test_administrator_of_the_account_has_to_approve_the_address() -> None:
    said = advice(refusal(89503, "text", endpoint=TOKEN), OFFICIAL)
    assert "The administrator of shop (wx0123456789abcdef)" in said["en"]
    assert "管理员" in said["zh"]


def test_unknown_errcode_has_a_hint_too() -> None:
    assert "rid" in advice(refusal(123456, "unheard of", endpoint=TOKEN), OFFICIAL)["en"]


def test_english_advice_is_ascii() -> None:
    for errcode in (40164, 89503, 40125):
        said = advice(refusal(errcode, "text", endpoint=TOKEN), OFFICIAL)
        assert said["en"].isascii()
        assert not said["zh"].isascii()


@pytest.mark.parametrize(
    "error",
    [
        refusal(40243, "frozen", endpoint=TOKEN),
        refusal(89507, "refused once", endpoint=TOKEN),
        refusal(40001, "invalid credential", endpoint="/cgi-bin/ticket/getticket"),
        WeChatUnavailable("could not be reached"),
    ],
)
def test_other_errors_have_the_hint_that_callers_get(error: WeChatUnavailable) -> None:
    assert advice(error, OFFICIAL) == hint(error)
