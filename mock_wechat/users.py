"""The people who use the mock's accounts: who they are to each account, and whether they were there lately."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

from .accounts import Account

OpenidState = Literal["known", "foreign", "inactive"]
OPENID_STATES: tuple[OpenidState, ...] = ("known", "foreign", "inactive")


@dataclass(frozen=True)
class User:
    """One person. The ids follow from the name, so that they repeat."""

    name: str
    nickname: str
    phone: str
    headimgurl: str = ""

    @property
    def unionid(self) -> str:
        """The same for all accounts of one company."""
        return _identifier("unionid", self.name)

    def openid(self, appid: str) -> str:
        """28 characters, for each account others (WECHAT.md 9.2)."""
        return _identifier(appid, self.name)

    def virtual(self) -> "User":
        """Who an account sees on a snapshot page (快照页) instead of this person (WECHAT.md 9.1)."""
        return User(f"{self.name} on a snapshot page", "微信用户", "")

    def as_json(self) -> dict[str, object]:
        return asdict(self) | {"unionid": self.unionid}


PEOPLE = (
    User("zhangsan", "张三", "13800000001"),
    User("lisi", "李四", "13800000002"),
    User("alice", "Alice", "13800000003"),
)


class Users:
    """Everybody, whose hand the phone is in, and what each account knows of its openids."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self._people = {user.name: user for user in PEOPLE}
        self.holder = PEOPLE[0]
        self._stated: dict[tuple[str, str], OpenidState] = {}
        self._seen: dict[tuple[str, str], float] = {}

    def everybody(self) -> Iterable[User]:
        return self._people.values()

    def named(self, name: str) -> User | None:
        return self._people.get(name)

    def put(self, user: User) -> None:
        """Add somebody, or change who has that name."""
        self._people[user.name] = user
        if self.holder.name == user.name:
            self.holder = user

    def person(self, appid: str, openid: str) -> User | None:
        """Whose openid it is at an account."""
        return next((user for user in self._people.values() if user.openid(appid) == openid), None)

    def declare(self, appid: str, openid: str, state: OpenidState) -> None:
        """Say what an openid is to an account, somebody's or an invented one."""
        self._stated[appid, openid] = state
        self._seen.pop((appid, openid), None)

    def log_in(self, appid: str, openid: str, now: float) -> None:
        """Somebody is here: active for the account's `active_seconds` from now."""
        if self._stated.get((appid, openid)) == "inactive":
            del self._stated[appid, openid]
        self._seen[appid, openid] = now

    def state(self, account: Account, openid: str, accounts: Iterable[str], now: float) -> OpenidState | None:
        """What an openid is to an account, None for nobody's; `accounts` are the appids there are.

        Whoever never logged in counts as active: most tests begin with a user who is there.
        """
        stated = self._stated.get((account.appid, openid))
        if stated is None and self.person(account.appid, openid) is None:
            return "foreign" if any(self._is_at(other, openid) for other in accounts) else None
        seen = self._seen.get((account.appid, openid))
        if stated == "known" or stated is None:
            return "known" if seen is None or now - seen < account.active_seconds else "inactive"
        return stated

    def _is_at(self, appid: str, openid: str) -> bool:
        return self._stated.get((appid, openid)) in ("known", "inactive") or self.person(appid, openid) is not None


def _identifier(*parts: str) -> str:
    digest = hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).digest()
    return "o" + urlsafe_b64encode(digest).decode()[:27]
