"""The only code that speaks HTTP to WeChat."""

from .client import ENDPOINTS, Issued, WeChatClient
from .transport import Transport

__all__ = ["ENDPOINTS", "Issued", "Transport", "WeChatClient"]
