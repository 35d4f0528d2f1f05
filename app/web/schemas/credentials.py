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


_ExpiresIn = Annotated[int, Field(ge=0, description="Seconds. A caller who keeps to it never uses a dead one.")]
_ExpiresAt = Annotated[int, Field(description="The same as Unix seconds.")]
_CacheSeconds = Annotated[int, Field(ge=0, le=60, description="How long to keep a copy.")]


class AccessToken(Answer):
    """The access_token to use."""

    access_token: Text
    expires_in: _ExpiresIn
    expires_at: _ExpiresAt
    cache_seconds: _CacheSeconds


class Ticket(Answer):
    """The jsapi_ticket to use."""

    ticket: Text
    expires_in: _ExpiresIn
    expires_at: _ExpiresAt
    cache_seconds: _CacheSeconds
