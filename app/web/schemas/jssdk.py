"""Signatures for pages, and diagnoses of signatures."""
# ruff: noqa: N815 -- WeChat's names

from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field

from ...accounts import MAX_URL_CHARACTERS
from ...jssdk import NEEDS, mistakes
from .base import Answer, Hint, Request, Text

_PageUrl = Annotated[
    str,  # PageUrl checks the rest, and says what is wrong with it
    Field(
        min_length=1,
        json_schema_extra={
            "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://",
            "maxLength": MAX_URL_CHARACTERS,
            "examples": ["https://h5.example.com/shop?id=1"],
        },
    ),
]
_Mistake = Annotated[str, Field(json_schema_extra=lambda schema: schema.update(enum=list(mistakes())))]
_AnyUrl = Annotated[str, Field(min_length=1, max_length=MAX_URL_CHARACTERS)]
_PAGE = {"url": "https://h5.example.com/shop?id=1"}
_SIGNED = {
    "timestamp": 1795234405,
    "nonceStr": "e89f6ce334855612",
    "signature": "d2476ec7600aac44557cd6f7ae87a8777729f76e",
}


def _sha1(signature: str) -> str:
    digits = signature.strip()
    if len(digits) != 40 or not set(digits) <= set("0123456789abcdefABCDEF"):
        raise ValueError("must have 40 hexadecimal digits: it is a SHA-1")
    return digits


class Page(Request):
    """A page to sign."""

    example: ClassVar[dict[str, Any]] = _PAGE
    advice: ClassVar[str] = (
        " If it belongs to the page: encode url with encodeURIComponent, or it arrives cut off at its first &."
    )

    url: _PageUrl
    """The page's own address, as `location.href.split('#')[0]` gives it; what follows a # is cut off. In a query
    encode it once, with `encodeURIComponent`."""
    account: Text | None = None
    """Name or appid. Left out: the account whose JS domains have the page."""


class RefusedPage(Request):
    """What the signature endpoint answered, as it is."""

    example: ClassVar[dict[str, Any]] = {**_PAGE, **_SIGNED}

    url: _PageUrl
    timestamp: int
    nonceStr: Text
    signature: Text
    appId: Text | None = None
    """Names the account, unless `account` does."""
    account: Text | None = None
    """Name or appid; may stand in the query instead. Left out: the account whose JS domains have the page."""


class SignedPage(Answer):
    """Spread it into `wx.config`."""

    appId: Annotated[str, Field(examples=["wx0000000000000001"])]
    timestamp: int
    """Unix seconds."""
    nonceStr: str
    signature: Annotated[str, Field(pattern="^[0-9a-f]{40}$")]
    url: str
    """What was signed."""


class Signature(Request):
    """A signature to diagnose."""

    example: ClassVar[dict[str, Any]] = {"url": "https://h5.example.com/shop?id=1#top", **_SIGNED}

    url: _AnyUrl
    """The page's own address, with its #fragment if it has one."""
    timestamp: Annotated[int, Field(ge=0, lt=10**15)]
    """As in wx.config."""
    nonceStr: Text
    signature: Annotated[str, AfterValidator(_sha1), Field(json_schema_extra={"pattern": "^[0-9a-fA-F]{40}$"})]
    landing_url: _AnyUrl | None = None
    """Another address that may have been signed."""
    wx_card_ticket: Text | None = None
    """If the server fetches that too."""
    appId: Text | None = None
    """As in wx.config. Names the account, unless `account` does."""
    account: Text | None = None
    """Name or appid; may stand in the query instead. Left out: that of `appId`, or the one whose JS domains have the
    page, or the first official one."""


class Diagnosis(Answer):
    """The mistake, if it is a known one."""

    account: str
    """The account whose current ticket was used."""
    valid: bool
    """Whether WeChat accepts the signature on this page."""
    listed: bool
    """Whether the page is on the account's JS domains."""
    mistakes: Annotated[list[_Mistake], Field(max_length=2)]
    """Mistakes of the server that signed; empty if no known mistake explains the signature."""
    untried: list[Annotated[str, Field(json_schema_extra={"enum": list(NEEDS)})]]
    """Not tried, because this was not given."""
    hint: Hint
