"""`with mock_wechat.intercept() as mock:` the mock inside of your own process, without a port."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .in_process import InProcess, Others


def intercept(
    *, others: "Others" = "pass", sleep: Callable[[float], object] = time.sleep, **options: Any
) -> "InProcess":
    """A mock that answers `https://api.weixin.qq.com` (and api2., sh.api., sz.api., hk.api.) itself.

    It does so for everything that uses `requests` while the `with` block runs. Other hosts are left alone, or refused
    with `others="refuse"`. `sleep` waits where a fault delays an answer. `options` are those of MockWeChat: `clock`,
    `seed`, `accounts` ... Raises ImportError where `responses` is not installed.
    """
    try:
        from .in_process import InProcess  # noqa: PLC0415 -- the server needs neither requests nor responses
    except ImportError as missing:
        raise ImportError(f"mock_wechat.intercept() is built on responses: pip install responses ({missing})") from None
    return InProcess(others=others, sleep=sleep, **options)
