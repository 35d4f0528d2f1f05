"""Notes on right settings that leave something unused."""

import pytest

from app.ops.doctor import Finding, Verdict
from app.ops.doctor.checkup import check_account, check_settings
from app.settings import load_settings

SECRET = "0123456789abcdef0123456789abcdef"
BARE = {
    "WECHAT_APPID": "wx0000000000000001",
    "WECHAT_SECRET": SECRET,
    "WECHAT_MINI_APPID": "wx0000000000000002",
    "WECHAT_MINI_SECRET": SECRET,
}
WHOLE = {
    "WECHAT_JS_DOMAINS": "h5.example.com",
    "WECHAT_API_KEYS": "backend:moderation=0123456789abcdef0123456789abcdef",
    "WECHAT_PUSH_TOKEN": "push-token",
}


def notes(**settings: str) -> dict[str, Finding]:
    read = load_settings(BARE | settings)
    findings = [*check_settings(read), *(one for account in read.accounts for one in check_account(account, read))]
    return {f"{one.subject} {one.check}": one for one in findings if one.verdict is Verdict.NOTE}


@pytest.mark.parametrize(
    ("missing", "note"),
    [
        ("WECHAT_JS_DOMAINS", "default js_domains"),
        ("WECHAT_API_KEYS", "server api_keys"),
        ("WECHAT_PUSH_TOKEN", "mini push"),
    ],
)
def test_unusable_part_is_noted_with_the_missing_setting(missing: str, note: str) -> None:
    found = notes(**{name: value for name, value in WHOLE.items() if name != missing})
    assert list(found) == [note]
    advice = found[note].advice
    assert advice
    assert missing in advice["en"]
    assert missing in advice["zh"]


def test_server_that_lacks_nothing_has_no_notes() -> None:
    assert notes(**WHOLE) == {}


@pytest.mark.parametrize(
    ("listener", "noted"), [("public", {"default js_domains", "mini push"}), ("internal", {"server api_keys"})]
)
def test_other_listeners_parts_are_not_noted(listener: str, noted: set[str]) -> None:
    assert set(notes(WECHAT_LISTENER=listener)) == noted
