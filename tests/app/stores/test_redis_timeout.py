"""How long a Redis that says nothing is waited for is a setting: one far away takes longer than one next door."""

import socket
import time

import pytest

from app.credential import Key
from app.exceptions import StoreUnavailable
from app.services import build_services
from app.settings import load_settings

SETTING_SECONDS = 0.6


def test_redis_is_waited_for_as_long_as_the_setting_says() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        settings = {"WECHAT_STORE_URL": url, "WECHAT_REDIS_TIMEOUT_SECONDS": str(SETTING_SECONDS)}
        account = {"WECHAT_APPID": "wx0000000000000001", "WECHAT_SECRET": "0123456789abcdef0123456789abcdef"}
        shelf = build_services(load_settings(account | settings)).shelf
        began = time.monotonic()
        with pytest.raises(StoreUnavailable, match="Redis"):
            shelf.load(Key("wx0000000000000001", "access_token"))
        assert time.monotonic() - began > SETTING_SECONDS - 0.1
        shelf.close()
