"""One fake clock, and a mock WeChat that shares it."""

from collections.abc import Iterator

import pytest

from mock_wechat import MockWeChat
from tests.doubles import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def wechat(clock: FakeClock) -> Iterator[MockWeChat]:
    with MockWeChat(clock=clock) as mock:
        yield mock
