"""Is this server ready, and what is the state of each credential? Asks the store, never WeChat."""

import math
from dataclasses import dataclass
from typing import Any

from .accounts import Account
from .credential import Credential, State
from .doctor import advice, store_hint
from .errcodes import Hint
from .exceptions import StoreUnavailable, WeChatRefused
from .failures import Failure
from .provider import CredentialProvider
from .services import Desk, Services

_BUDGET_REFILL_SECONDS = 20
"""after so long there is one fetch more in the budget of refusals, at the latest"""

_BUDGET = Hint(
    en="WeChat refuses one access_token after the other. Is another server fetching tokens for this appid?",
    zh="微信接连拒绝新的 access_token。是否有其他服务器也在为此 appid 获取 access_token？",
)
_UNKNOWN = Hint(
    en="Look the errcode up in WeChat's documentation; its support desk finds the call by its rid.",
    zh="请在微信官方文档的返回码说明中查找该 errcode；向微信客服反馈时请提供 rid。",
)


@dataclass(frozen=True, slots=True)
class Readiness:
    """What /readyz says."""

    usable: bool
    """settings and store can serve"""
    degraded: bool
    """an account is on hold, WeChat does not answer or refuses what it gave, or the store does not answer"""
    accounts: list[dict[str, Any]]
    """for each account its credentials (state, age, what their last fetch said; never values) and holds"""
    store: str | None = None
    """why the store does not answer, while it does not"""
    store_hint: Hint | None = None
    """what to do about that"""

    @property
    def well(self) -> bool:
        """Whether nothing has to be done: not degraded, and every credential can be handed out."""
        states = [credential["state"] for account in self.accounts for credential in account["credentials"]]
        return not self.degraded and set(states) <= {State.FRESH.value, State.STALE.value}


def readiness(services: Services, account: Account | None = None) -> Readiness:
    """The state of one account, or of all. While the store does not answer, that of what memory holds."""
    chosen = [account] if account else list(services.accounts)
    accounts = [_account(services, services.desk(one)) for one in chosen]
    failure = services.shelf.check()
    if failure:
        return Readiness(
            services.shelf.copies > 0, True, accounts, str(failure), store_hint(services.settings.store_url)
        )
    troubled = any(one["holds"] or any(c["trouble"] for c in one["credentials"]) for one in accounts)
    return Readiness(True, troubled, accounts)


def _account(services: Services, desk: Desk) -> dict[str, Any]:
    holds = [(endpoint, desk.client.holds.current(endpoint)) for endpoint in desk.endpoints]
    now = services.clock()
    return {
        "account": desk.account.name,
        "appid": desk.account.appid,
        "kind": desk.account.kind,
        "credentials": [_credential(provider, desk.account, now) for provider in desk.providers],
        "holds": [
            {
                "endpoint": endpoint,
                "credential": _fetched_from(endpoint, desk),
                **_failure("hold", failure, desk.account, now),
            }
            for endpoint, failure in holds
            if failure
        ],
    }


def _credential(provider: CredentialProvider, account: Account, now: float) -> dict[str, Any]:
    try:
        credential = provider.peek()
    except StoreUnavailable:
        return _described(provider, account, None, "unknown", now)
    state = credential.state(now).value if credential else "missing"
    return _described(provider, account, credential, state, now)


def _described(
    provider: CredentialProvider, account: Account, credential: Credential | None, state: str, now: float
) -> dict[str, Any]:
    known = credential if credential and credential.value else None  # without a value: the store holds none that opens
    return {
        "credential": provider.key.credential,
        "state": state,
        "generation": credential.generation if credential else 0,
        "age_seconds": int(now - known.obtained_at) if known else None,
        "remaining_seconds": max(0, int(credential.expires_at - now)) if credential else None,
        "fetches_left": provider.fetches_left(),
        "trouble": _trouble(provider, account, state, now),
    }


def _trouble(provider: CredentialProvider, account: Account, state: str, now: float) -> dict[str, Any] | None:
    """What keeps the next fetch waiting: a failed one (callers wait too: a pause; else: a retry), or too many."""
    failure = provider.trouble()
    if failure:
        kind = "retry" if state in (State.FRESH.value, State.STALE.value) else "pause"
        return _failure(kind, failure, account, now)
    if provider.fetches_left():
        return None
    detail = "WeChat refuses it again and again: refusals cause no fetch for now."
    return {"kind": "budget", "until": int(now) + _BUDGET_REFILL_SECONDS, "detail": detail, "hint": _BUDGET}


def _fetched_from(endpoint: str, desk: Desk) -> str | None:
    """The credential that comes from `endpoint`; None if it serves something else."""
    return next((provider.key.credential for provider in desk.providers if endpoint in provider.endpoints), None)


def _failure(kind: str, failure: Failure, account: Account, now: float) -> dict[str, Any]:
    error = failure.error(now)
    known = advice(error, account) or _UNKNOWN
    said = {"kind": kind, "until": math.ceil(failure.until), "detail": str(error), "hint": known}
    if isinstance(error, WeChatRefused):
        said |= {"errcode": error.errcode, "errmsg": error.errmsg, "rid": error.rid}
    return said
