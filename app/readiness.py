"""Is this server ready, and what is the state of each credential? Asks the store, never WeChat."""

from dataclasses import dataclass
from typing import Any

from .accounts import Account
from .errcodes import hint
from .exceptions import StoreUnavailable, WeChatError, WeChatRefused
from .provider import CredentialProvider
from .services import Desk, Services
from .wechat import ENDPOINTS


@dataclass(frozen=True, slots=True)
class Readiness:
    """What /readyz says."""

    usable: bool
    """settings and store can serve"""
    degraded: bool
    """an account is on hold, WeChat does not answer, or the store does not"""
    accounts: list[dict[str, Any]]
    """for each account its credentials (state, age, never values) and holds"""


def readiness(services: Services, account: Account | None = None) -> Readiness:
    """The state of one account, or of all."""
    chosen = [account] if account else list(services.accounts)
    try:
        accounts = [_account(services, services.desk(one)) for one in chosen]
    except StoreUnavailable:
        # Without the store only what memory holds can be served.
        return Readiness(usable=services.shelf.copies > 0, degraded=True, accounts=[])
    troubled = any(one["holds"] or any(c["trouble"] for c in one["credentials"]) for one in accounts)
    return Readiness(usable=True, degraded=troubled or services.shelf.failure is not None, accounts=accounts)


def _account(services: Services, desk: Desk) -> dict[str, Any]:
    holds = [(endpoint, desk.client.holds.current(endpoint)) for endpoint in ENDPOINTS]
    now = services.clock()
    return {
        "account": desk.account.name,
        "appid": desk.account.appid,
        "kind": desk.account.kind,
        "credentials": [_credential(provider, now) for provider in desk.providers],
        "holds": [
            {"endpoint": endpoint, "until": int(failure.until), **_error(failure.error(now))}
            for endpoint, failure in holds
            if failure
        ],
    }


def _credential(provider: CredentialProvider, now: float) -> dict[str, Any]:
    credential, trouble = provider.peek(), provider.trouble()
    return {
        "credential": provider.key.credential,
        "state": credential.state(now).value if credential else "missing",
        "generation": credential.generation if credential else 0,
        "age_seconds": int(now - credential.obtained_at) if credential else None,
        "remaining_seconds": max(0, int(credential.expires_at - now)) if credential else None,
        "trouble": _error(trouble) if trouble else None,
    }


def _error(error: WeChatError) -> dict[str, Any]:
    if isinstance(error, WeChatRefused):
        return {"errcode": error.errcode, "errmsg": error.errmsg, "rid": error.rid, "hint": hint(error)}
    return {"detail": str(error)}
