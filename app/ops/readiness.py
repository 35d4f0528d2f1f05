"""Is this server ready, and what is the state of each credential? Asks the store, never WeChat."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..accounts import Account
from ..credentials import CredentialProvider
from ..errors import StoreUnavailable, WeChatRefused
from ..services import AccountServices, Services
from ..stores import State
from ..wechat import Cooldown, Hint
from .doctor import advice, store_hint

_BUDGET_REFILL_SECONDS = 20
"""after so long there is one fetch more in the budget of refusals, at the latest"""

_BUDGET = Hint(
    en="WeChat refuses one access_token after the other. Is another server fetching tokens for this appid? If WeChat "
    "returns the same stable token each time, run: wechat-central refresh ACCOUNT access_token --force",
    zh="微信接连拒绝新的 access_token。是否有其他服务器也在为此 appid 获取 access_token？"
    "若微信每次返回同一个稳定版 token，请运行：wechat-central refresh ACCOUNT access_token --force",
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
    """an account has a cooldown or spent its budget for refusals, or the store does not answer"""
    accounts: list[dict[str, Any]]
    """for each account its credentials (state and age, never values) and cooldowns"""
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
    accounts = [_account(services, services.for_account(one)) for one in chosen]
    failure = services.store.check()
    if failure:
        return Readiness(
            services.store.copies > 0, True, accounts, str(failure), store_hint(services.settings.store_url)
        )
    return Readiness(True, any(one["cooldowns"] for one in accounts), accounts)


def _account(services: Services, of_account: AccountServices) -> dict[str, Any]:
    account, now = of_account.account, services.clock()
    return {
        "account": account.name,
        "appid": account.appid,
        "kind": account.kind,
        "credentials": [_credential(provider, now) for provider in of_account.providers],
        "cooldowns": [*_of_endpoints(of_account, now), *_of_credentials(of_account, now)],
    }


def _credential(provider: CredentialProvider, now: float) -> dict[str, Any]:
    try:
        credential = provider.peek()
        state = credential.state(now).value if credential else "missing"
    except StoreUnavailable:
        credential, state = None, "unknown"
    known = credential if credential and credential.value else None  # without a value: the store holds none that opens
    return {
        "credential": provider.key.credential,
        "state": state,
        "generation": credential.generation if credential else 0,
        "age_seconds": int(now - known.obtained_at) if known else None,
        "remaining_seconds": max(0, int(credential.expires_at - now)) if credential else None,
        "fetches_left": provider.fetches_left(),
    }


def _of_endpoints(of_account: AccountServices, now: float) -> Iterator[dict[str, Any]]:
    fetched_from = {endpoint: provider for provider in of_account.providers for endpoint in provider.endpoints}
    for endpoint in of_account.endpoints:
        cooldown = of_account.cooldowns.current(endpoint)
        if cooldown:
            provider = fetched_from.get(endpoint)
            credential = provider.key.credential if provider else None
            yield {"endpoint": endpoint, "credential": credential, **_said(cooldown, of_account.account, now)}


def _of_credentials(of_account: AccountServices, now: float) -> Iterator[dict[str, Any]]:
    """Failed fetches, and budgets that refusals have used up."""
    for provider in of_account.providers:
        try:
            cooldown = provider.cooldown()
        except StoreUnavailable:
            continue
        about = {"endpoint": None, "credential": provider.key.credential}
        if cooldown:
            yield {**about, **_said(cooldown, of_account.account, now)}
        elif not provider.fetches_left():
            detail = "WeChat refuses it again and again: refusals cause no fetch for now."
            until = int(now) + _BUDGET_REFILL_SECONDS
            yield {**about, "kind": "budget", "attempt": 0, "until": until, "detail": detail, "hint": _BUDGET}


def _said(cooldown: Cooldown, account: Account, now: float) -> dict[str, Any]:
    error = cooldown.error(now)
    said: dict[str, Any] = {
        "kind": "cooldown",
        "attempt": cooldown.attempt,
        "until": math.ceil(cooldown.until),
        "detail": str(error),
        "hint": advice(error, account) or _UNKNOWN,
    }
    if isinstance(error, WeChatRefused):
        said |= {"errcode": error.errcode, "errmsg": error.errmsg, "rid": error.rid}
    return said
