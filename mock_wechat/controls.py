"""What a test does to the mock and asks of it: the control plane as methods."""

from collections.abc import Callable, Mapping

from . import steering
from .accounts import MINI, OFFICIAL, Kind
from .calls import Call
from .clock import Clock
from .codes import CodeKind
from .fields import Fields
from .issued import DEAD
from .state import State


class Controls:
    """Steers one State. Wrong arguments raise ValueError, by the name of the field."""

    def __init__(self, state: State) -> None:
        self._state = state

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

    def scenario(self, name: str, appid: str | None = None) -> None:
        """Let a day go wrong, for one account or all: "expired-token", "down" ... "all-well" takes it back."""
        self._steer(steering.apply_scenario, name=name, **({"appid": appid} if appid else {}))

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
        """Replace what moderation takes offence at: words, or objects as in `POST /_mock/words`."""
        self._steer(steering.set_words, words=list(words))

    def verify(self, config: Mapping[str, object], url: str) -> object:
        """Would a phone at `url` accept what a server gave to wx.config? As GET /_mock/verify answers it."""
        names = {"appid": "appId", "timestamp": "timestamp", "nonceStr": "nonceStr", "signature": "signature"}
        signed = {name: str(config[given]) for name, given in names.items()}
        return self._steer(steering.check_signature, url=url, **signed)

    def openid(self, appid: str, name: str = "zhangsan") -> str:
        """What a mock user is called at an account; without a name the first one."""
        user = self._state.users.named(name)
        if user is None:
            raise ValueError(f"name {name!r} is none of {', '.join(it.name for it in self._state.users.everybody())}")
        return user.openid(appid)

    def js_code(self, appid: str = MINI.appid, openid: str | None = None) -> str:
        """What wx.login() gives to a mini program: a code for jscode2session, the phone holder's or that user's."""
        return self._code("js", appid, openid)

    def phone_code(self, appid: str = MINI.appid, openid: str | None = None) -> str:
        """What the phone number button gives to a mini program: a code for getuserphonenumber."""
        return self._code("phone", appid, openid)

    def oauth_code(self, appid: str = OFFICIAL.appid, openid: str | None = None, **details: object) -> str:
        """What the authorize page adds to a redirect_uri; `details` are `scope` and `snapshot`."""
        return self._code("oauth", appid, openid, **details)

    def set_openid(self, appid: str, openid: str, state: str) -> None:
        """Say what an openid is to an account: "known", "foreign" or "inactive"."""
        self._steer(steering.set_openid, appid=appid, openid=openid, state=state)

    def set_user(self, name: str, **details: object) -> None:
        """Add or change a user: `nickname`, `phone`, `headimgurl`, and `holds_phone` for who meets authorize pages."""
        self._steer(steering.set_user, name=name, **details)

    def reset(self) -> None:
        """Everything back to the start: clock, accounts, credentials, faults, calls."""
        self._state.reset()

    def assert_no_dead_token_used(self) -> None:
        """Raises AssertionError if a call came with an access_token that no longer worked."""
        self._assert_none("a dead access_token was used", lambda call: call.token_state == DEAD)

    def assert_secret_only_sent_to_token_endpoints(self) -> None:
        """Raises AssertionError if an AppSecret turned up in a call to any other endpoint."""
        self._assert_none("an AppSecret was sent to", lambda call: "secret_leaked" in call.notes)

    def _code(self, kind: CodeKind, appid: str, openid: str | None, **details: object) -> str:
        given = {"appid": appid, "kind": kind, **details} | ({"openid": openid} if openid else {})
        with self._state.lock:
            return steering.issue_code(self._state, Fields(given))["code"]

    def _assert_none(self, what: str, is_bad: Callable[[Call], bool]) -> None:
        bad = [f"call {call.id}: {call.method} {call.path}" for call in self.calls() if is_bad(call)]
        if bad:
            raise AssertionError(f"{what}: {', '.join(bad)}")

    def _steer(self, steer: steering.Steer, **given: object) -> object:
        with self._state.lock:
            return steer(self._state, Fields(given))
