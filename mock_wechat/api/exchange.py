"""One call while it is being answered, and the two ways a caller proves who it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..accounts import Account, Kind
from ..errors import WeChatError, not_whitelisted
from ..state import State
from ..wire import Request, Response


@dataclass
class Exchange:
    """What an endpoint works with: the call, WeChat's memory, the moment (Unix seconds), notes for the call log."""

    state: State
    request: Request
    now: float
    notes: list[str] = field(default_factory=list)

    def caller_by_secret(self, params: Mapping[str, object], grant_type: str) -> Account:
        """The account whose appid and secret are in `params`. Raises WeChatError (WECHAT.md 1.3)."""
        for name, errcode in (("appid", 41002), ("grant_type", 40002), ("secret", 41004)):
            if not params.get(name):
                raise WeChatError(errcode)
        if params["grant_type"] != grant_type:
            raise WeChatError(40002)
        account = self.state.accounts.get(str(params["appid"]))
        if account is None:
            raise WeChatError(40013)
        if params["secret"] != account.secret:
            raise WeChatError(40125)
        self._check_address(account)
        return account

    def caller_by_token(self, *kinds: Kind) -> Account:
        """The account whose access_token is in the query, if it is of one of these kinds. Raises WeChatError."""
        value = self.request.query.get("access_token")
        if not value:
            raise WeChatError(41001)
        issued = self.state.vault.find(value)
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

    def spend(self, account: Account, limit: int, errmsg: str | None = None) -> None:
        """Count the call against today's quota. Raises WeChatError 45009."""
        if not self.state.quotas.spend(account.appid, self.request.path, limit, self.now):
            raise WeChatError(45009, errmsg)

    def _check_address(self, account: Account) -> None:
        self._check_whitelist(account)
        if account.confirm_ip and account.ip_whitelist is None:
            errcode = self.state.administrator.ask(account.appid, self.request.client_ip, self.now)
            if errcode is not None:
                raise WeChatError(errcode)

    def _check_whitelist(self, account: Account) -> None:
        ip = self.request.client_ip
        if not account.whitelists(ip):
            raise WeChatError(40164, not_whitelisted(ip))


@dataclass(frozen=True)
class Endpoint:
    """One path of WeChat's: the verb it wants and what answers. `handle` gives a success's payload or raises."""

    path: str
    method: Literal["GET", "POST"]
    handle: Callable[[Exchange], dict[str, object] | Response]
    takes_secret: bool = False
