"""WeChat accounts: what is known of each, and which one a request means."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from .exceptions import PageNotAllowed, PageUrlWrong, UnknownAccount
from .js_domains import JsDomain, PageUrl

Kind = Literal["official", "mini"]
TokenMode = Literal["stable", "classic", "central"]
OnUnavailable = Literal["error", "review", "pass"]
OnOpenidRefused = Literal["review", "v1", "error"]

_AES_KEY = re.compile(r"[A-Za-z0-9]{43}")
_NEEDED = {
    None: "No account is configured.",
    "official": "No official account is configured: set WECHAT_APPID, or kind official in the TOML file.",
    "mini": "No mini program is configured: set WECHAT_MINI_APPID, or kind mini in the TOML file.",
}


@dataclass(frozen=True, slots=True)
class PushSettings:
    """An account's message push (消息推送): what WeChat signs with, what it encrypts with, who else is told."""

    token: str = field(repr=False)
    aes_keys: tuple[str, ...] = field(default=(), repr=False)
    """EncodingAESKeys, the current one first; none: pushes come plain"""
    forward_url: str | None = field(default=None, repr=False)
    """where to pass on what is not ours"""


@dataclass(frozen=True, slots=True)
class ModerationPolicy:
    """What callers get where WeChat gives no verdict."""

    on_unavailable: OnUnavailable = "error"
    """WeChat cannot be asked"""
    on_openid_refused: OnOpenidRefused = "review"
    """WeChat does not know the user, or has not seen them for two hours; `v1`: it is asked without naming the user"""


@dataclass(frozen=True, slots=True)
class Account:
    """One official account (公众号) or mini program (小程序); `name` is ours, `appid` and `secret` are WeChat's."""

    name: str
    appid: str
    secret: str = field(repr=False)
    """empty in central mode"""
    kind: Kind = "official"
    js_domains: tuple[JsDomain, ...] = ()
    token_mode: TokenMode = "stable"  # noqa: S105 - the name of a mode
    secret_file: str | None = None
    """path of the file that `secret` was read from, if it was"""
    moderation: ModerationPolicy = ModerationPolicy()
    push: PushSettings | None = None
    """None: nothing can be pushed to it"""

    @property
    def confidential(self) -> set[str]:
        """What no log may hold."""
        push = {self.push.token, *self.push.aes_keys} if self.push else set()
        return {self.secret, *push}

    def covers(self, page: PageUrl) -> bool:
        """Whether the page lies on this account's JS domains."""
        return any(domain.covers(page) for domain in self.js_domains)


@dataclass(frozen=True, slots=True)
class Accounts:
    """All accounts, in the order in which they are asked: the environment's, then those of the TOML file."""

    accounts: tuple[Account, ...] = ()

    def __iter__(self) -> Iterator[Account]:
        return iter(self.accounts)

    def __len__(self) -> int:
        return len(self.accounts)

    def find(self, name_or_appid: str) -> Account:
        """The account of this name or appid. Raises UnknownAccount."""
        for account in self.accounts:
            if name_or_appid in (account.name, account.appid):
                return account
        raise UnknownAccount(name_or_appid)

    def for_page(self, page: PageUrl) -> Account:
        """The first account whose JS domains cover the page. Raises PageNotAllowed."""
        for account in self.accounts:
            if account.covers(page):
                return account
        raise PageNotAllowed(page.host)

    def first(self, kind: Kind | None = None) -> Account:
        """The first account, or the first of a kind. Raises UnknownAccount."""
        for account in self.accounts:
            if kind in (None, account.kind):
                return account
        raise UnknownAccount(kind or "", _NEEDED[kind])

    def allows_origin(self, origin: str) -> bool:
        """Whether pages of this origin (a request's Origin header) may ask for signatures. Paths play no part."""
        try:
            page = PageUrl.parse(origin)
        except PageUrlWrong:
            return False
        # An origin is scheme, host and port, nothing behind.
        if page.path or "?" in origin or "#" in origin:
            return False
        return any(domain.covers_origin(page) for account in self.accounts for domain in account.js_domains)


def _valid_appid(appid: str) -> str:
    if len(appid) != 18 or not appid.startswith("wx") or set(appid[2:]) - set("0123456789abcdef"):
        raise ValueError("an AppID is wx and 16 hexadecimal digits in lower case")
    return appid


def _parsed(domain: object) -> object:
    return JsDomain.parse(domain) if isinstance(domain, str) else domain


def _valid_aes_keys(given: object) -> object:
    if not isinstance(given, str):
        raise ValueError("must be a string")  # noqa: TRY004 - a problem like the others
    keys = tuple(key.strip() for key in given.split(","))
    if not all(_AES_KEY.fullmatch(key) for key in keys):
        raise ValueError("an EncodingAESKey is 43 letters and digits; of two, the current one first, then a comma")
    return keys


def _valid_forward_url(url: str) -> str:
    try:
        PageUrl.parse(url)
    except PageUrlWrong:
        raise ValueError("must be the whole http:// or https:// URL of your own server") from None
    return url


class AccountTable(BaseModel):
    """An account as settings spell it, its files already read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    appid: Annotated[str, AfterValidator(_valid_appid)] = Field(examples=["wx0123456789abcdef"])
    secret: str = Field(repr=False, examples=["the AppSecret of mp.weixin.qq.com, or a file that holds it"])
    kind: Kind = Field(default="official", examples=["mini"])
    js_domains: tuple[Annotated[JsDomain, BeforeValidator(_parsed)], ...] = Field(
        default=(), examples=["h5.example.com"]
    )
    token_mode: TokenMode = Field(default="stable", examples=["classic"])
    on_unavailable: OnUnavailable = Field(default="error", examples=["review"])
    on_openid_refused: OnOpenidRefused = Field(default="review", examples=["v1"])

    push_token: str | None = Field(default=None, repr=False, examples=["the Token of mp.weixin.qq.com"])
    push_aes_key: Annotated[tuple[str, ...], BeforeValidator(_valid_aes_keys)] = Field(
        default=(), repr=False, examples=["the EncodingAESKey of mp.weixin.qq.com"]
    )
    push_aes_key_previous: Annotated[tuple[str, ...], BeforeValidator(_valid_aes_keys)] = Field(
        default=(), repr=False, examples=["the EncodingAESKey that was replaced"]
    )
    push_forward_url: Annotated[str, AfterValidator(_valid_forward_url)] | None = Field(
        default=None, repr=False, examples=["https://shop.example.com/wechat"]
    )

    @field_validator("push_aes_key", "push_aes_key_previous", "push_forward_url")
    @classmethod
    def _push_needs_a_token(cls, value: Any, info: ValidationInfo) -> Any:
        if value and not info.data.get("push_token"):
            raise ValueError("is of no use without a push token (push_token, WECHAT_PUSH_TOKEN)")
        return value

    @field_validator("js_domains")
    @classmethod
    def _only_official_accounts_have_js_domains(
        cls, domains: tuple[JsDomain, ...], info: ValidationInfo
    ) -> tuple[JsDomain, ...]:
        if domains and info.data.get("kind") == "mini":
            raise ValueError("a mini program has no JS domains: WeChat gives it no jsapi_ticket")  # WECHAT.md 2
        return domains

    def account(self, name: str, secret_file: str | None = None) -> Account:
        """The account that this table describes; `secret_file` is where its secret was read."""
        return Account(
            name,
            self.appid,
            self.secret,
            self.kind,
            self.js_domains,
            self.token_mode,
            secret_file,
            ModerationPolicy(self.on_unavailable, self.on_openid_refused),
            self._push(),
        )

    def _push(self) -> PushSettings | None:
        if self.push_token is None:
            return None
        return PushSettings(self.push_token, self.push_aes_key + self.push_aes_key_previous, self.push_forward_url)
