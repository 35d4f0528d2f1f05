"""Answers in JSON: compact, UTF-8 as it is, a line end behind for people with curl; for no cache to keep."""

from json import JSONEncoder
from typing import Any

from flask import Response

_HEADERS = [("Cache-Control", "no-store")]  # credentials, and what is true at this moment
_ENCODER = JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def json_answer(document: Any, status: int = 200, *, mimetype: str = "application/json") -> Response:
    """The document as a response. Half a character (a lone surrogate) is written as JSON's escape for it."""
    text = _ENCODER.encode(document) + "\n"
    return Response(text.encode("utf-8", "backslashreplace"), status, _HEADERS, content_type=mimetype)
