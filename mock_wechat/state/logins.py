"""Login codes, and the user tokens they are exchanged for; not the account's token (WECHAT.md 9)."""

import hmac
import string
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Literal

from ..errors import WeChatError
from .accounts import Kind
from .calls import Recent
from .users import User

CodeKind = Literal["oauth", "js", "phone"]
Scope = Literal["snsapi_base", "snsapi_userinfo", "snsapi_login"]
SCOPES: Mapping[Kind, tuple[Scope, ...]] = {"official": ("snsapi_base", "snsapi_userinfo"), "web": ("snsapi_login",)}
"""The scopes of each kind of account that users log in to on the web."""

CODE_SECONDS = 300
TOKEN_SECONDS = 7200
"""Lifetime of a user's access_token."""
REFRESH_SECONDS = 30 * 86400
"""Lifetime of a refresh_token; using it does not extend it."""

_LETTERS = string.ascii_letters + string.digits


@dataclass
class Code:
    """One code: its purpose, its user, and when it was issued (Unix seconds)."""

    value: str
    kind: CodeKind
    appid: str
    user: User
    issued_at: float
    scope: Scope
    snapshot: bool
    used: bool = False


class Codes:
    """The codes that phones get: each is valid for five minutes and one use."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._codes: Recent[Code] = Recent()

    def issue(self, kind: CodeKind, appid: str, user: User, now: float, scope: Scope, *, snapshot: bool) -> Code:
        """A new code; `scope` and `snapshot` matter to kind "oauth" only."""
        if kind == "phone":
            value = f"{self._random.getrandbits(256):064x}"
        else:  # 32 characters like 053Fi9Ga1Pp4BI06nwIa1lof2C1Fi9GL
            value = f"0{self._random.randrange(100):02d}" + "".join(self._random.choices(_LETTERS, k=29))
        code = Code(value, kind, appid, user, now, scope, snapshot)
        self._codes.put(value, code)
        return code

    def redeem(self, value: object, kind: CodeKind, appid: str, now: float) -> Code:
        """Use up a code. Raises WeChatError: 40163 if it is used, 40029 if it is unknown here or too old.

        For phone codes WeChat lists 40013 for another account's and no errcode for a used one.
        """
        code = self._codes.get(value) if isinstance(value, str) else None
        if code is None or code.kind != kind:
            raise WeChatError(40029)
        if code.appid != appid:
            raise WeChatError(40013 if kind == "phone" else 40029)
        if code.used and kind != "phone":
            raise WeChatError(40163)
        if code.used or now - code.issued_at >= CODE_SECONDS:
            raise WeChatError(40029)  # and not 42003, which is only on WeChat's list (WECHAT.md 12.8)
        code.used = True
        return code


@dataclass
class Grant:
    """One user's consent to one account (Unix seconds)."""

    appid: str
    user: User
    scope: Scope
    snapshot: bool
    refresh_token: str
    refresh_until: float
    access_token: str = ""
    expires_at: float = 0.0

    @property
    def openid(self) -> str:
        return self.user.openid(self.appid)

    def is_alive(self, access_token: str, now: float) -> bool:
        """Whether this access_token still works. A predecessor of the current one does not."""
        return access_token == self.access_token and now < self.expires_at


class Grants:
    """All consents, by either of their tokens."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._by_refresh_token: Recent[Grant] = Recent()
        self._by_access_token: Recent[Grant] = Recent()

    def issue(self, code: Code, now: float) -> Grant:
        """The grant that a code is exchanged for."""
        user = code.user.virtual() if code.snapshot else code.user
        grant = Grant(code.appid, user, code.scope, code.snapshot, self._token(), now + REFRESH_SECONDS)
        self._by_refresh_token.put(grant.refresh_token, grant)
        return self._renew(grant, now)

    def refresh(self, appid: str, refresh_token: str, now: float) -> Grant:
        """Extend a live access_token, replace a dead one. Raises WeChatError."""
        grant = self._by_refresh_token.get(refresh_token)
        if grant is None or grant.appid != appid:
            raise WeChatError(40030)
        if now >= grant.refresh_until:
            raise WeChatError(42002)
        return self._renew(grant, now)

    def find(self, access_token: str) -> Grant | None:
        return self._by_access_token.get(access_token)

    def _renew(self, grant: Grant, now: float) -> Grant:
        if now >= grant.expires_at:
            grant.access_token = self._token()
            self._by_access_token.put(grant.access_token, grant)
        grant.expires_at = now + TOKEN_SECONDS
        return grant

    def _token(self) -> str:
        """About 90 characters like 48_95Uv_..."""
        return f"{self._random.randrange(40, 90)}_" + "".join(self._random.choices(_LETTERS + "-_", k=87))


class Sessions:
    """The session_key of each mini program user's last login."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._keys: Recent[str] = Recent()

    def renew(self, appid: str, openid: str) -> str:
        """A new session_key, which ends the one before."""
        key = b64encode(self._random.randbytes(16)).decode()
        self._keys.put(f"{appid} {openid}", key)
        return key

    def key(self, appid: str, openid: str) -> str | None:
        """The current session_key; None without a login."""
        return self._keys.get(f"{appid} {openid}")

    def signature(self, appid: str, openid: str) -> str | None:
        """The signature of an empty text by the user's session_key; None without a login."""
        key = self.key(appid, openid)
        return session_signature(key, b"") if key else None


def session_signature(session_key: str, content: bytes) -> str:
    """HMAC-SHA256 in hex, by the session_key's text, not by the bytes that it encodes (document 登录态签名)."""
    return hmac.new(session_key.encode(), content, "sha256").hexdigest()
