"""Is this server ready, and what is the state of each credential? Asks the store, never WeChat."""

import math
from dataclasses import dataclass
from typing import Any

from .accounts import Account
from .credential import State
from .errcodes import hint
from .exceptions import StoreUnavailable, WeChatRefused
from .failures import Failure
from .provider import CredentialProvider
from .services import Desk, Services


@dataclass(frozen=True, slots=True)
class Readiness:
    """What /readyz says."""

    usable: bool
    """settings and store can serve"""
    degraded: bool
    """an account is on hold, WeChat does not answer, or the store does not"""
    accounts: list[dict[str, Any]]
    """for each account its credentials (state, age, what their last fetch said; never values) and holds"""
    store: str | None = None
    """why the store does not answer, while it does not"""

    @property
    def well(self) -> bool:
        """Whether nothing has to be done: not degraded, and every credential can be handed out."""
        states = [credential["state"] for account in self.accounts for credential in account["credentials"]]
        return not self.degraded and set(states) <= {State.FRESH.value, State.STALE.value}


def readiness(services: Services, account: Account | None = None) -> Readiness:
    """The state of one account, or of all."""
    chosen = [account] if account else list(services.accounts)
    try:
        accounts = [_account(services, services.desk(one)) for one in chosen]
    except StoreUnavailable as error:
        # Without the store only what memory holds can be served.
        return Readiness(usable=services.shelf.copies > 0, degraded=True, accounts=[], store=str(error))
    troubled = any(one["holds"] or any(c["trouble"] for c in one["credentials"]) for one in accounts)
    failure = services.shelf.failure
    return Readiness(True, troubled or failure is not None, accounts, str(failure) if failure else None)


def _account(services: Services, desk: Desk) -> dict[str, Any]:
    holds = [(endpoint, desk.client.holds.current(endpoint)) for endpoint in desk.endpoints]
    now = services.clock()
    return {
        "account": desk.account.name,
        "appid": desk.account.appid,
        "kind": desk.account.kind,
        "credentials": [_credential(provider, now) for provider in desk.providers],
        "holds": [
            {"endpoint": endpoint, "credential": _fetched_from(endpoint, desk), **_failure(failure, now)}
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
        "fetches_left": provider.fetches_left(),
        "trouble": _failure(trouble, now) if trouble else None,
    }


def _fetched_from(endpoint: str, desk: Desk) -> str | None:
    """The credential that comes from `endpoint`; None if it serves something else."""
    return next((provider.key.credential for provider in desk.providers if endpoint in provider.endpoints), None)


def _failure(failure: Failure, now: float) -> dict[str, Any]:
    error = failure.error(now)
    said = {"until": math.ceil(failure.until), "detail": str(error), "hint": hint(error)}
    if isinstance(error, WeChatRefused):
        said |= {"errcode": error.errcode, "errmsg": error.errmsg, "rid": error.rid}
    return said
