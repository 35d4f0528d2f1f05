"""Liveness, readiness and the state of each account."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from ...accounts import Kind
from .base import Answer, Hint, Request, Text

_Credential = Literal["access_token", "jsapi_ticket"]
_Seconds = Annotated[int, Field(ge=0)]


class OneAccount(Request):
    """Which account to describe."""

    account: Text | None = None
    """Name or appid. Left out: all that the key is for. Needs a key."""


class Alive(Answer):
    """The process is alive."""

    status: Literal["ok"]


class Cooldown(Answer):
    """Why WeChat is not asked, and until when."""

    kind: Literal["cooldown", "budget"]
    """`cooldown`: a call or fetch failed; `budget`: refused values cause no fetch for now."""
    endpoint: str | None
    """WeChat's path; null: the fetch of `credential`."""
    credential: _Credential | None
    attempt: Annotated[int, Field(ge=0)]
    """Counts failures in a row."""
    until: int
    """Unix seconds: when WeChat is asked again."""
    detail: str
    hint: Hint
    errcode: int | None = None
    errmsg: str | None = None
    rid: str | None = None


class CredentialState(Answer):
    """A credential, without its value."""

    credential: _Credential
    state: Literal["fresh", "stale", "expired", "missing", "unknown"]
    """`unknown`: the store does not say."""
    generation: Annotated[int, Field(ge=0)]
    """Counts the values that there were."""
    obtained_at: int | None
    """Unix seconds: when WeChat last confirmed it."""
    stale_at: int | None
    """When a successor is fetched."""
    expires_at: int | None
    age_seconds: _Seconds | None
    remaining_seconds: _Seconds | None
    fetches_left: Annotated[float, Field(ge=0)]
    """Of the budget for refused ones."""


class AccountState(Answer):
    """The credentials of an account."""

    account: str
    appid: str
    kind: Kind
    credentials: list[CredentialState]
    cooldowns: list[Cooldown]


class Readiness(Answer):
    """The server can serve."""

    status: Literal["ok", "degraded"]
    """`degraded`: the store does not answer; with a key also: one of its accounts is in a cooldown."""
    version: str | None = None
    """With a key: the server's own version."""
    mock: str | None = None
    """With a key: the mock in place of WeChat."""
    store: str | None = None
    """With a key: why the store does not answer."""
    store_hint: Hint | None = None
    """With a key: what to do about it."""
    accounts: list[AccountState] | None = None
    """With a key."""


class Unready(Answer):
    """With a key: the store does not answer, and nothing is left in memory."""

    status: Literal["unusable"]
    version: str
    mock: str | None
    store: str | None
    store_hint: Hint | None
    accounts: list[AccountState]


class Event(Answer):
    """Something that happened to an account's credentials."""

    at: int
    """Unix seconds."""
    what: Literal["fetched", "overtaken", "failed", "cooldown", "lifted", "forced"]
    """`overtaken`: another fetch was saved first; `cooldown`: WeChat refused a call, the endpoint is not called now;
    `lifted`: an operator ended the cooldowns; `forced`: an operator had the token revoked."""
    credential: str | None = None
    endpoint: str | None = None
    refused: bool | None = None
    """WeChat had refused the credential before."""
    by: str | None = None
    """The name of the operator's key, or `command line`."""
    detail: str | None = None
    errcode: int | None = None
    errmsg: str | None = None
    rid: str | None = None
    until: int | None = None
    """When WeChat is asked again."""
    host: str
    pid: int
    times: int
    """How often the same failure happened in a row, ..."""
    since: int
    """... and when first."""


class AccountStatus(AccountState):
    """An account, with its last events."""

    events: list[Event]
    """At most 100, newest first."""


class _Calls(Answer):
    endpoint: str
    errcode: str
    """0 is success; empty: no usable answer."""
    calls: int


class GatewayCalls(_Calls):
    """Calls to the gateway."""

    key: str


class WeChatCalls(_Calls):
    """Calls to WeChat."""

    outcome: str


class Places(Answer):
    """Places for slow calls to WeChat (checks, gateway, login) in all worker processes."""

    free: int
    taken: int
    waiting: int
    """Callers that wait for one."""


class Status(Answer):
    """The state of everything."""

    status: Literal["ok", "degraded", "unusable"]
    now: float
    """Unix seconds, by this server's clock."""
    host: str
    pid: int
    listener: Literal["all", "public", "internal"]
    mock: str | None
    store: str | None
    """Why the store does not answer."""
    store_hint: Hint | None
    accounts: list[AccountStatus]
    workers: int | None = None
    gateway_calls: list[GatewayCalls] | None = None
    wechat_calls: list[WeChatCalls] | None = None
    places: Places | None = None


class OfOneAccount(Request):
    """An account."""

    example: ClassVar[dict[str, Any]] = {"account": "default"}

    account: Text
    """Name or appid."""


class RefreshNow(OfOneAccount):
    """Which credential to fetch."""

    credential: _Credential = "access_token"
    force: bool = False
    """Revoke the current stable access_token. WeChat allows it 20 times a day, 30 s apart."""


class Retried(Answer):
    """The account has no cooldowns any more."""

    account: str


class Refreshed(Answer):
    """What the store has now."""

    account: str
    credential: _Credential
    generation: Annotated[int, Field(ge=1)]
    same_value: bool
    """WeChat gave the same one again."""
    remaining_seconds: _Seconds


class Finding(Answer):
    """One check."""

    subject: str
    check: str
    verdict: Literal["ok", "failed", "note", "skipped"]
    found: str
    advice: Hint | None


class Examined(Answer):
    """What the doctor found."""

    well: bool
    """All checks were made, and none failed."""
    complete: bool
    """Whether the time sufficed for all checks."""
    findings: list[Finding]
