"""Accounts and API keys: what is known of each, and what settings must say of them."""

from .account import Account, Accounts, Kind, ModerationPolicy, OnUnavailable, PushSettings
from .js_domains import MAX_URL_CHARACTERS, JsDomain, PageUrl, is_loopback
from .keys import MIN_KEY_CHARACTERS, SCOPES, ApiKey, ApiKeys, Scope
from .secret import Secret, secret_in_file, text_of
from .tables import (
    AccountTable,
    AccountTables,
    CommaSeparated,
    FileText,
    KeyTable,
    KeyTables,
    SecretText,
    Table,
    split_keys,
)

__all__ = [
    "MAX_URL_CHARACTERS",
    "MIN_KEY_CHARACTERS",
    "SCOPES",
    "Account",
    "AccountTable",
    "AccountTables",
    "Accounts",
    "ApiKey",
    "ApiKeys",
    "CommaSeparated",
    "FileText",
    "JsDomain",
    "KeyTable",
    "KeyTables",
    "Kind",
    "ModerationPolicy",
    "OnUnavailable",
    "PageUrl",
    "PushSettings",
    "Scope",
    "Secret",
    "SecretText",
    "Table",
    "is_loopback",
    "secret_in_file",
    "split_keys",
    "text_of",
]
