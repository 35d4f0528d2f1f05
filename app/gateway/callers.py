"""Who calls the gateway, for which account, and the query that WeChat gets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from ..accounts import Account, Accounts, ApiKey, ApiKeys
from ..errors import UnknownAccount
from . import query, rules
from .answers import GatewayRefusal, refusal
from .passes import Passes

_TOKEN_MISSING = 41001
_APPID_MISSING = 41002
_APPID_INVALID = 40013


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request to one of WeChat's paths says about its caller."""

    path: str
    query: str = field(repr=False)
    """as it came"""
    given: Mapping[str, str] = field(default_factory=dict, repr=False)
    """the parameters of a path that takes a secret"""
    bearer: bytes | None = field(default=None, repr=False)
    """the key in the Authorization header"""
    account: str | None = None
    """name or appid in the header X-WeChat-Account"""


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller's key, and the account of the call."""

    key: ApiKey
    account: Account


class Callers:
    """Identifies callers by a pass, a key in place of the secret, or a key in the Authorization header."""

    def __init__(self, accounts: Accounts, keys: ApiKeys, passes: Passes) -> None:
        self._accounts = accounts
        self._keys = keys
        self.passes = passes

    def caller(self, asked: Asked) -> Caller:
        """The caller; `rules.check` says whether its key may call this path. Raises GatewayRefusal."""
        if rules.takes_secret(asked.path):
            presented = asked.given.get(secret_name(asked.path), "")
            if presented:
                return self._by_secret(asked.given.get("appid", ""), presented)
            if asked.bearer is None:
                raise refusal("no secret")
        else:
            token = query.access_token(asked.query)
            if token is not None:
                issued = self.passes.read(token)
                return Caller(issued.key, self._account(issued.key, issued.appid))
        if asked.bearer is None:
            raise GatewayRefusal(_TOKEN_MISSING, "access_token missing, gateway: send a pass, or a key as Bearer")
        key = self._key(asked.bearer)
        return Caller(key, self._named(key, asked))

    def _by_secret(self, appid: str, presented: str) -> Caller:
        if not appid:
            raise GatewayRefusal(_APPID_MISSING, "appid missing, gateway: send that of the account")
        key = self._key(presented.encode("utf-8", "backslashreplace"))
        return Caller(key, self._account(key, appid))

    def _named(self, key: ApiKey, asked: Asked) -> Account:
        """The account that X-WeChat-Account names, or appid where the path takes a secret; else the key's first."""
        appid = asked.given.get("appid") if rules.takes_secret(asked.path) else None
        named = [self._account(key, name) for name in (asked.account, appid) if name]
        if len({account.appid for account in named}) > 1:
            raise GatewayRefusal(_APPID_INVALID, "invalid appid, gateway: X-WeChat-Account is another account")
        return named[0] if named else self._first(key)

    def _key(self, presented: bytes) -> ApiKey:
        key = self._keys.find(presented)
        if key is None:
            raise refusal("unknown key")
        return key

    def _account(self, key: ApiKey, name_or_appid: str) -> Account:
        try:
            account = self._accounts.find(name_or_appid)
        except UnknownAccount:
            account = None
        if account is None or not key.allows_account(account.name):
            raise refusal("unknown appid")
        return account

    def _first(self, key: ApiKey) -> Account:
        allowed = [account for account in self._accounts if key.allows_account(account.name)]
        return next((account for account in allowed if account.kind != "web"), allowed[0])


def secret_name(path: str) -> str:
    """The name of the parameter that holds the secret."""
    return "appsecret" if path == rules.CLEAR_QUOTA_PATH else "secret"


def query_for_wechat(asked: Asked, account: Account | None, secret: str) -> str:
    """The query to send, with the AppSecret where the path takes one. Raises GatewayRefusal for a secret elsewhere."""
    if account is None or not rules.takes_secret(asked.path):
        query.check_secrets(asked.query)
        return asked.query
    query.check_secrets(asked.query, taken=secret_name(asked.path))
    ours = {"appid": account.appid, secret_name(asked.path): secret}
    if asked.path == rules.CLEAR_QUOTA_PATH:
        return urlencode(ours)  # nothing else belongs there; some SDKs send a pass with it
    sent = query.without_access_token(asked.query)  # WxJava and PowerWeChat send a pass beside the secret
    for name, value in ours.items():
        sent = query.replaced(sent, name, value)
    return sent
