"""A constant answer under gunicorn: what its worker costs by itself, and so the most that any application can reach."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # exists for type checkers only
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_BODY = b'{"signature":"' + b"0" * 200 + b'"}\n'


def app(_environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """Answer as many bytes as a signature has."""
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(_BODY)))])
    return [_BODY]
