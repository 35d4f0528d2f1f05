"""API keys: who calls, with which scopes, for which accounts."""

from collections.abc import Callable

from flask import request

from ..accounts import Account, ApiKey, Scope
from .access_log import note
from .current import current_services


class KeyRequired(Exception):
    """The request carries no API key, or an unknown one."""


class KeyNotAllowed(Exception):
    """The API key is known, but lacks the scope or the account."""


def require(scope: Scope) -> ApiKey:
    """The caller's key, which has `scope`. Raises KeyRequired or KeyNotAllowed."""
    key = _presented_key()
    if not key.allows(scope):
        raise KeyNotAllowed(f"The API key of {key.name} has no scope {scope}.")
    return key


def require_all_accounts(key: ApiKey) -> None:
    """Raise KeyNotAllowed if the key is for some accounts only."""
    if key.accounts is not None:
        raise KeyNotAllowed(f"The API key of {key.name} is for some accounts; this endpoint needs one for all.")


def has_authorization() -> bool:
    """Whether the caller sent an Authorization header."""
    return "HTTP_AUTHORIZATION" in request.environ


def chosen_account(key: ApiKey, name: str | None, default: Callable[[], Account]) -> Account:
    """The account of this name or appid, or else the default. Raises UnknownAccount or KeyNotAllowed."""
    account = default() if name is None else current_services().accounts.find(name)
    if not key.allows_account(account.name):
        raise KeyNotAllowed(f"The API key of {key.name} may not use the account {account.name}.")
    return account


def allowed_accounts(key: ApiKey) -> list[Account]:
    """The accounts that the caller may use."""
    return [account for account in current_services().accounts if key.allows_account(account.name)]


def presented() -> bytes | None:
    """The key in the Authorization header, known or not; None without one."""
    scheme, _, key = request.environ.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        return None
    # WSGI hands bytes over as Latin-1; a test client may put more into the text.
    return bytes(key.strip().encode("latin-1", "backslashreplace"))


def _presented_key() -> ApiKey:
    given = presented()
    if given is None:
        raise KeyRequired("Send an API key: Authorization: Bearer <key>.")
    key = current_services().keys.find(given)
    if key is None:
        raise KeyRequired("This server does not know the API key.")
    note(request.environ, "key_name", key.name)
    return key
