"""The codes that a phone hands to a page or a mini program: good for five minutes and for one use (WECHAT.md 9)."""

import string
from collections import OrderedDict
from dataclasses import dataclass
from random import Random
from typing import Literal

from .errors import WeChatError
from .users import User

CodeKind = Literal["oauth", "js", "phone"]
CODE_KINDS: tuple[CodeKind, ...] = ("oauth", "js", "phone")
Scope = Literal["snsapi_base", "snsapi_userinfo"]
SCOPES: tuple[Scope, ...] = ("snsapi_base", "snsapi_userinfo")

LIFE = 300
"""Seconds."""
HISTORY = 10_000
"""Codes that are remembered."""

_LETTERS = string.ascii_letters + string.digits


@dataclass
class Code:
    """One code: what it is for, whose it is, and since when (Unix seconds)."""

    value: str
    kind: CodeKind
    appid: str
    user: User
    issued_at: float
    scope: Scope = "snsapi_base"
    snapshot: bool = False
    used: bool = False


class Codes:
    """Issues codes and takes each back once."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._codes: OrderedDict[str, Code] = OrderedDict()

    def issue(
        self,
        kind: CodeKind,
        appid: str,
        user: User,
        now: float,
        *,
        scope: Scope = "snsapi_base",
        snapshot: bool = False,
    ) -> Code:
        """A new code; `scope` and `snapshot` matter to kind "oauth" alone."""
        value = self._phone_value() if kind == "phone" else self._value()
        self._codes[value] = code = Code(value, kind, appid, user, now, scope, snapshot)
        if len(self._codes) > HISTORY:
            self._codes.popitem(last=False)
        return code

    def redeem(self, value: object, kind: CodeKind, appid: str, now: float) -> Code:
        """Use a code up. Raises WeChatError: 40163 if it is, 40029 if it is none of this account's or too old.

        For phone codes WeChat lists 40013 for another account's and no code of its own for a used one.
        """
        code = self._codes.get(value) if isinstance(value, str) else None
        if code is None or code.kind != kind:
            raise WeChatError(40029)
        if code.appid != appid:
            raise WeChatError(40013 if kind == "phone" else 40029)
        if code.used and kind != "phone":
            raise WeChatError(40163)
        if code.used or now - code.issued_at >= LIFE:
            raise WeChatError(40029)  # and not 42003, which is on the list alone (WECHAT.md 12.8)
        code.used = True
        return code

    def forget(self) -> None:
        self._codes.clear()

    def _value(self) -> str:
        """32 characters like 053Fi9Ga1Pp4BI06nwIa1lof2C1Fi9GL."""
        return f"0{self._random.randrange(100):02d}" + "".join(self._random.choices(_LETTERS, k=29))

    def _phone_value(self) -> str:
        return f"{self._random.getrandbits(256):064x}"
