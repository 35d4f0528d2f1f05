"""Why WeChat refuses a signature: compares it with what servers sign by mistake."""

from .diagnosis import NEEDS, Claim, account_for, diagnose, is_listed, was_made_with
from .hints import HINTS, hint

__all__ = ["HINTS", "NEEDS", "Claim", "account_for", "diagnose", "hint", "is_listed", "was_made_with"]
