"""Everything the mock keeps, in one object; hold its lock to read or change it."""

from collections.abc import Iterable
from random import Random
from threading import RLock

from ..errors import new_rid
from .accounts import Account
from .calls import CallLog, Rids
from .clock import Clock
from .confirmations import Confirmations
from .credentials import CredentialStore, OtherServers
from .faults import Faults
from .logins import Codes, Grants
from .pushes import PushQueue
from .quotas import Quotas
from .users import Users
from .words import Word


class State:
    """WeChat's data, and the mock's own: faults, calls, pushes."""

    def __init__(self, accounts: Iterable[Account], clock: Clock, random: Random, log_size: int) -> None:
        self._at_start = tuple(accounts)
        self.random = random
        self.lock = RLock()
        self.clock = clock
        self.accounts: dict[str, Account] = {}
        self.words: tuple[Word, ...] = ()
        self.forced_at: dict[str, float] = {}
        self.credentials = CredentialStore(random)
        self.confirmations = Confirmations()
        self.quotas = Quotas()
        self.users = Users()
        self.codes = Codes(random)
        self.grants = Grants(random)
        self.rids = Rids()
        self.other_servers = OtherServers()
        self.push_queue = PushQueue()
        self.faults = Faults()
        self.calls = CallLog(log_size)
        self.reset()

    def reset(self) -> None:
        """Back to the start. The random numbers go on: an earlier token must not be issued again."""
        with self.lock:
            self.clock.reset()
            self.accounts = {account.appid: account for account in self._at_start}
            self.words = ()
            self.forced_at.clear()
            parts = (self.credentials, self.confirmations, self.quotas, self.users, self.codes, self.grants, self.rids)
            for part in (*parts, self.other_servers, self.push_queue, self.faults, self.calls):
                part.forget()

    def new_rid(self) -> str:
        return new_rid(self.clock(), self.random)
