"""Answers in JSON: compact, UTF-8 as it is, a line end behind for people with curl."""

from json import JSONEncoder
from typing import Any

from flask import Response

_ENCODER = JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def json_answer(document: Any, status: int = 200, *, mimetype: str = "application/json") -> Response:
    """The document as a response. Half a character (a lone surrogate) is written as JSON's escape for it."""
    text = _ENCODER.encode(document) + "\n"
    return Response(text.encode("utf-8", "backslashreplace"), status, content_type=mimetype)
