"""Accounts and API keys: what is known of each, and which one a request means."""

from .account import (
    KINDS,
    Account,
    Accounts,
    Kind,
    ModerationPolicy,
    OnOpenidRefused,
    OnUnavailable,
    PushSettings,
    TokenMode,
    page_refusal,
)
from .js_domains import MAX_URL_CHARACTERS, JsDomain, PageUrl, is_loopback
from .keys import GROUPS, MIN_KEY_CHARACTERS, SCOPES, ApiKey, ApiKeys, Group, Scope, digest_of
from .secret import Secret, secret_in_file, text_of, usable
