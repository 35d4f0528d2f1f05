"""Web login."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, Field

from ...login import LoginScope
from .base import Answer, Request, Text


class Start(Request):
    """What a site asks of a login."""

    advice: ClassVar[str] = " Encode next with encodeURIComponent."

    next: Annotated[str, Field(min_length=1, max_length=2048)]
    """The page that the browser comes back to, on one of the account's login origins; `ticket` and `state` are added
    before its `#`."""
    challenge: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
    """The SHA-256 of a random `verifier` in base64url without padding (RFC 7636, S256). The site's backend keeps the
    verifier with the user's session."""
    scope: LoginScope | None = None
    """`snsapi_base` (silent, the default) or `snsapi_userinfo` for an official account, `snsapi_login` for a website
    (网站应用)."""
    state: Annotated[str, Field(pattern=r"^[ -~]{1,512}$")] | None = None
    """The site's own text in ASCII, handed back as it is."""
    account: Text | None = None
    """Name or appid. Left out: the first account whose login origins have `next`, of the kind that takes `scope`."""


class Callback(BaseModel):
    """What WeChat sends the browser back with. Anything else is ignored."""

    code: Annotated[str, Field(max_length=128)] | None = None
    state: Annotated[str, Field(max_length=128)] | None = None


class Redeem(Request):
    """A ticket and the secret whose challenge began the login."""

    example: ClassVar[dict[str, str]] = {
        "ticket": "CXn7dSq8hQm3yK5pXhV0JrJvM0gq3n8y1dR2uT9wLz4",
        "verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    }

    ticket: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
    verifier: Annotated[str, Field(pattern=r"^[A-Za-z0-9._~-]{43,128}$")]


class LoggedInUser(Answer):
    """The user who logged in."""

    account: str
    """The account's name."""
    appid: str
    origin: str
    """The origin of `next`."""
    scope: LoginScope
    openid: str
    unionid: str | None = None
    """Where the account is bound to an open platform account, and never with `snsapi_base`."""
    is_snapshotuser: bool
    """A snapshot page (快照页): openid and unionid are virtual. Never create an account for one."""
    nickname: str | None = None
    headimgurl: str | None = None
