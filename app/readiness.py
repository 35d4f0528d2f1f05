"""Is this server ready, and what is the state of each credential? Asks the store, never WeChat."""

import math
from dataclasses import dataclass
from typing import Any

from .accounts import Account
from .credential import Credential, State
from .errcodes import Hint, hint
from .exceptions import StoreUnavailable, WeChatRefused
from .failures import Failure
from .provider import CredentialProvider
from .services import Desk, Services

_BUDGET_REFILL_SECONDS = 20
"""after so long there is one fetch more in the budget of refusals, at the latest"""

_SQLITE = Hint(
    en="Is the disk full, or mounted read-only? May the server's user write the file and its folder? Has another "
    "program locked the file? One that is damaged can be moved away while the server runs: a new one is made, and each "
    "credential fetched once.",
    zh="请检查：磁盘是否已满或只读；运行用户能否写入该文件及其目录；是否有其他程序锁住了该文件。"
    "文件若已损坏，可直接移走，无需停止服务：会自动新建，每个凭据重新获取一次。",
)
_REDIS = Hint(
    en="Is Redis up, and reachable from this machine? Do user, password and rediss:// in WECHAT_STORE_URL fit? Is it "
    "out of memory, or a read-only replica?",
    zh="请检查：Redis 是否在运行、本机能否连上；WECHAT_STORE_URL 中的用户、密码、rediss:// 是否正确；"
    "Redis 是否内存已满，或是只读副本。",
)
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
    failure = services.shelf.look()
    if failure:
        advice = _REDIS if services.settings.store_url.startswith("redis") else _SQLITE
        return Readiness(services.shelf.copies > 0, True, accounts, str(failure), advice)
    troubled = any(one["holds"] or any(c["trouble"] for c in one["credentials"]) for one in accounts)
    return Readiness(True, troubled, accounts)


def _account(services: Services, desk: Desk) -> dict[str, Any]:
    holds = [(endpoint, desk.client.holds.current(endpoint)) for endpoint in desk.endpoints]
    now = services.clock()
    return {
        "account": desk.account.name,
        "appid": desk.account.appid,
        "kind": desk.account.kind,
        "credentials": [_credential(provider, now) for provider in desk.providers],
        "holds": [
            {"endpoint": endpoint, "credential": _fetched_from(endpoint, desk), **_failure("hold", failure, now)}
            for endpoint, failure in holds
            if failure
        ],
    }


def _credential(provider: CredentialProvider, now: float) -> dict[str, Any]:
    try:
        credential = provider.peek()
    except StoreUnavailable:
        return _described(provider, None, "unknown", now)
    return _described(provider, credential, credential.state(now).value if credential else "missing", now)


def _described(provider: CredentialProvider, credential: Credential | None, state: str, now: float) -> dict[str, Any]:
    known = credential if credential and credential.value else None  # without a value: the store holds none that opens
    return {
        "credential": provider.key.credential,
        "state": state,
        "generation": credential.generation if credential else 0,
        "age_seconds": int(now - known.obtained_at) if known else None,
        "remaining_seconds": max(0, int(credential.expires_at - now)) if credential else None,
        "fetches_left": provider.fetches_left(),
        "trouble": _trouble(provider, state, now),
    }


def _trouble(provider: CredentialProvider, state: str, now: float) -> dict[str, Any] | None:
    """What keeps the next fetch waiting: a failed one (callers wait too: a pause; else: a retry), or too many."""
    failure = provider.trouble()
    if failure:
        return _failure("retry" if state in (State.FRESH.value, State.STALE.value) else "pause", failure, now)
    if provider.fetches_left():
        return None
    detail = "WeChat refuses it again and again: refusals cause no fetch for now."
    return {"kind": "budget", "until": int(now) + _BUDGET_REFILL_SECONDS, "detail": detail, "hint": _BUDGET}


def _fetched_from(endpoint: str, desk: Desk) -> str | None:
    """The credential that comes from `endpoint`; None if it serves something else."""
    return next((provider.key.credential for provider in desk.providers if endpoint in provider.endpoints), None)


def _failure(kind: str, failure: Failure, now: float) -> dict[str, Any]:
    error = failure.error(now)
    said = {"kind": kind, "until": math.ceil(failure.until), "detail": str(error), "hint": hint(error) or _UNKNOWN}
    if isinstance(error, WeChatRefused):
        said |= {"errcode": error.errcode, "errmsg": error.errmsg, "rid": error.rid}
    return said
