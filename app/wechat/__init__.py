"""The only code that speaks HTTP to WeChat."""

from .client import ENDPOINTS, MEDIA_CHECK_ASYNC, MSG_SEC_CHECK, Issued, WeChatClient
from .pool import CallPool
from .transport import Transport

__all__ = ["ENDPOINTS", "MEDIA_CHECK_ASYNC", "MSG_SEC_CHECK", "CallPool", "Issued", "Transport", "WeChatClient"]
