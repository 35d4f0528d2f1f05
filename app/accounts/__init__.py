"""Accounts and API keys: what is known of each, and which one a request means."""

from .account import (
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
from .keys import MIN_KEY_CHARACTERS, SCOPES, ApiKey, ApiKeys, Scope, digest_of
from .secret import Secret, secret_in_file, text_of, usable

__all__ = [
    "MAX_URL_CHARACTERS",
    "MIN_KEY_CHARACTERS",
    "SCOPES",
    "Account",
    "Accounts",
    "ApiKey",
    "ApiKeys",
    "JsDomain",
    "Kind",
    "ModerationPolicy",
    "OnOpenidRefused",
    "OnUnavailable",
    "PageUrl",
    "PushSettings",
    "Scope",
    "Secret",
    "TokenMode",
    "digest_of",
    "is_loopback",
    "page_refusal",
    "secret_in_file",
    "text_of",
    "usable",
]
