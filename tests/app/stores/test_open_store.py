import sys

import pytest

from app.errors import SettingsError
from app.stores import open_store


def test_redis_without_its_extra_is_an_error_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "app.stores.redis", raising=False)
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(SettingsError, match=r"WECHAT_STORE_URL: .*\[redis\]"):
        open_store("redis://127.0.0.1:1", "", lambda: 0.0)
