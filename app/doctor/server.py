"""What is on our side: settings."""

from ..config import Settings
from .findings import Finding, Verdict

_SUBJECT = "server"


def check_settings(settings: Settings) -> Finding:
    """They are right, or there would be no server to ask: says what they amount to."""
    names = ", ".join(account.name for account in settings.accounts)
    found = f"accounts: {names}; API keys: {len(settings.keys)}; egress: {settings.egress}"
    return Finding(_SUBJECT, "settings", Verdict.OK, found)
