"""The pytest fixture `mock_wechat`; `pytest_plugins = ["mock_wechat.pytest_plugin"]` brings it in."""

from collections.abc import Iterator

import pytest

from .mock import MockWeChat


@pytest.fixture
def mock_wechat() -> Iterator[MockWeChat]:
    """A fresh mock for one test, listening on a free port."""
    with MockWeChat() as mock:
        yield mock
