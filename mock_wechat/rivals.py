"""The other server that fetches tokens, too: the usual reason for a 40001 (WECHAT.md 1.1)."""

from collections.abc import Iterable
from math import inf

from .accounts import Account
from .credentials import Vault

STOLEN = ("access_token", "stable_token")


class Rivals:
    """Remembers when each account's rival was here last."""

    def __init__(self) -> None:
        self._last: dict[str, float] = {}

    def visit(self, accounts: Iterable[Account], vault: Vault, now: float) -> None:
        """Let those whose time has come fetch: what was issued before stops working at once."""
        for account in accounts:
            if account.rival_seconds is None or now - self._last.get(account.appid, -inf) < account.rival_seconds:
                continue
            self._last[account.appid] = now
            for credential in STOLEN:
                if vault.line(account.appid, credential):
                    vault.revoke(account, credential, now)

    def forget(self) -> None:
        self._last.clear()
