"""API keys, their scopes, their accounts."""

from collections.abc import Callable

from flask import request

from ..accounts import Account, ApiKey, Scope, is_loopback
from ..services import current_services
from .access_log import note
from .errors import KeyNotAllowed, KeyRequired
from .proxies import UNTOLD_PROXY


def require(scope: Scope) -> ApiKey:
    """The caller's key, which has `scope`. Raises KeyRequired or KeyNotAllowed."""
    key = _presented_key()
    if not key.allows(scope):
        raise KeyNotAllowed(f"The API key of {key.name} has no scope {scope}.")
    return key


def require_all_accounts(scope: Scope) -> ApiKey:
    """The caller's key, which has `scope` for every account. Raises KeyRequired or KeyNotAllowed."""
    key = require(scope)
    if key.accounts is not None:
        raise KeyNotAllowed(f"The API key of {key.name} is for some accounts; this endpoint needs one for all.")
    return key


def on_this_machine() -> bool:
    """Whether the caller is on loopback, without an unknown proxy between."""
    return is_loopback(request.environ.get("REMOTE_ADDR", "")) and UNTOLD_PROXY not in request.environ


def has_authorization() -> bool:
    """Whether the caller sent an Authorization header."""
    return "HTTP_AUTHORIZATION" in request.environ


def chosen_account(key: ApiKey, name: str | None, default: Callable[[], Account]) -> Account:
    """The account of this name or appid, or else the default. Raises UnknownAccount or KeyNotAllowed."""
    account = default() if name is None else current_services().accounts.find(name)
    if not key.allows_account(account.name):
        raise KeyNotAllowed(f"The API key of {key.name} may not use the account {account.name}.")
    return account


def _presented_key() -> ApiKey:
    scheme, _, presented = request.environ.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
    if scheme.lower() != "bearer" or not presented.strip():
        raise KeyRequired("Send an API key: Authorization: Bearer <key>.")
    # WSGI hands bytes over as Latin-1; a test client may put more into the text.
    key = current_services().keys.find(presented.strip().encode("latin-1", "backslashreplace"))
    if key is None:
        raise KeyRequired("This server does not know the API key.")
    note(request.environ, "key_name", key.name)
    return key
