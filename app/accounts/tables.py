"""Accounts and API keys as settings spell them: types, checks, and the objects that they describe.

A secret whose file could not be read arrives as a ValueError in place of its value, and is raised where it is checked.
"""

import re
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from ..errors import PageUrlWrong
from .account import Account, Accounts, Kind, ModerationPolicy, OnOpenidRefused, OnUnavailable, PushSettings, TokenMode
from .js_domains import JsDomain, PageUrl
from .keys import MIN_KEY_CHARACTERS, ApiKey, Scope, digest_of
from .secret import usable

Item = TypeVar("Item")

_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_APPID = re.compile(r"wx[0-9a-f]{16}")
_AES_KEY = re.compile(r"[A-Za-z0-9]{43}")


def comma_separated(value: object) -> object:
    """Split comma-separated text; leave everything else to the type's own check."""
    if not isinstance(value, str):
        return _of_file(value)
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _of_file(value: object) -> object:
    if isinstance(value, Exception):
        raise value
    return value


def _secret(value: object) -> object:
    return usable(value) if isinstance(value, str) else _of_file(value)


def _name(name: str) -> str:
    if not _NAME.fullmatch(name) or _APPID.fullmatch(name):
        raise ValueError("a name has 1 to 64 of A-Z a-z 0-9 . _ - and is no AppID")
    return name


def _appid(appid: str) -> str:
    if not _APPID.fullmatch(appid):
        raise ValueError("an AppID is wx and 16 hexadecimal digits in lower case")
    return appid


def _aes_key(key: str) -> str:
    if not _AES_KEY.fullmatch(key):
        raise ValueError("an EncodingAESKey is 43 letters and digits; of two, the current one first, then a comma")
    return key


def _forward_url(url: str) -> str:
    try:
        PageUrl.parse(url)
    except PageUrlWrong:
        raise ValueError("must be the whole http:// or https:// URL of your own server") from None
    return url


def _api_key(key: str) -> str:
    if len(key) < MIN_KEY_CHARACTERS:
        raise ValueError(f"the key has {len(key)} characters, it needs at least {MIN_KEY_CHARACTERS}")
    return key


CommaSeparated = Annotated[tuple[Item, ...], BeforeValidator(comma_separated)]
FileText = Annotated[str, BeforeValidator(_of_file)]
SecretText = Annotated[str, BeforeValidator(_secret)]
Name = Annotated[str, AfterValidator(_name)]
AesKeys = CommaSeparated[Annotated[str, AfterValidator(_aes_key)]]


class Table(BaseModel):
    """A table of settings: typed, checked, immutable."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class AccountTable(Table):
    """`[accounts.NAME]`, its secret files already read."""

    appid: Annotated[str, AfterValidator(_appid)] = Field(examples=["wx0123456789abcdef"])
    kind: Kind = Field("official", examples=["mini"])
    token_mode: TokenMode = Field("stable", examples=["classic"])
    secret: SecretText | None = Field(
        None, validate_default=True, repr=False, examples=["0123456789abcdef0123456789abcdef"]
    )
    secret_file: str | None = Field(None, examples=["/run/secrets/wechat-secret"])
    sandbox: bool = Field(default=False, examples=["true"])
    js_domains: CommaSeparated[Any] = Field((), examples=["h5.example.com"])
    on_unavailable: OnUnavailable = Field("error", examples=["review"])
    on_openid_refused: OnOpenidRefused = Field("review", examples=["v1"])
    push_token: SecretText | None = Field(None, repr=False, examples=["0123456789abcdef"])
    push_aes_key: AesKeys = Field((), repr=False, examples=["0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"])
    push_aes_key_previous: AesKeys = Field((), repr=False, examples=["0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"])
    push_forward_url: Annotated[str, AfterValidator(_forward_url)] | None = Field(
        None, repr=False, examples=["https://shop.example.com/wechat"]
    )

    @field_validator("secret")
    @classmethod
    def _needed_to_ask_wechat(cls, secret: str | None, info: ValidationInfo) -> str | None:
        if secret is None and info.data.get("token_mode") != "central":
            raise ValueError("is missing")
        return secret

    @field_validator("js_domains")
    @classmethod
    def _parsed(cls, domains: tuple[Any, ...], info: ValidationInfo) -> tuple[JsDomain, ...]:
        if domains and info.data.get("kind") == "mini":
            raise ValueError("a mini program has no JS domains: WeChat gives it no jsapi_ticket")  # WECHAT.md 2
        if not all(isinstance(domain, str) for domain in domains):
            raise ValueError("must be a list of strings")
        parsed = []
        for number, domain in enumerate(domains, start=1):
            try:
                parsed.append(JsDomain.parse(domain, sandbox=info.data.get("sandbox", False)))
            except ValueError as error:
                raise ValueError(f"entry {number} {error}") from None
        return tuple(parsed)

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
        central = self.token_mode == "central"  # noqa: S105 -- a mode
        return Account(
            name,
            self.appid,
            self.secret if self.secret and not central else "",
            self.kind,
            self.js_domains,
            self.token_mode,
            None if central else self.secret_file,
            ModerationPolicy(self.on_unavailable, self.on_openid_refused),
            push,
        )


class KeyTable(Table):
    """`[keys.NAME]`, its key file already read. `accounts` are names or AppIDs."""

    name: Name = Field(examples=["backend"])
    key: Annotated[SecretText, AfterValidator(_api_key)] = Field(repr=False, examples=["$(openssl rand -hex 24)"])
    scopes: CommaSeparated[Scope] = Field(("moderation",), min_length=1, examples=["token,moderation"])
    accounts: CommaSeparated[str] | None = Field(None, min_length=1, examples=["default"])

    def api_key(self, accounts: Accounts) -> ApiKey:
        """Return the key that this table describes."""
        allowed = None if self.accounts is None else frozenset(accounts.find(one).name for one in self.accounts)
        return ApiKey(self.name, digest_of(self.key.encode()), frozenset(self.scopes), allowed)


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
    first: dict[str, str] = {}
    wrong = []
    for place, table in tables.items():
        if first.setdefault(table.key, place) != place:
            wrong.append(f"{place} key: the same key as {first[table.key]}")
        known = {*(accounts or {}), *(account.appid for account in (accounts or {}).values())}
        if accounts is not None and not known.issuperset(table.accounts or ()):
            wrong.append(f"{place} accounts: not all of them exist; right is, for example: {', '.join(accounts)}")
    if wrong:
        raise ValueError("\n".join(wrong))
    return tables


AccountTables = Annotated[dict[Name, AccountTable], AfterValidator(_check_accounts)]
KeyTables = Annotated[dict[str, KeyTable], AfterValidator(_check_keys)]
"""by the place where each stands"""


def split_keys(text: str) -> list[dict[str, str]]:
    """Split `name:scope+scope=key,...` (commas or line ends) into the fields of KeyTable.

    An entry without `=` may be a bare key: its text is dropped, and its name and key are missing.
    """
    return [_split_key(entry.strip()) for entry in re.split(r"[,\n]", text) if entry.strip()]


def _split_key(entry: str) -> dict[str, str]:
    caller, equals, key = entry.partition("=")
    if not equals:
        return {}
    name, colon, scopes = caller.partition(":")
    table = {"name": name.strip(), "key": key.strip()}
    return table | {"scopes": scopes.replace("+", ",")} if colon else table
