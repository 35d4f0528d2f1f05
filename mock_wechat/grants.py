"""What people have granted to web pages: user tokens, which are not the account's token (WECHAT.md 9.2)."""

import string
from collections import OrderedDict
from dataclasses import dataclass
from random import Random

from .codes import Code, Scope
from .errors import WeChatError
from .users import User

LIFE = 7200
"""Seconds of a user's access_token."""
REFRESH_LIFE = 30 * 86400
"""Seconds of a refresh_token; using it does not lengthen it."""
HISTORY = 10_000
"""Grants that are remembered."""

_BASE64URL = string.ascii_letters + string.digits + "-_"


@dataclass
class Grant:
    """One consent: who gave it to whom and how far it goes (Unix seconds)."""

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
        """Does this access_token still work? A predecessor of the current one does not."""
        return access_token == self.access_token and now < self.expires_at


class Grants:
    """All consents, by either of their tokens."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._by_refresh_token: OrderedDict[str, Grant] = OrderedDict()
        self._by_access_token: OrderedDict[str, Grant] = OrderedDict()

    def issue(self, code: Code, now: float) -> Grant:
        """What a code is exchanged for."""
        user = code.user.virtual() if code.snapshot else code.user
        grant = Grant(code.appid, user, code.scope, code.snapshot, self._token(), now + REFRESH_LIFE)
        _keep(self._by_refresh_token, grant.refresh_token, grant)
        return self._renew(grant, now)

    def refresh(self, appid: str, refresh_token: str, now: float) -> Grant:
        """A live access_token keeps its value and lives longer, a dead one gets a successor. Raises WeChatError."""
        grant = self._by_refresh_token.get(refresh_token)
        if grant is None or grant.appid != appid:
            raise WeChatError(40030)
        if now >= grant.refresh_until:
            raise WeChatError(42002)
        return self._renew(grant, now)

    def find(self, access_token: str) -> Grant | None:
        return self._by_access_token.get(access_token)

    def forget(self) -> None:
        self._by_refresh_token.clear()
        self._by_access_token.clear()

    def _renew(self, grant: Grant, now: float) -> Grant:
        if now >= grant.expires_at:
            grant.access_token = self._token()
            _keep(self._by_access_token, grant.access_token, grant)
        grant.expires_at = now + LIFE
        return grant

    def _token(self) -> str:
        """About 90 characters like 48_95Uv_..."""
        return f"{self._random.randrange(40, 90)}_" + "".join(self._random.choices(_BASE64URL, k=87))


def _keep(grants: OrderedDict[str, Grant], token: str, grant: Grant) -> None:
    grants[token] = grant
    if len(grants) > HISTORY:
        grants.popitem(last=False)
