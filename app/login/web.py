"""Web login (网页授权, 网站应用扫码登录): each code is exchanged once, and the site gets a ticket for the user.

The store keeps, sealed, with digests as names: an attempt (half an hour; the browser may come back for ten minutes),
which callback exchanges its code (half an hour), the outcome (a minute), a ticket with the user (a minute).
"""

import hashlib
import hmac
import logging
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ..accounts import Account
from ..errors import ChecksBusy, NotConfigured, StoreUnavailable, WeChatError, WeChatRefused
from ..stores import Entries
from ..wechat import CallPool, WeChatClient, deadline
from . import web_urls
from .errors import LoginFailed, LoginFailure, TicketRefused
from .sealing import Sealer
from .web_urls import LoginRequest, LoginScope

ATTEMPT_SECONDS = 600.0
TICKET_SECONDS = 60.0
_KEPT_SECONDS = 1800.0
"""of an attempt: an expired one can be begun again"""
_SAME_REDIRECT_SECONDS = 60.0
_POLL_SECONDS = 0.1
_GRACE_SECONDS = 2.0
"""added to the time of an exchange, for the second callback that waits for it"""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send the browser, and the cookie by which it is recognised when it comes back."""

    url: str = field(repr=False)
    cookie_id: str
    cookie: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """What the site's backend learns of the user. A snapshot user (快照页) has a virtual openid and unionid."""

    appid: str
    origin: str
    scope: LoginScope
    openid: str = field(repr=False)
    unionid: str | None = field(default=None, repr=False)
    is_snapshotuser: bool = False
    nickname: str | None = field(default=None, repr=False)
    headimgurl: str | None = field(default=None, repr=False)


class WebLogin:
    """Web logins of all accounts. `entries` are shared by all workers and nodes; `clients` are by appid."""

    def __init__(
        self,
        clients: Mapping[str, WeChatClient],
        entries: Entries,
        sealer: Sealer | None,
        public_url: str | None,
        pool: CallPool,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        deadline_seconds: float,
    ) -> None:
        self._clients = clients
        self._entries = entries
        self._sealer = sealer
        self._public_url = public_url
        self._pool = pool
        self._clock = clock
        self._sleep = sleep
        self._deadline_seconds = deadline_seconds

    @property
    def secure(self) -> bool:
        """Whether browsers reach this server by https."""
        return (self._public_url or "").lower().startswith("https:")

    def begin(self, account: Account, asked: LoginRequest, open_base: str) -> Begun:
        """Begin an attempt. Raises PageUrlWrong, LoginNotAllowed, AccountKindWrong, NotConfigured, StoreUnavailable."""
        scope = web_urls.check(account, asked)
        if self._public_url is None:
            raise NotConfigured("Set WECHAT_PUBLIC_URL: WeChat sends the browser back to this server.")
        state, cookie = secrets.token_hex(16), secrets.token_urlsafe(32)  # WeChat takes letters and digits in a state
        attempt = {
            "appid": account.appid,
            "account": account.name,
            "next": asked.next,
            "state": asked.state,
            "challenge": asked.challenge,
            "scope": scope,
            "cookie": _digest(cookie),
            "until": self._clock() + ATTEMPT_SECONDS,
        }
        self._keep("attempt", state, attempt, _KEPT_SECONDS)
        redirect_uri = self._public_url + web_urls.CALLBACK
        return Begun(web_urls.authorize_url(open_base, account, redirect_uri, scope, state), cookie_id(state), cookie)

    def finish(self, state: str, code: str, cookie: str) -> str:
        """Where to send the browser that came back with these. Raises LoginFailed, NotConfigured, StoreUnavailable."""
        attempt = self._kept("attempt", state)
        if attempt is None or attempt["appid"] not in self._clients:
            raise LoginFailed("unknown")
        if self._clock() >= attempt["until"]:
            raise _failed("expired", attempt)
        if not hmac.compare_digest(_digest(cookie), attempt["cookie"]):
            raise _failed("cookie", attempt)
        if not code:
            raise _failed("code", attempt)
        try:
            with self._pool.place():
                return self._exchanged_once(state, code, attempt)
        except (ChecksBusy, StoreUnavailable):
            raise _failed("busy", attempt) from None

    def redeem(self, ticket: str, verifier: str, allows: Callable[[str], bool]) -> LoggedIn:
        """The user whom this ticket is for, once; `allows` decides about the appid. Raises TicketRefused."""
        kept = self._kept("ticket", ticket)
        if kept is None:
            raise TicketRefused
        matches = hmac.compare_digest(s256(verifier), kept["challenge"])
        # A wrong verifier does not use the ticket up: its owner may still come.
        if not matches or not allows(kept["user"]["appid"]):
            raise TicketRefused
        if not self._entries.add(_name("redeemed", ticket), "1", 2 * TICKET_SECONDS):
            raise TicketRefused
        self._entries.put(_name("ticket", ticket), "", 0)
        return LoggedIn(**kept["user"])

    def _exchanged_once(self, state: str, code: str, attempt: Mapping[str, Any]) -> str:
        """Exchange the code, or wait for the callback that does: it may come twice, to two nodes (WECHAT.md 9)."""
        claim, began_at = _name("exchange", state), self._clock()
        if not self._entries.add(claim, f"{_digest(code)} {began_at}", _KEPT_SECONDS):
            of_code, _, began = (self._entries.get(claim) or "").partition(" ")
            if of_code != _digest(code):
                raise _failed("used", attempt)
            longest = self._deadline_seconds + _GRACE_SECONDS  # also if the clock of another node differs
            wait_seconds = min(longest, longest - (began_at - float(began)))
            return _redirect(self._outcome_of_another(state, wait_seconds) or {}, attempt)
        outcome: dict[str, Any] = {"failed": "wechat"}
        try:
            outcome = {"url": self._exchanged(code, attempt)}
        except WeChatError as error:
            _log_failure(attempt["appid"], error)
        finally:  # whatever happened, no callback exchanges this code again
            self._keep("outcome", state, outcome, _SAME_REDIRECT_SECONDS)
        return _redirect(outcome, attempt)

    def _outcome_of_another(self, state: str, wait_seconds: float) -> dict[str, Any] | None:
        """The outcome of the first callback; None if it is forgotten, or takes longer than an exchange may."""
        while (outcome := self._kept("outcome", state)) is None and wait_seconds > 0:
            self._sleep(_POLL_SECONDS)
            wait_seconds -= _POLL_SECONDS
        return outcome

    def _exchanged(self, code: str, attempt: Mapping[str, Any]) -> str:
        """The site's address with a ticket for the user of this code. Raises WeChatError."""
        client = self._clients[attempt["appid"]]
        with deadline(self._deadline_seconds):
            user = _user(client, client.oauth2_access_token(code), attempt)
        ticket = secrets.token_urlsafe(32)
        kept = {"user": asdict(user), "challenge": attempt["challenge"]}
        self._keep("ticket", ticket, kept, TICKET_SECONDS)
        return web_urls.with_ticket(attempt["next"], ticket, attempt["state"])

    def _keep(self, kind: str, key: str, document: Mapping[str, Any], seconds: float) -> None:
        name = _name(kind, key)
        self._entries.put(name, self._open_sealer().seal(name, document), seconds)

    def _kept(self, kind: str, key: str) -> dict[str, Any] | None:
        name, sealer = _name(kind, key), self._open_sealer()
        text = self._entries.get(name)
        return sealer.open(name, text) if text else None

    def _open_sealer(self) -> Sealer:
        if self._sealer is None:
            raise NotConfigured("Set WECHAT_STORE_KEY or WECHAT_SECRET_KEY: what a login keeps is encrypted.")
        return self._sealer


def cookie_id(state: str) -> str:
    """The public part of the cookie's name: each attempt has a cookie of its own."""
    return _digest(state)[:16]


def s256(verifier: str) -> str:
    """The challenge of this verifier (RFC 7636, S256)."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _user(client: WeChatClient, answer: Mapping[str, Any], attempt: Mapping[str, Any]) -> LoggedIn:
    snapshot = bool(answer.get("is_snapshotuser"))
    info: Mapping[str, Any] = {}
    if attempt["scope"] != "snsapi_base" and not snapshot:
        try:
            info = client.userinfo(answer["access_token"], answer["openid"])
        except WeChatError as error:  # the user is known, and the code is used: better without a name than not at all
            _log_failure(attempt["appid"], error)
    return LoggedIn(
        appid=attempt["appid"],
        origin=web_urls.origin_of(attempt["next"]),
        scope=attempt["scope"],
        openid=answer["openid"],
        unionid=_text(answer.get("unionid") or info.get("unionid")),
        is_snapshotuser=snapshot,
        nickname=_text(info.get("nickname")),
        headimgurl=_text(info.get("headimgurl")),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _redirect(outcome: Mapping[str, Any], attempt: Mapping[str, Any]) -> str:
    if "url" in outcome:
        return str(outcome["url"])
    raise _failed(outcome.get("failed", "used"), attempt)


def _failed(reason: LoginFailure, attempt: Mapping[str, Any]) -> LoginFailed:
    asked = LoginRequest(attempt["next"], attempt["challenge"], attempt["scope"], attempt["state"])
    return LoginFailed(reason, asked.query(attempt["account"]))


def _log_failure(appid: str, error: WeChatError) -> None:
    refused = error if isinstance(error, WeChatRefused) else None
    facts = {"appid": appid, "error": type(error).__name__}
    if refused:
        facts |= {"endpoint": refused.endpoint, "errcode": str(refused.errcode), "rid": refused.rid or "-"}
    _log.warning("web login failed at WeChat", facts)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def _name(kind: str, key: str) -> str:
    return f"login:{kind}:{_digest(key)}"
