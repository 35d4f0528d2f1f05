"""HTTPS for SDKs whose URLs are built in: WeChat's hosts, or a proxy, with certificates made for the project."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..extras import MissingExtra
from ..wire import Request, Response
from .runtimes import guide, variables
from .servers import ProxyServer, TLSServer

if TYPE_CHECKING:
    from .ca import Certificates

FOLDER = ".mock-wechat"
"""Where the certificates are by default, in the working directory."""


class TLS:
    """The HTTPS listeners of a mock, and what clients need to use them.

    `port` is for HTTPS to WeChat's hosts, `proxy_port` for an HTTPS proxy; 0 takes any free port, None listens on none.
    `folder` keeps the certificates. After `start`, `certificates` are its files.
    """

    certificates: "Certificates"

    def __init__(self, *, port: int | None = None, proxy_port: int | None = None, folder: str | Path = FOLDER) -> None:
        self._ports = port, proxy_port
        self._folder = Path(folder)
        self._https: TLSServer | None = None
        self._proxy: ProxyServer | None = None

    def start(
        self,
        answer: Callable[[Request], Response],
        require_https: Callable[[Request], Response],
        clock: Callable[[], float],
        host: str,
    ) -> None:
        """Listen. Raises OSError if a port or the folder can't be used, MissingExtra without `cryptography`."""
        try:
            from . import ca  # noqa: PLC0415 -- a mock without TLS needs no cryptography
        except ImportError as missing:
            raise MissingExtra("HTTPS", "tls", missing) from None
        self.certificates = ca.prepare(self._folder, datetime.now(UTC))
        context = ca.server_context(self.certificates)
        port, proxy_port = self._ports
        if port is not None:
            self._https = TLSServer(context, answer, clock, host, port)
            self._https.start()
        if proxy_port is not None:
            self._proxy = ProxyServer(require_https, context, answer, clock, host, proxy_port)
            self._proxy.start()

    def stop(self) -> None:
        """Close all connections."""
        for server in (self._https, self._proxy):
            if server:
                server.stop()
        self._https = self._proxy = None

    @property
    def address(self) -> str | None:
        """Host and port that speak HTTPS as WeChat's hosts, or None."""
        return self._https.address if self._https else None

    @property
    def proxy_url(self) -> str | None:
        """The proxy, or None."""
        return f"http://{self._proxy.address}" if self._proxy else None

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """The variables with which runtimes trust the CA and use the proxy, on top of those `inherited`."""
        return variables(self.certificates, self.proxy_url, inherited)

    def guide(self) -> list[str]:
        """Lines for the terminal that say how to use the listeners."""
        return guide(self.certificates, self.address, self.proxy_url)
