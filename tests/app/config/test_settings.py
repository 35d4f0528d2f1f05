"""The table of settings, and Settings themselves."""

from dataclasses import fields

import pytest
from app.config import load_settings, settings_table

from app.timing import Timing
from tests.app.config.conftest import KEY, OFFICIAL


def test_table_has_every_setting_with_default_and_meaning() -> None:
    table = {name: (default, meaning) for name, default, meaning in settings_table()}
    assert len(table) == len(settings_table())
    assert all(meaning for _, meaning in table.values())
    for name in ("APPID", "SECRET", "SECRET_FILE", "MINI_SECRET_FILE", "API_KEYS", "API_KEYS_FILE", "CONFIG"):
        assert table[f"WECHAT_{name}"][0] == "-"
    assert table["WECHAT_TOKEN_MODE"][0] == "stable"
    assert table["WECHAT_EGRESS"][0] == "host name"
    assert table["WECHAT_HOLD_QUOTA_SECONDS"][0] == "60,300,900,3600"
    assert table["WECHAT_REPEAT_SECONDS"][0] == "0.3"
    assert {f"WECHAT_{field.name.upper()}" for field in fields(Timing)} <= table.keys()


def test_every_default_of_the_table_is_itself_a_right_setting() -> None:
    given_defaults = {name: default for name, default, _ in settings_table() if default not in ("-", "host name")}
    assert list(load_settings(OFFICIAL | given_defaults)) == list(load_settings(OFFICIAL))


def test_settings_cannot_be_changed() -> None:
    settings = load_settings(OFFICIAL)
    with pytest.raises(ValueError, match="frozen"):
        settings.doors = "public"


def test_secrets_are_in_no_repr() -> None:
    settings = load_settings(
        OFFICIAL | {"WECHAT_API_KEYS": f"b={KEY}", "WECHAT_PROXY": "http://me:5ecre7@10.0.0.5:3128"}
    )
    assert "5ecre7" not in f"{settings!r} {settings} {list(settings.accounts)} {list(settings.keys)}"


@pytest.mark.parametrize("lease", [10.0, 9.9])
def test_lease_that_ends_before_the_fetch_may_is_refused(lease: float) -> None:
    with pytest.raises(ValueError, match="longer than the fetch deadline"):
        Timing(lease_seconds=lease, fetch_deadline_seconds=10.0)
