"""access_token and jsapi_ticket."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from .base import Answer, Request, Text


class OfAccount(Request):
    """The credential of an account."""

    account: Text | None = None
    """Name or appid. Left out: the first account; of tickets the first official one."""


class Rejected(Request):
    """A credential that WeChat refused."""

    example: ClassVar[dict[str, Any]] = {"rejected": "81_..."}

    rejected: Text
    """The access_token or jsapi_ticket that WeChat refused."""
    account: Text | None = None
    """Name or appid; may stand in the query instead. Left out: the first account; of tickets the first official one."""


class _HandedOut(Answer):
    expires_in: Annotated[int, Field(ge=0)]
    """Seconds. Callers who keep to it never use a dead one."""
    expires_at: int
    """The same as Unix seconds."""
    cache_seconds: Annotated[int, Field(ge=0, le=60)]
    """How long to keep a copy."""


class AccessToken(_HandedOut):
    """The access_token to use."""

    access_token: Text


class Ticket(_HandedOut):
    """The jsapi_ticket to use."""

    ticket: Text
