"""The other central server: as raw bytes on loopback, and as a double."""

from dataclasses import dataclass, field

from app.central import Endpoint
from app.errors import WeChatError
from app.wechat import Issued
from tests.app.wechat.conftest import peer

__all__ = ["APPID", "Central", "peer"]

APPID = "wx0000000000000001"


@dataclass
class Central:
    """Gives t1, t2, ..., or the error that is set."""

    host: str = "central.example.com"
    failure: WeChatError | None = None
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    """path, and the value that was refused"""

    def current(self, endpoint: Endpoint, appid: str) -> Issued:
        assert appid == APPID
        return self._answer(endpoint, None)

    def successor(self, endpoint: Endpoint, appid: str, rejected: str) -> Issued:
        assert appid == APPID
        return self._answer(endpoint, rejected)

    def issued(self) -> Issued:
        """What it gives now."""
        return Issued(f"t{len(self.asked)}", 6904)

    def _answer(self, endpoint: Endpoint, rejected: str | None) -> Issued:
        self.asked.append((endpoint.path, rejected))
        if self.failure:
            raise self.failure
        return self.issued()
