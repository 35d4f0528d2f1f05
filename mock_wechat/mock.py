"""MockWeChat: the whole mock as one object, with the questions that tests ask."""

import time
from collections.abc import Callable, Collection, Iterable
from random import Random
from types import TracebackType
from typing import Self

from .accounts import MINI, OFFICIAL, Account
from .bridge import sdk
from .clock import Clock
from .control import PREFIX, Control
from .controls import Controls
from .guard import host_name
from .platform import Platform, is_wechat_path
from .push.courier import PUSH_SECONDS, Courier
from .push.desk import Desk
from .push.outbound import Outbound
from .push.round import Round
from .server import Server
from .state import State
from .wire import Request, Response, compact


class MockWeChat(Controls):
    """A WeChat of your own. As a context manager it listens on a free port of 127.0.0.1.

    `clock` gives Unix seconds; share a fake one with your own code and both live in the same time.
    It begins at `now` (Unix seconds) if that is given, and if it is `still`, only the test moves it.
    `seed` makes tokens, tickets, codes and rids repeat. `log_size` is how many calls are remembered.
    `control_hosts` are host names, beside loopback's, by which the control plane may be reached.
    `networks` are addresses or networks, beside loopback's, that it may call for media and for pushes, and
    `push_seconds` is how long the receiver of a push may take. Raises ValueError for a wrong network.
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
        accounts: Iterable[Account] = (OFFICIAL, MINI),
        log_size: int = 10_000,
        control_hosts: Collection[str] = (),
        networks: Collection[str] = (),
        push_seconds: float = PUSH_SECONDS,
    ) -> None:
        self._address = host, port
        state = State(accounts, Clock(clock, now=now, still=still), Random(seed), log_size)  # noqa: S311 -- repeats by seed
        super().__init__(state)
        self._platform = Platform(state)
        courier = Courier(state, Outbound(networks), clock, push_seconds)
        self._control = Control(state, courier, {*control_hosts, host_name(host)})
        self._round = Round(courier)
        self.push = Desk(courier)
        self._server: Server | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listen. Raises OSError if the port is taken."""
        self._server = Server(self.answer, self._state.clock, *self._address)
        self._server.start()
        self._round.start()

    def stop(self) -> None:
        """Hang up on everybody; what was remembered stays readable."""
        self._round.stop()
        if self._server:
            self._server.stop()
            self._server = None

    def answer(self, request: Request) -> Response:
        """The core: any request in, its response out, no network needed."""
        if request.path.startswith(PREFIX):
            return self._control.answer(request)
        if is_wechat_path(request.path):
            return self._platform.answer(request)
        if file := sdk.find(request):
            return file
        error = f"WeChat has nothing here; this is a mock of it, steered at {PREFIX}/"
        return Response(compact({"error": error, "field": "path"}).encode(), "application/json", 404)

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end. Raises RuntimeError before `start`."""
        if self._server is None:
            raise RuntimeError("this mock has no address yet: use it in a `with` statement, or call start()")
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._address[0], self._address[0])  # noqa: S104 -- not bound
        return f"http://{f'[{host}]' if ':' in host else host}:{self._server.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that point a client at this mock's default accounts."""
        return {
            "WECHAT_API_BASE": self.url,
            "WECHAT_APPID": OFFICIAL.appid,
            "WECHAT_SECRET": OFFICIAL.secret,
            "WECHAT_MINI_APPID": MINI.appid,
            "WECHAT_MINI_SECRET": MINI.secret,
        }
