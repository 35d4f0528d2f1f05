"""The pytest plugin: fixtures `mock_wechat_server` and `mock_wechat_in_process`."""

from collections.abc import Iterator

import pytest

from . import MockWeChat, intercept


@pytest.fixture
def mock_wechat_server() -> Iterator[MockWeChat]:
    """A fresh mock for one test, listening on a free port."""
    with MockWeChat() as mock:
        yield mock


@pytest.fixture
def mock_wechat_in_process() -> Iterator[MockWeChat]:
    """A fresh mock for one test, which answers `https://api.weixin.qq.com`; other hosts are refused."""
    with intercept(others="refuse") as mock:
        yield mock
