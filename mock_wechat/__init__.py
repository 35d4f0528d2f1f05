"""A WeChat for tests: real paths, real answers, real mistakes, and a clock that you can move."""

from .accounts import MINI, OFFICIAL, Account
from .calls import Call
from .intercept import intercept
from .mock import MockWeChat

__all__ = ["MINI", "OFFICIAL", "Account", "Call", "MockWeChat", "intercept"]
