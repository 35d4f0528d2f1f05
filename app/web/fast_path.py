"""The fast path: an ordinary request for a signature is answered without Flask, at a fifth of the cost.

Ordinary is: GET with one `url` and at most an `account`, no Origin or a listed one, and a FRESH ticket. Every other
request, and with it every error, goes to the Flask endpoint. Both answer alike: tests/app/web/test_fast_path.py.
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
from .reading import ParameterWrong, checked, parse_query
from .schemas.jssdk import Page

if TYPE_CHECKING:  # exists for type checkers only
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class _NotFresh(Exception):
    """The ticket is not FRESH in this process's memory or its store."""


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
            page = checked(Page, parse_query(query.encode("latin-1"), Page))
            return json_bytes(signed(self._services, self._noncestr, page.url, page.account, _fresh))
        except (ParameterWrong, CentralServerError, _NotFresh):
            return None


def _fresh(tickets: CredentialProvider) -> Credential:
    ticket = tickets.fresh()
    if ticket is None:
        raise _NotFresh
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
