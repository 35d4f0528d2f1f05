"""All state of the mock, in one object. Hold its lock to read or change it."""

from collections.abc import Iterable
from random import Random
from threading import RLock

from .accounts import Account
from .answers import Answers
from .calls import CallLog, Rids
from .clock import Clock
from .confirmations import Confirmations
from .conversations import Conversations
from .credentials import CredentialStore
from .drafts import Drafts
from .faults import Faults
from .followers import Followers
from .logins import Codes, Grants, Sessions
from .media import MediaStore
from .messages import UserMessages
from .pushes import PushQueue
from .qrcodes import QrCodes
from .quotas import Quotas
from .running import Running
from .sent import SentLog
from .subscriptions import Subscriptions
from .tags import Tags
from .templates import Templates
from .users import Users
from .words import Word


class State:
    """WeChat's data, and the mock's own: faults, calls, pushes."""

    def __init__(self, accounts: Iterable[Account], clock: Clock, random: Random, log_size: int) -> None:
        self._initial_accounts = tuple(accounts)
        self.lock = RLock()
        self.random = random
        self.clock = clock
        self.calls = CallLog(log_size)
        self.push_queue = PushQueue()
        self.reset()

    def reset(self) -> None:
        """Restore the initial state. Random numbers continue, so that no earlier token is issued again."""
        with self.lock:
            self.clock.reset()
            self.calls.forget()
            self.push_queue.forget()
            self.accounts = {account.appid: account for account in self._initial_accounts}
            self.words: tuple[Word, ...] = ()
            self.forced_at: dict[str, float] = {}
            self.credentials = CredentialStore(self.random)
            self.confirmations = Confirmations()
            self.messages = UserMessages()
            self.quotas = Quotas()
            self.users = Users()
            self.followers = Followers(self.users, self.clock())
            self.conversations = Conversations()
            self.tags = Tags()
            self.templates = Templates()
            self.subscriptions = Subscriptions()
            self.menus: dict[str, list[dict[str, object]]] = {}
            self.sent = SentLog()
            self.codes = Codes(self.random)
            self.grants = Grants(self.random)
            self.sessions = Sessions(self.random)
            self.media = MediaStore(self.random)
            self.qrcodes = QrCodes(self.random)
            self.drafts = Drafts(self.random)
            self.rids = Rids()
            self.faults = Faults()
            self.running: list[Running] = []
            self.answers = Answers()

    def new_rid(self) -> str:
        """Three groups of eight hex digits; the first is the time in Unix seconds (WECHAT.md 0.6)."""
        return f"{int(self.clock()):08x}-{self.random.getrandbits(32):08x}-{self.random.getrandbits(32):08x}"
