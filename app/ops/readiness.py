"""Is this server ready, and what is the state of each credential? Asks the store, never WeChat."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..account_services import AccountServices
from ..accounts import Account
from ..credentials import CredentialProvider
from ..errors import StoreUnavailable, WeChatRefused
from ..services import Services
from ..stores import State
from ..wechat import ENDPOINTS, Cooldown, Hint, named_hint
from .hints import advice, store_hint

_BUDGET_REFILL_SECONDS = 20
"""the budget for refused values grows by one fetch in at most this time"""

_TIMES = ("obtained_at", "stale_at", "expires_at")


@dataclass(frozen=True, slots=True)
class Readiness:
    """What /readyz says."""

    usable: bool
    """settings and store can serve"""
    degraded: bool
    """one of the accounts has a cooldown or spent its budget for refusals, or the store does not answer"""
    accounts: list[dict[str, Any]]
    """for each account its credentials (state and age, never values) and cooldowns"""
    store: str | None = None
    """why the store does not answer, while it does not"""
    store_hint: Hint | None = None
    """what to do about that"""

    @property
    def status(self) -> str:
        """`ok`, `degraded` or `unusable`."""
        return ("degraded" if self.degraded else "ok") if self.usable else "unusable"

    @property
    def well(self) -> bool:
        """Whether nothing has to be done: not degraded, and every credential can be handed out."""
        states = [credential["state"] for account in self.accounts for credential in account["credentials"]]
        return not self.degraded and set(states) <= {State.FRESH.value, State.STALE.value}


def readiness(services: Services, accounts: Iterable[Account]) -> Readiness:
    """The state of these accounts; while the store does not answer, of their copies in memory."""
    described = [_account(services, services.for_account(account)) for account in accounts]
    failure = services.store.check()
    if failure:
        return Readiness(
            services.store.copies > 0, True, described, str(failure), store_hint(services.settings.store_url)
        )
    return Readiness(True, any(one["cooldowns"] for one in described), described)


def _account(services: Services, of_account: AccountServices) -> dict[str, Any]:
    account, now = of_account.account, services.clock()
    return {
        "account": account.name,
        "appid": account.appid,
        "kind": account.kind,
        "credentials": [_credential(provider, now) for provider in of_account.providers],
        "cooldowns": list(_cooldowns(of_account, now)),
    }


def _credential(provider: CredentialProvider, now: float) -> dict[str, Any]:
    try:
        credential = provider.peek()
        state = credential.state(now).value if credential else "missing"
    except StoreUnavailable:
        credential, state = None, "unknown"
    readable = credential if credential and credential.value else None  # no value: our keys do not decrypt it
    return {
        "credential": provider.key.credential,
        "state": state,
        "generation": credential.generation if credential else 0,
        **{name: math.floor(getattr(readable, name)) if readable else None for name in _TIMES},
        "age_seconds": int(now - readable.obtained_at) if readable else None,
        "remaining_seconds": max(0, int(credential.expires_at - now)) if credential else None,
        "fetches_left": provider.fetches_left(),
    }


def _cooldowns(of_account: AccountServices, now: float) -> Iterator[dict[str, Any]]:
    """Cooldowns of endpoints and of failed fetches, and budgets that refusals have used up."""
    fetched_from = {endpoint: one.key.credential for one in of_account.providers for endpoint in one.endpoints}
    for endpoint, cooldown in of_account.cooldowns.all_current(ENDPOINTS).items():
        yield _described(endpoint, fetched_from.get(endpoint), cooldown, of_account.account, now)
    for provider in of_account.providers:
        credential = provider.key.credential
        try:
            last = provider.cooldown()
        except StoreUnavailable:
            continue
        if last:
            yield _described(None, credential, last, of_account.account, now)
        elif not provider.fetches_left():
            yield {
                "endpoint": None,
                "credential": credential,
                "kind": "budget",
                "attempt": 0,
                "until": int(now) + _BUDGET_REFILL_SECONDS,
                "detail": "WeChat refuses it again and again: refusals cause no fetch for now.",
                "hint": named_hint(f"budget_{credential}"),
            }


def _described(
    endpoint: str | None, credential: str | None, cooldown: Cooldown, account: Account, now: float
) -> dict[str, Any]:
    error = cooldown.error(now)
    refused = isinstance(error, WeChatRefused)
    return {
        "endpoint": endpoint,
        "credential": credential,
        "kind": "cooldown",
        "attempt": cooldown.attempt,
        "until": math.ceil(cooldown.until),
        "detail": str(error),
        "hint": advice(error, account),
        **({name: getattr(error, name) for name in ("errcode", "errmsg", "rid")} if refused else {}),
    }
