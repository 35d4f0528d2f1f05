"""Liveness, readiness and the state of each account."""

from typing import Annotated, Literal

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
    """Why WeChat is left alone, and until when."""

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
    """`degraded`: an account is in a cooldown, or the store does not answer."""
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
