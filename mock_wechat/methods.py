"""The control plane as methods, for tests in the mock's own process."""

from collections.abc import Callable, Mapping

from .control import actions, answers, logins, running, sent
from .control.action import Action
from .fields import Fields
from .push.delivery import MessagePush
from .state import State
from .state.accounts import MINI, OFFICIAL, Kind
from .state.answers import Taught
from .state.calls import Call
from .state.credentials import DEAD
from .state.media import Media
from .state.messages import UserMessage
from .state.sent import SentKind, SentMessage


class ControlMethods:
    """Methods that correspond to a control call take its fields, and raise ValueError for a wrong one."""

    _state: State
    push: MessagePush

    def calls(self, path: str | None = None) -> list[Call]:
        """The calls to `path` (a prefix if it ends in `*`), or all, oldest first."""
        with self._state.lock:
            return self._state.calls.find(path)

    def media(self) -> list[Media]:
        """The files that were uploaded, oldest first."""
        with self._state.lock:
            return self._state.media.newest(None)

    def sent(self, kind: SentKind | None = None) -> list[SentMessage]:
        """What accounts sent to users, oldest first: all, or "custom", "typing", "template", "subscribe" or "mass"."""
        with self._state.lock:
            return self._state.sent.find(kind=kind)

    def fail(self, path: str, errcode: int | None = None, *, times: int | None = 1, **effects: object) -> None:
        """Add a fault to the next `times` calls to `path` (None: until `reset`).

        `effects` are those of POST /_mock/faults: delay_seconds, drop, status, body ...
        """
        self._do(actions.add_fault, path=path, errcode=errcode, times=times, **effects)

    def answer(self, path: str, answer: Taught, **details: object) -> None:
        """Teach a path an answer: a JSON object, bytes, or a function of the `Request` that returns either.

        A function may raise WeChatError; it must not call this mock by HTTP. `details` are `content_type`, `kinds`
        and `needs_token`, as of POST /_mock/answers.
        """
        self._do(answers.teach, path=path, answer=answer, **details)

    def scenario(self, name: str, appid: str | None = None, *, end: bool = False) -> None:
        """Start or `end` a scenario for one account or all: "expired-token", "down" ... "all-well" ends all of them."""
        self._do(running.apply_scenario, name=name, end=end, **({"appid": appid} if appid else {}))

    def revoke(self, appid: str, credential: str) -> None:
        """End the current access_token, stable_token or jsapi_ticket, as a fetch by another server does."""
        self._do(actions.revoke, appid=appid, credential=credential)

    def confirm(self, appid: str, ip: str, answer: str) -> None:
        """The administrator's "allow" or "refuse" for an IP address."""
        self._do(actions.confirm, appid=appid, ip=ip, answer=answer)

    def add_account(self, appid: str, secret: str, kind: Kind = "official", **settings: object) -> None:
        """Add or change an account; `settings` are the fields of `Account`."""
        self._do(actions.set_account, appid=appid, secret=secret, kind=kind, **settings)

    def set_words(self, *words: str | Mapping[str, object]) -> None:
        """Replace the words that moderation finds: texts, or objects as in `POST /_mock/words`."""
        self._do(actions.set_words, words=list(words))

    def verify(self, config: Mapping[str, object], url: str) -> object:
        """Whether a phone at `url` would accept a `wx.config`: the answer of GET /_mock/verify."""
        names = {"appid": "appId", "timestamp": "timestamp", "nonceStr": "nonceStr", "signature": "signature"}
        signed = {name: str(config[given]) for name, given in names.items()}
        return self._do(actions.check_signature, url=url, **signed)

    def openid(self, appid: str, name: str = "zhangsan") -> str:
        """A user's openid at an account; by default the first user's."""
        people = self._state.users.people
        if name not in people:
            raise ValueError(f"name must be one of {', '.join(people)}")
        return people[name].openid(appid)

    def js_code(self, appid: str = MINI.appid, openid: str | None = None) -> str:
        """The code that wx.login() returns, for jscode2session: the phone holder's or that user's."""
        return self._code("js", appid, openid)

    def phone_code(self, appid: str = MINI.appid, openid: str | None = None) -> str:
        """The code that the phone number button returns, for getuserphonenumber."""
        return self._code("phone", appid, openid)

    def oauth_code(self, appid: str = OFFICIAL.appid, openid: str | None = None, **details: object) -> str:
        """The code that a login page adds to a redirect_uri; `details` are `scope` and `snapshot`."""
        return self._code("oauth", appid, openid, **details)

    def _code(self, kind: str, appid: str, openid: str | None, **details: object) -> str:
        given = {"appid": appid, "kind": kind, **details} | ({"openid": openid} if openid else {})
        with self._state.lock:
            return logins.issue_code(self._state, Fields(given))["code"]

    def user_data(self, appid: str = MINI.appid, openid: str | None = None, **data: object) -> dict[str, str]:
        """What wx.getUserProfile() gives a logged-in user: `rawData`, `signature`, `encryptedData`, `iv`.

        `data` replaces fields of what is encrypted. Raises MissingExtra without `cryptography`.
        """
        given = {"appid": appid, "data": data} | ({"openid": openid} if openid else {})
        with self._state.lock:
            return logins.user_data(self._state, Fields(given))

    def set_openid(self, appid: str, openid: str, state: str) -> None:
        """Declare the state of an openid at an account: "known", "foreign" or "inactive"."""
        self._do(actions.set_openid, appid=appid, openid=openid, state=state)

    def set_user(self, name: str, **details: object) -> None:
        """Add or change a user: `nickname`, `phone`, `headimgurl`, `holds_phone`, `calls_back_twice`."""
        self._do(actions.set_user, name=name, **details)

    def message(self, appid: str = OFFICIAL.appid, type: str = "text", **details: object) -> UserMessage:  # noqa: A002 -- the control call's name
        """Push a message or event of a user to the account's push_url: its `reply` and `pushes`.

        `details` are those of POST /_mock/messages: content, event_key, scene, user, url, mode, format ...
        """
        return self.push.users.send(Fields({"appid": appid, "type": type, **details}))

    def add_template(self, appid: str, title: str, content: str, **details: object) -> str:
        """Give an account a template; returns its id, which `template_id` sets."""
        given = {"appid": appid, "title": title, "content": content, **details}
        with self._state.lock:
            return sent.add_template(self._state, Fields(given))["template_id"]

    def set_subscription(self, openid: str, left: int | None, appid: str = MINI.appid, **details: object) -> None:
        """How many subscription messages a user accepts (None: any number), of one `template_id` or of all."""
        self._do(sent.set_subscription, appid=appid, openid=openid, left=left, **details)

    def reset(self) -> None:
        """Restore the initial state: clock, accounts, credentials, faults, calls."""
        self._state.reset()

    def assert_no_dead_token_used(self) -> None:
        """Raises AssertionError if a call had an access_token that no longer worked."""
        self._assert_no_call("a dead access_token was used", lambda call: call.token_state == DEAD)

    def assert_secret_only_sent_to_token_endpoints(self) -> None:
        """Raises AssertionError if an AppSecret was sent to any other endpoint."""
        self._assert_no_call("an AppSecret was sent to", lambda call: "secret_leaked" in call.notes)

    def _assert_no_call(self, what: str, is_bad: Callable[[Call], bool]) -> None:
        bad = [f"call {call.id}: {call.method} {call.path}" for call in self.calls() if is_bad(call)]
        if bad:
            raise AssertionError(f"{what}: {', '.join(bad)}")

    def _do(self, action: Action, **given: object) -> object:
        with self._state.lock:
            return action(self._state, Fields(given))
