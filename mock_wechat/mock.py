"""MockWeChat: the whole mock as one object, its control plane as methods."""

import time
from collections.abc import Callable, Collection, Iterable
from random import Random
from typing import Self

from . import bridge
from .api import platform
from .control import PREFIX, Control, host_name
from .families import is_wechat_path
from .methods import ControlMethods
from .push.attempts import PUSH_SECONDS
from .push.delivery import MessagePush
from .push.outbound import Outbound
from .server import Server
from .state import State
from .state.accounts import MINI, OFFICIAL, WEB, Account
from .state.clock import Clock
from .tls import TLS
from .wire import Request, Response, compact, is_loopback


class MockWeChat(ControlMethods):
    """A mock WeChat. As a context manager it listens on a free port of 127.0.0.1.

    `clock` returns Unix seconds; pass the same fake clock to your own code and the mock to share the time.
    The mock's clock begins at `now` (Unix seconds) if given; with `still`, only the test moves it.
    `seed` makes tokens, tickets, codes and rids repeat. `log_size` is how many calls are kept.
    `control_hosts` are host names, beside loopback's, that reach the control plane.
    `networks` are addresses or networks, beside loopback, that the mock may call for media and pushes;
    `push_seconds` is the time limit of a push's receiver. Raises ValueError for an invalid network.
    `tls` are further listeners, for SDKs whose URLs are built in.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int | None = None,
        clock: Callable[[], float] = time.time,
        now: float | None = None,
        still: bool = False,
        accounts: Iterable[Account] = (OFFICIAL, MINI, WEB),
        log_size: int = 10_000,
        control_hosts: Collection[str] = (),
        networks: Collection[str] = (),
        push_seconds: float = PUSH_SECONDS,
        tls: TLS | None = None,
    ) -> None:
        self._address = host, port
        random = Random(seed)  # noqa: S311 -- repeats by seed on purpose
        self._state = State(accounts, Clock(clock, now=now, still=still), random, log_size)
        self.push = MessagePush(self._state, Outbound(networks), clock, push_seconds)
        self._control = Control(self._state, self.push, {*control_hosts, host_name(f"//{host}")})
        self._server: Server | None = None
        self.tls = tls

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen. Raises OSError if a port is taken; `TLS.start` may raise more."""
        try:
            self._server = Server(self.respond, self._state.clock, *self._address)
            self._server.start()
            if self.tls:
                self.tls.start(self.respond, self.require_https, self._state.clock, self._address[0])
        except BaseException:
            self.stop()
            raise
        self.push.start()

    def stop(self) -> None:
        """Close all connections; the state stays readable."""
        self.push.stop()
        if self._server:
            self._server.stop()
            self._server = None
        if self.tls:
            self.tls.stop()

    def respond(self, request: Request) -> Response:
        """The response to any request, without a network."""
        if request.path.startswith(PREFIX):
            return self._control.answer(request)
        if is_wechat_path(request.path):
            return platform.answer(self._state, request)
        if file := bridge.find_sdk(request):
            return file
        error = f"not a path of WeChat; the control plane of this mock is at {PREFIX}/"
        return Response(compact({"error": error, "field": "path"}).encode(), "application/json", 404)

    def require_https(self, request: Request) -> Response:
        """WeChat's response to plain http."""
        return platform.require_https(self._state, request)

    @property
    def url(self) -> str:
        """The API's address, without a slash at the end. Raises RuntimeError before `start`."""
        if self._server is None:
            raise RuntimeError("this mock has no address yet: use it in a `with` statement, or call start()")
        return f"http://{self._server.address}"

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that point a client at this mock's default accounts."""
        named = {} if self._server is None or is_loopback(self._server.host) else {"WECHAT_MOCK": "allow"}
        return {
            "WECHAT_API_BASE": self.url,
            "WECHAT_APPID": OFFICIAL.appid,
            "WECHAT_SECRET": OFFICIAL.secret,
            "WECHAT_MINI_APPID": MINI.appid,
            "WECHAT_MINI_SECRET": MINI.secret,
            "WECHAT_PUSH_TOKEN": MINI.push_token,
            **named,
        }

    @property
    def clock(self) -> Clock:
        """WeChat's clock: call it, `.advance(seconds)`, `.set(unix_seconds)`."""
        return self._state.clock
