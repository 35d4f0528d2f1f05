"""Signatures for wx.config, and why WeChat refuses one."""

from .diagnosis import NEEDS, Claim, account_for, diagnose, hint, is_listed, was_made_with
from .mistakes import TABLE, mistakes
from .signature import Config, config, page_url, signature, string1
