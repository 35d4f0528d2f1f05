"""CredentialProvider: one credential, kept fresh for all workers and nodes.

| state   | who fetches                       | every caller              | when the fetch fails            |
|---------|-----------------------------------|---------------------------|---------------------------------|
| FRESH   | -                                 | gets it                   | -                               |
| STALE   | the process that gets the lease,  | gets the current one      | a warning; callers are served;  |
|         | in a background thread            | at once                   | cooldown 5, 15, 60 s            |
| EXPIRED | the caller that gets the lease    | waits up to 5 s, within   | callers get the error;          |
|         |                                   | the waiter limit          | cooldown 1, 2, 5, 10 s          |

A missing credential counts as EXPIRED. `lifetimes` decides when each state begins, `fetching` makes it one fetch for
all processes, `background` does it while STALE, `wechat.cooldown` keeps failures, `budget` bounds the fetches that
refused credentials cause. Only a successful fetch changes what is stored.
"""

import hmac
import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from ..errors import AccessTokenRefused, CentralServerError, CredentialUnavailable, StoreUnavailable
from ..stores import Credential, Key, State
from ..wechat import Cooldown, Cooldowns
from .background import BackgroundRefresh
from .budget import Budget, BudgetSpent
from .fetching import Dependencies, Fetcher, LeaseTooShort
from .sources import Source

T = TypeVar("T")

_POLL_SECONDS = 0.025
_STORE_WAIT_SECONDS = 1.5
"""longer than the second after which a failed store is probed again: one failure of it fails no caller"""
_REPEAT_SECONDS = 0.3
"""before a token that WeChat refused and returned unchanged is used again"""

_log = logging.getLogger(__name__)


class CredentialProvider:
    """Serves one credential of one account and fetches it when needed. Safe to share between threads."""

    def __init__(self, key: Key, sources: Sequence[Source], cooldowns: Cooldowns, dependencies: Dependencies) -> None:
        self.key = key
        self._store = dependencies.store
        self._waiters = dependencies.waiters
        self._timing = dependencies.timing
        self._clock = dependencies.clock
        self._sleep = dependencies.sleep
        self._spawn = dependencies.spawn
        self._recent_seconds = dependencies.recent_seconds
        self._cooldowns = cooldowns
        self._fetcher = Fetcher(key, sources, cooldowns, dependencies)
        self.endpoints = tuple(source.endpoint for source in sources)
        """of its sources, in the order in which they are asked"""
        self._budget = Budget(key, self._store, self._clock)
        self._public_budget = Budget(key, self._store, self._clock, public=True)
        self._background = BackgroundRefresh(key, self._fetcher, self._clock)
        self._recent: tuple[Credential, float] | None = None  # read by `recent`, and when

    # -- what callers get

    def recent(self) -> Credential | None:
        """The credential as `get` would return it, read now or a moment ago; None if `get` has to do more."""
        now, recent = self._clock(), self._recent  # read once: another thread may clear it
        if recent and self._is_settled(recent[0], now):
            if 0 <= now - recent[1] < self._recent_seconds:
                return recent[0]
            self._recent = recent[0], now  # this thread reads the store, the others do not
        try:
            stored = self._store.load(self.key)
        except StoreUnavailable:
            return None
        settled = stored if stored and self._is_settled(stored, now) else None
        self._recent = (settled, now) if settled else None
        return settled

    def get_recent(self) -> Credential:
        """What `get` returns, or what it returned a moment ago: for thousands of callers."""
        return self.recent() or self.get()

    def get(self) -> Credential:
        """A valid credential; at once while it is FRESH or STALE, else after a fetch. Raises the fetch's error."""
        credential = self._store.load(self.key)
        if credential is None or not self._is_alive(credential):
            return self._obtain(self._is_alive)
        if not self._is_settled(credential, self._clock()):
            self._background.begin(self._spawn, served=True)
        return credential

    def use(self, call: Callable[[str], T], *, once: bool = False) -> T:
        """The result of `call(access_token)`, made once more with a successor if WeChat refuses the token.

        WeChat may refuse a good token for a moment: if it returns the same one, the call is repeated with that after
        0.3 s, but not with `once`: the call uses up a code. Raises AccessTokenRefused if the second call is refused
        too, or if there is none, or if the budget for refusals is spent.
        """
        credential = self.get()
        try:
            return call(credential.value)
        except AccessTokenRefused as refusal:
            try:
                successor = self._successor(credential, self._budget)
            except BudgetSpent:
                _log.warning("access_token refused again and again, not fetched for now appid=%s", self.key.appid)
                raise refusal from None
            if once and successor.value == credential.value:
                raise
        if successor.value != credential.value:
            return call(successor.value)
        self._sleep(_REPEAT_SECONDS)
        try:
            return call(successor.value)
        except AccessTokenRefused:
            _log.warning(
                "stable token refused and returned unchanged, try: refresh %s access_token --force", self.key.appid
            )
            raise

    def refresh(self, rejected: str, *, public: bool = False) -> Credential:
        """The current credential; a successor if `rejected`, which WeChat refused, still is the current one.

        Without a successor (the budget is spent, or the fetch fails) it is the refused one, while that is valid.
        `public`: take from the budget of callers without a key.
        """
        credential = self.get()
        if not hmac.compare_digest(credential.value.encode(), rejected.encode()):
            return credential
        try:
            return self._successor(credential, self._public_budget if public else self._budget)
        except BudgetSpent:
            return credential
        except CentralServerError as error:
            if not self._is_alive(credential):
                raise
            _log.warning("refused %s not replaced appid=%s: %s", self.key.credential, self.key.appid, error)
            return credential

    # -- what operators and the refresher do

    def keep_warm(self) -> None:
        """Fetch in this thread unless the credential is FRESH; failures are logged as in a background refresh."""
        credential = self._store.load(self.key)
        if credential is None or credential.state(self._clock()) is not State.FRESH:
            served = credential is not None and self._is_alive(credential)
            self._background.begin(lambda refresh: refresh(), served=served)

    def peek(self) -> Credential | None:
        """The stored credential, whatever its age. Never fetches."""
        return self._store.load(self.key)

    def renew(self, *, force: bool = False) -> Credential:
        """A newly fetched credential, even if the stored one is FRESH; another process's fetch meanwhile counts.

        `force`: revoke the current one for all its users, if the source can. Raises the error of the fetch or of a
        cooldown.
        """
        stored = self.peek()

        def is_new(credential: Credential) -> bool:
            differs = stored is None or (credential.value != stored.value if force else credential.succeeds(stored))
            return differs and self._is_alive(credential)

        return self._obtain(is_new, force=force)

    def cooldown(self) -> Cooldown | None:
        """The cooldown of the last fetch, over or not, if that fetch failed."""
        cooldown = self._cooldowns.last(self.key.credential)
        credential = self.peek() if cooldown else None
        return None if cooldown and credential and credential.obtained_at > cooldown.began_at else cooldown

    def fetches_left(self) -> int:
        """Number of fetches that refusals may cause now."""
        return self._budget.left()

    # -- EXPIRED or refused: one caller fetches, the others wait

    def _successor(self, refused: Credential, budget: Budget) -> Credential:
        """The successor of `refused`, maybe the same value confirmed by WeChat. Raises BudgetSpent."""

        def succeeds(credential: Credential) -> bool:
            return credential.succeeds(refused) and self._is_alive(credential)

        stored = self.peek()
        if stored and succeeds(stored):
            return stored
        # Without the lease, as many callers may ask. `left` first: if the last fetch is under way, wait for it below.
        if budget.left() < 1 and not (stored and budget.taken_after(stored.obtained_at)):
            self._fetcher.check_budget(budget)
        return self._obtain(succeeds, refused=refused, budget=budget)

    def _obtain(
        self,
        wanted: Callable[[Credential], bool],
        *,
        refused: Credential | None = None,
        budget: Budget | None = None,
        force: bool = False,
    ) -> Credential:
        """Fetch a `wanted` credential, or wait while another thread or process does."""
        self._recent = None
        with self._waiters.waiting(grace=self._cooldowns.last(self.key.credential) is None) as check_limit:
            since = self._clock()
            while True:
                credential = self._store.load(self.key)
                if credential and wanted(credential):
                    return credential
                self._fetcher.check(served=False)
                try:
                    fetched = self._fetcher.fetch(wanted, refused=refused, budget=budget, force=force)
                except LeaseTooShort:
                    continue
                except StoreUnavailable:
                    if self._clock() - since >= _STORE_WAIT_SECONDS:
                        raise
                    fetched = None
                if fetched:
                    return fetched
                since = min(since, self._clock())  # the clock may be set back
                if self._clock() - since >= self._timing.lock_wait_seconds:
                    raise CredentialUnavailable("Another worker's fetch takes too long.", retry_after=1)
                check_limit()
                self._sleep(_POLL_SECONDS)

    def _is_alive(self, credential: Credential) -> bool:
        return credential.state(self._clock()) is not State.EXPIRED

    def _is_settled(self, credential: Credential, now: float) -> bool:
        """Whether callers get it and start nothing: it is FRESH, or STALE and a refresh has begun."""
        state = credential.state(now)
        return state is State.FRESH or (state is State.STALE and self._background.has_begun(now))
