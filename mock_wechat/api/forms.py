"""Multipart forms with a file, and fields of JSON bodies that WeChat reads leniently."""

import re
from dataclasses import dataclass
from typing import TypeVar

from ..errors import WeChatError
from ..wire import Response
from .exchange import Exchange

T = TypeVar("T")

MAX_WHOLE = 2**53

_BOUNDARY = re.compile(r';\s*boundary=([^;\s"]+)', re.IGNORECASE)
_DISPOSITION = re.compile(rb"^content-disposition:(.*)$", re.IGNORECASE | re.MULTILINE)
_FILENAME = re.compile(rb';\s*filename=(?:"([^"\r\n]+)"|([^";\s]+))', re.IGNORECASE)
_NAME = re.compile(rb';\s*name=(?:"([^"\r\n]*)"|([^";\s]+))', re.IGNORECASE)

STREAMED = Response(b"<html><head><title>412 Precondition Failed</title></head></html>", "text/html", 412)
"""The gateway refuses a body without Content-Length (WECHAT.md 0.13)."""


@dataclass(frozen=True)
class Part:
    """One part of a form; a file has a `filename`."""

    name: str
    filename: str
    content: bytes


def parts(content_type: str, body: bytes) -> list[Part]:
    """The complete parts of a multipart form. A quoted boundary is not read, as by WeChat (WECHAT.md 4: 41005)."""
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        return []
    found = []
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary[1].encode("latin-1", "replace"))
    for piece in pieces[1:-1]:  # the first is a preamble, the last follows the end mark
        head, blank, content = piece.partition(b"\r\n\r\n")
        disposition = _DISPOSITION.search(head.strip(b"\r\n"))
        if blank and disposition:
            found.append(Part(_value(_NAME, disposition[1]), _value(_FILENAME, disposition[1]), content))
    return found


def read_form(exchange: Exchange) -> list[Part]:
    """The parts of the call's form. A body in another format has none."""
    content_type = exchange.request.headers.get("content-type", "")
    is_form = content_type.partition(";")[0].strip().lower() == "multipart/form-data"
    return parts(content_type, exchange.request.body) if is_form else []


def file_of(form: list[Part]) -> Part:
    """The first file, whatever its field's name (WECHAT.md 4). Raises WeChatError 41005."""
    file = next((part for part in form if part.filename), None)
    if file is None or not file.content:
        raise WeChatError(41005)
    return file


def field_of(form: list[Part], name: str) -> str:
    """The text of a field that is not a file; empty if it is missing."""
    found = (part.content for part in form if part.name == name and not part.filename)
    return next(found, b"").decode("utf-8", "replace")


def is_streamed(exchange: Exchange) -> bool:
    return "chunked" in exchange.request.headers.get("transfer-encoding", "").lower()


def text_of(asked: dict[str, object], name: str) -> str:
    """A text, empty if it is missing or something else."""
    value = asked.get(name)
    return value if isinstance(value, str) else ""


def whole_of(asked: dict[str, object], name: str, default: int = 0) -> int:
    """A whole number that a float can hold, `default` if it is missing or something else."""
    value = asked.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < MAX_WHOLE else default


def page_of(asked: dict[str, object], items: list[T]) -> list[T]:
    """The items from `offset` on, `count` of them (1 to 20). Raises WeChatError 40097 for other numbers (assumed)."""
    offset, count = whole_of(asked, "offset", -1), whole_of(asked, "count", -1)
    if offset < 0 or not 1 <= count <= 20:
        raise WeChatError(40097)
    return items[offset : offset + count]


def _value(pattern: re.Pattern[bytes], disposition: bytes) -> str:
    found = pattern.search(disposition)
    return (found[1] or found[2] or b"").decode("utf-8", "replace") if found else ""
