"""MockWeChat: the whole mock as one object, with the questions that tests ask."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from random import Random
from types import TracebackType
from typing import Self

from . import steering
from .accounts import MINI, OFFICIAL, Account, Kind
from .calls import Call
from .clock import Clock
from .control import PREFIX, Control
from .credentials import DEAD
from .fields import Fields
from .guard import host_name
from .platform import Platform, is_wechat_path
from .server import Server
from .state import State
from .wire import Request, Response, compact


class MockWeChat:
    """A WeChat of your own. As a context manager it listens on a free port of 127.0.0.1.

    `clock` gives Unix seconds; share a fake one with your own code and both live in the same time.
    `seed` makes tokens and tickets repeat. `log_size` is how many calls are remembered.
    `control_hosts` are host names, beside loopback's, by which the control plane may be reached.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int | None = None,
        clock: Callable[[], float] = time.time,
        accounts: Iterable[Account] = (OFFICIAL, MINI),
        log_size: int = 10_000,
        control_hosts: Collection[str] = (),
    ) -> None:
        self._address = host, port
        self._state = State(accounts, clock, Random(seed), log_size)  # noqa: S311 -- tokens repeat by seed on purpose
        self._platform = Platform(self._state)
        self._control = Control(self._state, {*control_hosts, host_name(host)})
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

    def stop(self) -> None:
        """Hang up on everybody; what was remembered stays readable."""
        if self._server:
            self._server.stop()
            self._server = None

    def answer(self, request: Request) -> Response:
        """The core: any request in, its response out, no network needed."""
        if request.path.startswith(PREFIX):
            return self._control.answer(request)
        if is_wechat_path(request.path):
            return self._platform.answer(request)
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

    @property
    def clock(self) -> Clock:
        """WeChat's clock: call it, `.advance(seconds)`, `.set(unix_seconds)`."""
        return self._state.clock

    def calls(self, path: str | None = None) -> list[Call]:
        """What was received at `path` (a prefix if it ends in `*`), or everywhere, oldest first."""
        with self._state.lock:
            return self._state.calls.to(path)

    def fail(self, path: str, errcode: int | None = None, *, times: int | None = 1, **effects: object) -> None:
        """Let the next `times` calls to `path` go wrong (None: until `reset`).

        `effects` are those of POST /_mock/faults: delay_seconds, drop, status, body ...
        Raises ValueError for a wrong one.
        """
        self._steer(steering.add_fault, path=path, errcode=errcode, times=times, **effects)

    def revoke(self, appid: str, credential: str) -> None:
        """Kill the current access_token, stable_token or jsapi_ticket, as if another server had fetched."""
        self._steer(steering.revoke, appid=appid, credential=credential)

    def confirm(self, appid: str, ip: str, answer: str) -> None:
        """The administrator's "allow" or "refuse" for an IP address."""
        self._steer(steering.confirm, appid=appid, ip=ip, answer=answer)

    def add_account(self, appid: str, secret: str, kind: Kind = "official", **switches: object) -> None:
        """Add or change an account; `switches` are the fields of `Account`. Raises ValueError for a wrong one."""
        self._steer(steering.set_account, appid=appid, secret=secret, kind=kind, **switches)

    def set_words(self, *words: str | Mapping[str, object]) -> None:
        """Replace what moderation takes offence at: words, or `{"word", "suggest", "label"}`."""
        self._steer(steering.set_words, words=list(words))

    def verify(self, config: Mapping[str, object], url: str) -> object:
        """Would a phone at `url` accept what a server gave to wx.config? As GET /_mock/verify answers it."""
        names = {"appid": "appId", "timestamp": "timestamp", "nonceStr": "nonceStr", "signature": "signature"}
        signed = {name: str(config[given]) for name, given in names.items()}
        return self._steer(steering.check_signature, url=url, **signed)

    def reset(self) -> None:
        """Everything back to the start: clock, accounts, credentials, faults, calls."""
        self._state.reset()

    def assert_no_dead_token_used(self) -> None:
        """Raises AssertionError if a call came with an access_token that no longer worked."""
        self._assert_none("a dead access_token was used", lambda call: call.token_state == DEAD)

    def assert_secret_only_sent_to_token_endpoints(self) -> None:
        """Raises AssertionError if an AppSecret turned up in a call to any other endpoint."""
        self._assert_none("an AppSecret was sent to", lambda call: "secret_leaked" in call.notes)

    def _assert_none(self, what: str, is_bad: Callable[[Call], bool]) -> None:
        bad = [f"call {call.id}: {call.method} {call.path}" for call in self.calls() if is_bad(call)]
        if bad:
            raise AssertionError(f"{what}: {', '.join(bad)}")

    def _steer(self, steer: steering.Steer, **given: object) -> object:
        with self._state.lock:
            return steer(self._state, Fields(given))
