"""Everything the mock remembers, in one object; whoever touches it holds its lock."""

from collections.abc import Iterable
from random import Random
from threading import RLock

from .accounts import Account
from .administrator import Administrator
from .calls import CallLog
from .clock import Clock
from .codes import Codes
from .credentials import Vault
from .errors import new_rid
from .faults import Faults
from .grants import Grants
from .push.checks import Checks
from .quotas import Quotas
from .rids import Rids
from .rivals import Rivals
from .users import Users
from .words import Word


class State:
    """WeChat's memory and the mock's own (faults, calls)."""

    def __init__(self, accounts: Iterable[Account], clock: Clock, random: Random, log_size: int) -> None:
        self._at_start = tuple(accounts)
        self.random = random
        self.lock = RLock()
        self.clock = clock
        self.accounts: dict[str, Account] = {}
        self.words: tuple[Word, ...] = ()
        self.forced_at: dict[str, float] = {}
        self.vault = Vault(random)
        self.administrator = Administrator()
        self.quotas = Quotas()
        self.users = Users()
        self.codes = Codes(random)
        self.grants = Grants(random)
        self.checks = Checks()
        self.faults = Faults()
        self.rids = Rids()
        self.rivals = Rivals()
        self.calls = CallLog(log_size)
        self.reset()

    def reset(self) -> None:
        """Back to the start. The random numbers go on: a token from before must not be issued again."""
        with self.lock:
            self.clock.reset()
            self.accounts = {account.appid: account for account in self._at_start}
            self.words = ()
            self.forced_at.clear()
            parts = (self.vault, self.administrator, self.quotas, self.users, self.codes, self.grants, self.rids)
            for part in (*parts, self.rivals, self.checks, self.faults, self.calls):
                part.forget()

    def new_rid(self) -> str:
        return new_rid(self.clock(), self.random)
