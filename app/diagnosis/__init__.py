"""Why WeChat refuses a signature: compares it with what servers sign by mistake."""

from .diagnosis import NEEDS, Claim, account_for, diagnose, hint, is_listed, was_made_with
from .mistakes import TABLE, mistakes

__all__ = ["NEEDS", "TABLE", "Claim", "account_for", "diagnose", "hint", "is_listed", "mistakes", "was_made_with"]
