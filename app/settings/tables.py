"""Accounts and API keys as settings have them: tables, their checks, and the objects that they describe."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from ..accounts import (
    KINDS,
    Account,
    Accounts,
    ApiKey,
    Group,
    JsDomain,
    Kind,
    ModerationPolicy,
    OnOpenidRefused,
    OnUnavailable,
    PushSettings,
    Scope,
    TokenMode,
    digest_of,
)
from .values import CommaSeparated, HttpUrl, KeyText, SecretText, Table, login_origin

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Path = Annotated[str, Field(pattern=r"^(/[A-Za-z0-9_.-]+)+(/?\*)?$")]
AesKeys = CommaSeparated[Annotated[str, Field(pattern=r"^[A-Za-z0-9]{43}$")]]


class AccountTable(Table):
    """`[accounts.NAME]`, its secret files already read."""

    appid: str = Field(pattern=r"^wx[0-9a-f]{16}$", examples=["wx0123456789abcdef"])
    kind: Kind = Field("official", examples=["mini"])
    token_mode: TokenMode = Field("stable", examples=["classic"])
    secret: SecretText = Field(repr=False, examples=["0123456789abcdef0123456789abcdef"])
    secret_file: str | None = Field(None, examples=["/run/secrets/wechat-secret"])
    sandbox: bool = Field(default=False, examples=["true"])
    js_domains: CommaSeparated[Any] = Field((), examples=["h5.example.com"])
    login_origins: CommaSeparated[Any] = Field((), examples=["https://h5.example.com"])
    on_unavailable: OnUnavailable = Field("error", examples=["review"])
    on_openid_refused: OnOpenidRefused = Field("review", examples=["v1"])
    push_token: SecretText | None = Field(None, repr=False, examples=["0123456789abcdef"])
    push_aes_key: AesKeys = Field((), repr=False, examples=["0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"])
    push_aes_key_previous: AesKeys = Field((), repr=False, examples=["0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"])
    push_forward_url: HttpUrl | None = Field(None, repr=False, examples=["https://shop.example.com/wechat"])

    @field_validator("js_domains")
    @classmethod
    def _parsed(cls, domains: tuple[Any, ...], info: ValidationInfo) -> tuple[JsDomain, ...]:
        kind = info.data.get("kind", "official")
        if domains and kind != "official":
            raise ValueError(f"{KINDS[kind]} has no JS domains: WeChat gives it no jsapi_ticket")  # WECHAT.md 2
        parsed = []
        for number, domain in enumerate(domains, start=1):
            try:
                parsed.append(JsDomain.parse(str(domain), sandbox=info.data.get("sandbox", False)))
            except ValueError as error:
                raise ValueError(f"entry {number} {error}") from None
        return tuple(parsed)

    @field_validator("login_origins")
    @classmethod
    def _origins(cls, origins: tuple[Any, ...], info: ValidationInfo) -> frozenset[str]:
        if origins and info.data.get("kind") == "mini":
            raise ValueError("a mini program has no web login: it sends the code of wx.login to POST /api/session")
        insecure = info.data.get("sandbox", False)
        return frozenset(
            login_origin(f"entry {number}", str(one), insecure=insecure) for number, one in enumerate(origins, start=1)
        )

    @field_validator("push_aes_key", "push_aes_key_previous", "push_forward_url")
    @classmethod
    def _useless_without_token(cls, value: Any, info: ValidationInfo) -> Any:
        if value and info.data.get("push_token", "") is None:
            raise ValueError("is of no use without a push token (push_token, WECHAT_PUSH_TOKEN)")
        return value

    def account(self, name: str) -> Account:
        """Return the account that this table describes."""
        push = None
        if self.push_token is not None:
            push = PushSettings(self.push_token, self.push_aes_key + self.push_aes_key_previous, self.push_forward_url)
        return Account(
            name,
            self.appid,
            self.secret,
            self.kind,
            self.js_domains,
            self.token_mode,
            self.secret_file,
            ModerationPolicy(self.on_unavailable, self.on_openid_refused),
            push,
            frozenset(self.login_origins),
        )


class KeyTable(Table):
    """`[keys.NAME]`, its key file already read. `accounts` are names or AppIDs, the rest is for the gateway."""

    name: Name = Field(examples=["backend"])
    key: KeyText = Field(repr=False, examples=["$(openssl rand -hex 24)"])
    scopes: CommaSeparated[Scope] = Field(("moderation",), min_length=1, examples=["token,moderation"])
    accounts: CommaSeparated[str] | None = Field(None, min_length=1, examples=["default"])
    paths: CommaSeparated[Path] | None = Field(None, min_length=1, examples=["/wxa/*"])
    groups: CommaSeparated[Group] = Field((), examples=["manage"])
    min_expires_in: int = Field(0, ge=0, le=7200, examples=["1800"])

    def api_key(self, accounts: Accounts) -> ApiKey:
        """Return the key that this table describes."""
        allowed = None if self.accounts is None else frozenset(accounts.find(one).name for one in self.accounts)
        return ApiKey(
            self.name,
            digest_of(self.key.encode()),
            frozenset(self.scopes),
            allowed,
            self.paths,
            frozenset(self.groups),
            self.min_expires_in,
        )


def _check_accounts(tables: dict[str, AccountTable], info: ValidationInfo) -> dict[str, AccountTable]:
    if not tables and "config" in info.data:  # else a TOML file that cannot be read may have some
        raise ValueError("WECHAT_APPID: no account is configured; right is, for example: wx0123456789abcdef")
    first: dict[str, str] = {}
    wrong = [
        f"[accounts.{name}] appid: account {first[table.appid]} has the same one"
        for name, table in tables.items()
        if first.setdefault(table.appid, name) != name
    ]
    if wrong:
        raise ValueError("\n".join(wrong))
    return tables


def _check_keys(tables: dict[str, KeyTable], info: ValidationInfo) -> dict[str, KeyTable]:
    accounts: dict[str, AccountTable] | None = info.data.get("account_tables")
    known = {*(accounts or {}), *(account.appid for account in (accounts or {}).values())}
    first: dict[str, str] = {}
    wrong = []
    for place, table in tables.items():
        if first.setdefault(table.key, place) != place:
            wrong.append(f"{place} key: the same key as {first[table.key]}")
        if accounts is not None and not known.issuperset(table.accounts or ()):
            wrong.append(f"{place} accounts: not all of them exist; right is, for example: {', '.join(accounts)}")
    gateway = next((place for place, table in tables.items() if "gateway" in table.scopes), None)
    if gateway and info.data.get("secret_key") == ():
        what = f"is missing, and {gateway} has the scope gateway"
        wrong.append(f"WECHAT_SECRET_KEY: {what}; right is, for example: $(openssl rand -hex 32)")
    if wrong:
        raise ValueError("\n".join(wrong))
    return tables


AccountTables = Annotated[dict[Name, AccountTable], AfterValidator(_check_accounts)]
KeyTables = Annotated[dict[str, KeyTable], AfterValidator(_check_keys)]
"""by the place where each is written"""


def split_keys(text: str) -> list[dict[str, str]]:
    """Split `name:scope+scope=key,...` (commas or line ends) into the fields of KeyTable.

    An entry without `=` may be a bare key: its text is dropped, and its name and key are missing.
    """
    tables = []
    for entry in filter(None, map(str.strip, re.split(r"[,\n]", text))):
        caller, equals, key = entry.partition("=")
        name, colon, scopes = caller.partition(":")
        table = {"name": name.strip(), "key": key.strip()} if equals else {}
        tables.append(table | {"scopes": scopes.replace("+", ",")} if equals and colon else table)
    return tables
