"""The fast path: an ordinary request for a signature is answered without Flask, at a fifth of the cost.

Ordinary is: GET with one `url` and at most an `account`, no Origin or a listed one, and a ticket for which nothing has
to be started. Every other request, and with it every error, goes to the Flask endpoint. Both answer alike:
tests/app/web/test_fast_path.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from ..credentials import CredentialProvider
from ..errors import CentralServerError
from ..services import Services
from ..stores import Credential
from .access_log import ROUTE
from .endpoint import json_bytes
from .jssdk import READABLE, SIGNATURE, signed
from .reading import ParameterWrong, parse_query
from .schemas.jssdk import Page

if TYPE_CHECKING:  # exists for type checkers only
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class _NoTicket(Exception):
    """There is no ticket without a refresh or a fetch."""


class FastPath:
    """Wraps a WSGI application, which answers all that is not ordinary."""

    def __init__(self, application: WSGIApplication, services: Services, noncestr: Callable[[], str]) -> None:
        self._application = application
        self._services = services
        self._noncestr = noncestr
        self._origins = services.accounts.origins()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if environ["PATH_INFO"] == SIGNATURE and environ["REQUEST_METHOD"] == "GET":
            origin = environ.get("HTTP_ORIGIN")
            body = self._signature(environ["QUERY_STRING"]) if not origin or origin in self._origins else None
            if body:
                environ[ROUTE] = SIGNATURE
                start_response("200 OK", _headers(body, origin))
                return [body]
        return self._application(environ, start_response)

    def _signature(self, query: str) -> bytes | None:
        """The answer to an ordinary request, None to any other."""
        try:
            given = parse_query(query.encode("latin-1"), Page)
            if not all(given.values()) or "url" not in given:
                return None
            return json_bytes(signed(self._services, self._noncestr, given["url"], given.get("account"), _recent))
        except (ParameterWrong, CentralServerError, _NoTicket):
            return None


def _recent(tickets: CredentialProvider) -> Credential:
    ticket = tickets.recent()
    if ticket is None:
        raise _NoTicket
    return ticket


def _headers(body: bytes, origin: str | None) -> list[tuple[str, str]]:
    headers = [
        ("Cache-Control", "no-store"),
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Vary", "Origin"),
    ]
    if origin:
        headers += [("Access-Control-Allow-Origin", origin), *READABLE.items()]
    return headers
