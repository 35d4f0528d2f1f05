"""Listeners for WeChat's hosts: one for HTTPS, one for an HTTPS proxy. Requests end in the usual handler."""

import socket
import ssl
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from ..hosts import HOSTS
from ..server import RequestHandler, Server
from ..wire import Request, Response

HANDSHAKE_SECONDS = 10.0
REFUSED = f"This proxy of a mock WeChat answers {', '.join(HOSTS)} only, and https on port 443."
_NOT_CONNECTED = (  # clients show a status line, but no body, of a refused tunnel
    "HTTP/1.1 403 Mock WeChat connects to WeChat's hosts only\r\nConnection: close\r\n"
    f"Content-Type: text/plain\r\nContent-Length: {len(REFUSED)}\r\n\r\n{REFUSED}"
).encode()


class TLSServer(Server):
    """Speaks TLS from the start."""

    def __init__(self, context: ssl.SSLContext, *address: Any) -> None:
        """`address` are `Server`'s arguments. Raises OSError if the address can't be bound."""
        super().__init__(*address)
        self._context = context

    def handle(self, connection: socket.socket, address: Any) -> None:
        self.secure(connection, address)

    def secure(self, connection: socket.socket, address: Any) -> None:
        """TLS handshake and requests. Raises OSError if the handshake fails or takes too long.

        TLS runs on a copy of the socket, so that `stop` can cut the original at any time.
        """
        connection.settimeout(HANDSHAKE_SECONDS)
        with self._context.wrap_socket(connection.dup(), server_side=True) as secure:
            secure.settimeout(None)
            RequestHandler(secure, address, self)  # type: ignore[arg-type]  # it needs no socketserver


class ProxyServer(TLSServer):
    """An HTTP proxy that answers WeChat's hosts itself and refuses all others."""

    def __init__(self, require_https: Callable[[Request], Response], context: ssl.SSLContext, *address: Any) -> None:
        """`require_https` answers plain http to WeChat's hosts."""
        super().__init__(context, *address)
        self.require_https = require_https

    def handle(self, connection: socket.socket, address: Any) -> None:
        ProxyHandler(connection, address, self)  # type: ignore[arg-type]  # it needs no socketserver


class ProxyHandler(RequestHandler):
    """CONNECT, and requests for a whole URL."""

    server: ProxyServer

    def do_CONNECT(self) -> None:  # noqa: N802 -- http.server's name
        self.close_connection = True
        if _origin(f"https://{self.path}") == "https":
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self.server.secure(self.connection, self.client_address)
        else:
            self.wfile.write(_NOT_CONNECTED)

    def answer(self, request: Request) -> Response:
        """The mock's answer for https (old axios sends it unencrypted), 43003 for http, 403 for other hosts."""
        scheme = _origin(self.path)
        if scheme == "https":
            return super().answer(request)
        if scheme == "http":
            return self.server.require_https(request)
        return Response(REFUSED.encode(), "text/plain", 403)


def _origin(url: str) -> str | None:
    """The scheme of a URL of WeChat's, on the usual port; None for all others."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme if parts.hostname in HOSTS and port in (None, usual) else None
