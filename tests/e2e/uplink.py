"""The mock WeChat of these tests, and a proxy to it that holds answers back until a test releases them."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import Self

from mock_wechat import MINI, OFFICIAL, Limit, MockWeChat
from mock_wechat.server import Server
from mock_wechat.wire import Request, Response, path_matches

STABLE, CLASSIC = "/cgi-bin/stable_token", "/cgi-bin/token"
TICKET = "/cgi-bin/ticket/getticket"
CHECK = "/wxa/msg_sec_check"
RISKY = "特3456书yuuo莞6543李zxcz蒜7782法fgnv级"
"""WeChat's own example of a text that is refused (WECHAT.md 3.1)"""
UNLIMITED = (OFFICIAL, replace(MINI, limits={CHECK: Limit()}))
"""the mock's accounts: on a fast machine the callers check more texts than WeChat takes in a minute"""
UNHURRIED = {
    "WECHAT_READ_TIMEOUT_SECONDS": "25",
    "WECHAT_TIMING__FETCH_DEADLINE_SECONDS": "25",
    "WECHAT_TIMING__LEASE_SECONDS": "30",
    "WECHAT_TIMING__LOCK_WAIT_SECONDS": "25",
    "WECHAT_TIMING__UNLIMITED_WAIT_SECONDS": "25",
}
"""settings of a server whose callers may wait for as long as a test keeps WeChat's answer back"""


class Uplink:
    """A proxy of `mock`, which sees `address` as the caller's. A context manager.

    WeChat processes a call at once, even if its answer is kept back until `release`.
    """

    def __init__(self, mock: MockWeChat, address: str = "203.0.113.1") -> None:
        self.address = address
        self._mock = mock
        self._held = ""
        self._may_go = threading.Event()
        self._waiting: list[Request] = []
        self._port = 0

    def __enter__(self) -> Self:
        self.mend()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
        self.cut()

    @property
    def environment(self) -> dict[str, str]:
        """The settings of a server that calls WeChat's usual accounts through here."""
        return {**self._mock.environment, "WECHAT_API_BASE": f"http://127.0.0.1:{self._port}"}

    @property
    def waiting(self) -> int:
        """The number of answers that are being kept back."""
        return len(self._waiting)

    @property
    def unread(self) -> bool:
        """Whether an answer has arrived at a node's socket, and the node has not read it."""
        connections = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
        peer = f"0100007F:{self._port:04X}"
        return any(int(queues.partition(":")[2], 16) for _, _, to, _, queues, *_ in connections if to == peer)

    def hold(self, path: str) -> None:
        """From now on keep back the answers to `path` (a prefix if it ends in `*`)."""
        self._may_go = threading.Event()
        self._held = path

    def release(self) -> None:
        """Send the answers that were kept back, and stop keeping answers back."""
        self._held = ""
        self._may_go.set()

    def cut(self) -> None:
        """Refuse connections from now on."""
        self._server.stop()

    def mend(self) -> None:
        """Listen (again) on the same port."""
        self._server = Server(self._answer, self._mock.clock, "127.0.0.1", self._port)
        self._port = self._server.port
        self._server.start()

    def _answer(self, request: Request) -> Response:
        may_go = self._may_go
        is_held = bool(self._held) and path_matches(request.path, self._held)
        response = self._mock.respond(replace(request, client_ip=self.address))
        if is_held:
            self._waiting.append(request)
            may_go.wait()
            self._waiting.remove(request)
        return response
