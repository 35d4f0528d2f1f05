"""What watchers of the server are told."""

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


class Trouble(Answer):
    """Why a fetch failed, and until when WeChat is left alone."""

    kind: Literal["hold", "pause", "retry", "budget"]
    """`hold`: no retry mends it; `pause`: none is left, and WeChat is left alone; `retry`: the current one still
    serves; `budget`: refusals cause no fetch for now."""
    until: int
    """Unix seconds: when WeChat is asked again."""
    detail: str
    hint: Hint | None
    errcode: int | None = None
    errmsg: str | None = None
    rid: str | None = None


class Hold(Trouble):
    """An answer of WeChat that no retry can mend."""

    endpoint: str
    credential: _Credential | None


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
    trouble: Trouble | None
    """Why the last fetch failed."""


class AccountState(Answer):
    """The credentials of an account."""

    account: str
    appid: str
    kind: Kind
    credentials: list[CredentialState]
    holds: list[Hold]


class Readiness(Answer):
    """The server can serve."""

    status: Literal["ok", "degraded"]
    """`degraded`: an account is on hold, or WeChat or the store does not answer."""
    store: str | None = None
    """With a key: why the store does not answer."""
    store_hint: Hint | None = None
    """With a key: what to do about it."""
    accounts: list[AccountState] | None = None
    """With a key."""


class Unready(Answer):
    """With a key: the store does not answer, and nothing is left in memory."""

    status: Literal["unusable"]
    store: str | None
    store_hint: Hint | None
    accounts: list[AccountState]
