"""What all models have in common."""

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(min_length=1)]
"""a string with something in it"""
AccountOrMini = Annotated[Text | None, Field(description="Name or appid. Left out: the first mini program.")]


class Request(BaseModel):
    """The parameters of a query or a JSON body. What is unknown or of another type is refused; nothing is converted.

    A field `T | None = None` may be left out, and is never null.
    """

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        return []  # codes, tickets and users' data are in no log

    advice: ClassVar[str] = ""
    """added to the error about an unknown or repeated name"""
    example: ClassVar[dict[str, Any]] = {}
    """a body that works, for the document"""


class Answer(BaseModel):
    """The JSON of an answer. A field `T | None = None` may be missing."""

    model_config = ConfigDict(strict=True, frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True)

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        return []  # tokens and users' data are in no log


class Hint(Answer):
    """What to do, in English and Chinese."""

    en: str
    zh: str


class Problem(Answer):
    """What went wrong (RFC 9457)."""

    type: Annotated[str, Field(pattern="^/problems/[a-z-]+$")]
    """A stable name: decide by it."""
    title: str
    status: int
    detail: str
    """What is wrong here, for a person."""
    retry_after: Annotated[int, Field(ge=1)] | None = None
    """Seconds, with 503 and 429: as `Retry-After`, which an item of a batch does not have."""
    errcode: int | None = None
    """WeChat's, where WeChat refused."""
    errmsg: str | None = None
    rid: str | None = None
    """WeChat's id of the call, for its support."""
    hint: Hint | None = None
