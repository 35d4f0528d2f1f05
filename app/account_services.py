"""The objects that serve one account, wired from the settings."""

from collections.abc import Mapping
from dataclasses import dataclass

from .accounts import KINDS, Account, Secret, secret_in_file
from .credentials import CredentialProvider, Dependencies, classic, stable, ticket
from .errors import AccountKindWrong
from .events import Events
from .login import MiniProgram
from .moderation import Bounds, Checks, VerdictCache
from .redaction import hide
from .settings import Settings
from .stores import Key
from .wechat import Cooldowns, Transport, WeChatClient

_TICKETS = {"jsapi": "jsapi_ticket", "wx_card": "wx_card_ticket", "2": "sdk_ticket"}
"""`type` of getticket -> credential; all but `jsapi` are fetched when first asked for"""


@dataclass(frozen=True, slots=True)
class AccountServices:
    """The objects that serve one account."""

    account: Account
    secret: Secret
    client: WeChatClient
    cooldowns: Cooldowns
    own_token: CredentialProvider | None
    """of the access_token; None for a website"""
    tickets: Mapping[str, CredentialProvider]
    """by getticket's `type`; empty unless it is an official account"""
    own_checks: Checks | None
    """None for a website"""
    mini_program: MiniProgram | None
    """None unless it is one"""

    @property
    def access_token(self) -> CredentialProvider:
        """The provider of the access_token. Raises AccountKindWrong for a website."""
        if self.own_token is None:
            raise self._kind_wrong()
        return self.own_token

    @property
    def checks(self) -> Checks:
        """The content checks. Raises AccountKindWrong for a website."""
        if self.own_checks is None:
            raise self._kind_wrong()
        return self.own_checks

    @property
    def jsapi_ticket(self) -> CredentialProvider | None:
        """The ticket that signs pages; None: only official accounts have one."""
        return self.tickets.get("jsapi")

    @property
    def providers(self) -> tuple[CredentialProvider, ...]:
        """The providers to keep warm: of the access_token, and of an official account's jsapi_ticket."""
        return tuple(provider for provider in (self.own_token, self.jsapi_ticket) if provider)

    def _kind_wrong(self) -> AccountKindWrong:
        what = f"The account {self.account.name} is {KINDS[self.account.kind]}"
        return AccountKindWrong(f"{what}: WeChat gives it no access_token; name another account.")


def account_services(
    account: Account,
    settings: Settings,
    transport: Transport,
    dependencies: Dependencies,
    bounds: Bounds,
    events: Events,
) -> AccountServices:
    """Wire the objects that serve `account`; nothing is fetched yet."""
    secret = Secret(account.secret, owner=account.name, file=account.secret_file, read=_read_secret)
    cooldowns = Cooldowns(
        account.appid,
        secret,
        dependencies.store,
        egress=settings.egress,
        timing=settings.timing,
        clock=dependencies.clock,
        observe=lambda endpoint, error: events.record(account.appid, "cooldown", error=error, endpoint=endpoint),
    )
    client = WeChatClient(account.appid, secret, transport, cooldowns)
    if account.kind == "web":
        return AccountServices(account, secret, client, cooldowns, None, {}, None, None)
    sources = [stable(client)]
    if account.token_mode == "classic":  # noqa: S105 -- a mode
        sources.insert(0, classic(client))
    access_token = CredentialProvider(Key(account.appid, "access_token"), sources, cooldowns, dependencies)
    tickets = {}
    if account.kind == "official":
        for kind, name in _TICKETS.items():
            source = ticket(client, access_token.use, kind)
            tickets[kind] = CredentialProvider(Key(account.appid, name), [source], cooldowns, dependencies)
    cache = VerdictCache(dependencies.store, (*settings.secret_key, account.secret)[0], settings.verdict_cache_seconds)
    checks = Checks(account, access_token, client, cache, bounds)
    mini_program = MiniProgram(client, access_token, bounds.pool) if account.kind == "mini" else None
    return AccountServices(account, secret, client, cooldowns, access_token, tickets, checks, mini_program)


def _read_secret(file: str) -> str:
    """The secret in the file, masked in this process's logs from now on."""
    secret = secret_in_file(file)
    hide([secret])
    return secret
