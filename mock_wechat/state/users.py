"""The users of the mock's accounts: their openids, and recent logins."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal

from ..fields import flag, text
from .accounts import Account

OpenidState = Literal["known", "foreign", "inactive"]


@dataclass(frozen=True)
class User:
    """One person. The ids are derived from the name, so that they repeat.

    The phone of a user who `calls_back_twice` loads a redirect_uri twice, as Android does (WECHAT.md 9.2).
    """

    name: str
    nickname: Annotated[str, text]
    phone: Annotated[str, text]
    headimgurl: Annotated[str, text] = ""
    calls_back_twice: Annotated[bool, flag] = False

    @property
    def unionid(self) -> str:
        """The same for all accounts of one company."""
        return _identifier("unionid", self.name)

    def openid(self, appid: str) -> str:
        """28 characters, different for each account (WECHAT.md 9.2)."""
        return _identifier(appid, self.name)

    def virtual(self) -> "User":
        """The user that an account sees on a snapshot page (快照页) (WECHAT.md 9.1)."""
        return User(f"{self.name} on a snapshot page", "微信用户", "")


PEOPLE = (
    User("zhangsan", "张三", "13800000001"),
    User("lisi", "李四", "13800000002"),
    User("alice", "Alice", "13800000003"),
)


class Users:
    """All users by name, the phone holder, and the state of each account's openids."""

    def __init__(self) -> None:
        self.people = {user.name: user for user in PEOPLE}
        self.holder = PEOPLE[0]
        self._declared: dict[tuple[str, str], OpenidState] = {}
        self._seen: dict[tuple[str, str], float] = {}

    def put(self, user: User, *, holds_phone: bool = False) -> None:
        """Add a user, or replace the one of that name."""
        self.people[user.name] = user
        if holds_phone or self.holder.name == user.name:
            self.holder = user

    def person(self, appid: str, openid: str) -> User | None:
        """The user with this openid at an account."""
        return next((user for user in self.people.values() if user.openid(appid) == openid), None)

    def is_known(self, appid: str, openid: str) -> bool:
        """Whether this is the openid of a user, or an invented one that was declared, and not a foreign one."""
        named = (appid, openid) in self._declared or self.person(appid, openid) is not None
        return named and not self.is_foreign(appid, openid)

    def is_foreign(self, appid: str, openid: str) -> bool:
        """Whether this openid was declared to be another account's."""
        return self._declared.get((appid, openid)) == "foreign"

    def openids(self, appid: str) -> list[str]:
        """All openids that are known at an account: users', then invented ones."""
        declared = [openid for owner, openid in self._declared if owner == appid]
        openids = dict.fromkeys([*(user.openid(appid) for user in self.people.values()), *declared])
        return [openid for openid in openids if not self.is_foreign(appid, openid)]

    def declare(self, appid: str, openid: str, state: OpenidState) -> None:
        """Declare the state of an openid, a user's or an invented one, at an account."""
        self._declared[appid, openid] = state
        self._seen.pop((appid, openid), None)

    def log_in(self, appid: str, openid: str, now: float) -> None:
        """The openid is active for the account's `active_seconds` from now."""
        if self._declared.get((appid, openid)) == "inactive":
            del self._declared[appid, openid]
        self._seen[appid, openid] = now

    def state(self, account: Account, openid: str, accounts: Iterable[str], now: float) -> OpenidState | None:
        """The state of an openid at an account, None if it belongs to no user; `accounts` are all appids.

        A user who never logged in counts as active: most tests begin with an active user.
        """
        declared = self._declared.get((account.appid, openid))
        if declared is None and self.person(account.appid, openid) is None:
            is_elsewhere = any(
                self._declared.get((other, openid)) in ("known", "inactive") or self.person(other, openid)
                for other in accounts
            )
            return "foreign" if is_elsewhere else None
        if declared in ("foreign", "inactive"):
            return declared
        seen = self._seen.get((account.appid, openid))
        return "known" if seen is None or now - seen < account.active_seconds else "inactive"


def _identifier(*parts: str) -> str:
    digest = hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).digest()
    return "o" + urlsafe_b64encode(digest).decode()[:27]
