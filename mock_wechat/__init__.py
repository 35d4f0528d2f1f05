"""A mock of WeChat's API for tests: real paths, answers and errors, and a clock that you can move."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .errors import WeChatError
from .extras import MissingExtra
from .mock import MockWeChat
from .state.accounts import MINI, OFFICIAL, WEB, Account
from .state.calls import Call
from .state.quotas import Limit
from .wire import Request

if TYPE_CHECKING:
    from .in_process import InProcess, Others

__all__ = ["MINI", "OFFICIAL", "WEB", "Account", "Call", "Limit", "MockWeChat", "Request", "WeChatError", "intercept"]


def intercept(
    *, others: "Others" = "pass", sleep: Callable[[float], object] = time.sleep, **options: Any
) -> "InProcess":
    """A mock that answers `https://api.weixin.qq.com` (and api2., sh.api., sz.api., hk.api.) without a port.

    It answers every caller that uses `requests` while the `with` block runs. Other hosts are called as usual, or
    refused with `others="refuse"`. `sleep` waits where a fault delays an answer. `options` are those of MockWeChat:
    `clock`, `seed`, `accounts` ... Raises MissingExtra without `responses`.
    """
    try:
        from .in_process import InProcess  # noqa: PLC0415 -- the server needs neither requests nor responses
    except ImportError as missing:
        raise MissingExtra("mock_wechat.intercept()", "intercept", missing) from None
    return InProcess(others=others, sleep=sleep, **options)
