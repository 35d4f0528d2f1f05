"""The call that an endpoint answers, and the two ways to authenticate it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..errors import WeChatError
from ..state import State
from ..state.accounts import Account, Kind
from ..state.credentials import Issued
from ..state.logins import Grant
from ..state.quotas import MINUTE_ERRCODES
from ..state.users import OpenidState
from ..wire import Request, Response

SCENES = (1, 2, 3, 4)
REFUSED_OPENIDS: Mapping[OpenidState | None, int] = {None: 40003, "foreign": 43104, "inactive": 61010}


@dataclass
class Exchange:
    """An endpoint's input: the call, the state, the time (Unix seconds), and notes for the call log.

    `quirks` change how the answer is written; an error has a `rid`; `issued` is the credential in the answer.
    """

    state: State
    request: Request
    now: float
    notes: list[str] = field(default_factory=list)
    quirks: frozenset[str] = frozenset()
    rid: str | None = None
    issued: Issued | None = None

    def caller_by_secret(
        self, params: Mapping[str, object], grant_type: str | None = None, code: str | None = None
    ) -> Account:
        """The account whose appid and secret are in `params`. Raises WeChatError (WECHAT.md 1.3).

        `grant_type` is the required value; `code` is the name of the parameter with the code to exchange.
        """
        if not params.get("appid"):
            raise WeChatError(41002)
        if grant_type and params.get("grant_type") != grant_type:
            raise WeChatError(40002)
        if not params.get("secret"):
            raise WeChatError(41004)
        if code and not params.get(code):
            raise WeChatError(41008)
        account = self.state.accounts.get(str(params["appid"]))
        if account is None:
            raise WeChatError(40013)
        if params["secret"] != account.secret:
            raise WeChatError(40125)
        self._check_whitelist(account)
        if account.confirm_ip and account.ip_whitelist is None:
            errcode = self.state.confirmations.ask(account.appid, self.request.client_ip, self.now)
            if errcode is not None:
                raise WeChatError(errcode)
        return account

    def caller_by_token(self, *kinds: Kind) -> Account:
        """The account whose access_token is in the query, if it is of one of these kinds. Raises WeChatError."""
        value = self._token()
        issued = self.state.credentials.find(value)
        if issued is None or issued.is_ticket:
            raise WeChatError(40001)
        if issued.state(self.now) == "dead":
            raise WeChatError(issued.refusal())
        account = self.state.accounts[issued.appid]
        if account.kind == "official":
            self._check_whitelist(account)  # a mini program's whitelist guards its secret alone (WECHAT.md 1.5)
        if account.kind not in kinds:
            raise WeChatError(48001)
        return account

    def counted_caller(self, *kinds: Kind) -> Account:
        """`caller_by_token`, with the call counted against the account's limits. Raises WeChatError."""
        account = self.caller_by_token(*kinds)
        self.spend(account)
        return account

    def caller_by_user_token(self) -> tuple[Grant, Account]:
        """The grant of a user's access_token in the query, and its account. Raises WeChatError."""
        value = self._token()
        grant = self.state.grants.find(value)
        if grant is None:
            raise WeChatError(40001)
        if not grant.is_alive(value, self.now):
            raise WeChatError(42001)
        return grant, self.state.accounts[grant.appid]

    def spend(self, account: Account, quota_errmsg: str | None = None) -> None:
        """Count the call against the account's limits. Raises WeChatError: 45011 or 44991 a minute, 45009 a day."""
        path, quotas = self.request.path, self.state.quotas
        limit = account.limit(path)
        if not quotas.spend(account.appid, path, limit.minute, self.now, "minute"):
            raise WeChatError(account.minute_errcode or MINUTE_ERRCODES.get(path, 45011))
        if not quotas.spend(account.appid, path, limit.day, self.now):
            raise WeChatError(45009, quota_errmsg)

    def user(self, account: Account, asked: Mapping[str, object]) -> str:
        """The openid in a version 2 check. Raises WeChatError, also without a recent login (WECHAT.md 3.3)."""
        openid = asked.get("openid")
        if not isinstance(openid, str) or "scene" not in asked:
            raise WeChatError(47001)
        if asked["scene"] not in SCENES:
            raise WeChatError(40129)
        self.check_recent_login(account, openid)
        return openid

    def check_recent_login(self, account: Account, openid: str) -> None:
        """Raises WeChatError for an openid that is unknown, another account's, or without a recent login."""
        state = self.state.users.state(account, openid, self.state.accounts, self.now)
        if state != "known":
            raise WeChatError(REFUSED_OPENIDS[state])

    def _token(self) -> str:
        value = self.request.query.get("access_token")
        if not value:
            raise WeChatError(41001)
        return value

    def _check_whitelist(self, account: Account) -> None:
        ip = self.request.client_ip
        if not account.whitelists(ip):
            mapped = ip if ":" in ip else f"::ffff:{ip}"
            errmsg = f"invalid ip {ip} ipv6 {mapped}, not in whitelist"  # WECHAT.md 1.3
            raise WeChatError(account.whitelist_errcode, errmsg if account.whitelist_errcode == 40164 else None)


@dataclass(frozen=True)
class Endpoint:
    """One WeChat path: its method (None: any), and the function that returns a payload or raises WeChatError.

    Payloads of /sns and with `escapes_slashes` have `\\/` for `/`, as WeChat's do on some paths (FIDELITY.md).
    """

    path: str
    method: Literal["GET", "POST"] | None
    handle: Callable[[Exchange], dict[str, object] | Response]
    takes_secret: bool = False
    escapes_slashes: bool = False
