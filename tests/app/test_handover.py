"""A reload, and what stops one."""

import pytest

from app.handover import reload_if_right

RIGHT = {"WECHAT_APPID": "wx0123456789abcdef", "WECHAT_SECRET": "0123456789abcdef0123456789abcdef"}


def test_right_settings_are_reloaded() -> None:
    reloads: list[None] = []
    reload_if_right(RIGHT, lambda: reloads.append(None))
    assert len(reloads) == 1


def test_wrong_settings_stop_the_reload_and_each_problem_is_said(caplog: pytest.LogCaptureFixture) -> None:
    reloads: list[None] = []
    reload_if_right(RIGHT | {"WECHAT_LISTENER": "back", "WECHAT_THREADS": "x"}, lambda: reloads.append(None))
    assert reloads == []
    said = [record.getMessage() for record in caplog.records]
    assert all(line.startswith("not reloaded, the settings of before stay: WECHAT_") for line in said)
    assert {line.split(": ")[1] for line in said} == {"WECHAT_LISTENER", "WECHAT_THREADS"}
