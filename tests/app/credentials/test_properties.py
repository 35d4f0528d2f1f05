"""Random events: three processes, one store, a WeChat that fails and that other servers ask as well."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from app.credentials import CredentialProvider, Source, lifetimes
from app.credentials.sources import BeforeSending
from app.errors import CentralServerError, StoreUnavailable, WeChatUnavailable
from app.stores import Credential, FallbackStore, Key, MemoryStore, SQLiteStore, State, Store
from app.wechat import Issued, refusal
from tests.doubles import FakeClock, cooldowns, dependencies

KEY = Key("wx0000000000000001", "access_token")
LIFE_SECONDS = 7200
OVERLAP_SECONDS = 300  # WECHAT.md 1.1, 1.2: a classic token's grace; how early a stable one is replaced
PROCESSES = st.integers(0, 2)
TIMES = st.sampled_from([0.1, 1.0, 4.0, 16.0, 70.0, 290.0, 610.0, 3300.0, 6595.0, 6900.0])


class ModelWeChat:
    """Which tokens live until when, by WeChat's rules alone."""

    def __init__(self, clock: FakeClock, *, stable: bool) -> None:
        self._clock = clock
        self._stable = stable
        self._ends: dict[str, float] = {}
        self._current: str | None = None

    def is_alive(self, token: str) -> bool:
        return self._clock() < self._ends[token]

    def issue(self) -> Issued:
        now = self._clock()
        if self._current and self._stable and self._ends[self._current] - now > OVERLAP_SECONDS:
            return Issued(self._current, int(self._ends[self._current] - now))
        if self._current and not self._stable:
            self._ends[self._current] = min(self._ends[self._current], now + OVERLAP_SECONDS)
        self._current = f"t{len(self._ends) + 1}"
        self._ends[self._current] = now + LIFE_SECONDS
        return Issued(self._current, LIFE_SECONDS)

    def kill(self) -> None:
        """Revoke the current token."""
        if self._current:
            self._ends[self._current] = self._clock()
            self._current = None


class Fragile:
    """A store that does not answer while it is broken."""

    def __init__(self, inner: Store) -> None:
        self.inner = inner
        self.broken = False

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def act(*args: Any) -> Any:
            if self.broken and name != "close":
                raise StoreUnavailable("broken")
            return getattr(self.inner, name)(*args)

        return act


class Model(RuleBasedStateMachine):
    """Three processes with all their dependencies."""

    stable = False
    sqlite = False

    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock()
        self.wechat = ModelWeChat(self.clock, stable=self.stable)
        self.folder = TemporaryDirectory()
        inner = SQLiteStore(Path(self.folder.name) / "c.db", self.clock) if self.sqlite else MemoryStore(self.clock)
        self.store = Fragile(inner)
        self.stores = [FallbackStore(cast(Store, self.store), self.clock) for _ in range(3)]
        self.processes = [self.process(store) for store in self.stores]
        self.down = False
        self.fetching = False
        self.refused: set[str] = set()
        self.failed_at: dict[str, float] = {}
        self.undisturbed = True
        self.meanwhile: list[Callable[[], None]] = []

    def process(self, store: FallbackStore) -> CredentialProvider:
        lifetime = lifetimes.stable_token if self.stable else lifetimes.classic_token
        wins = not self.stable
        source = Source("/model", partial(self.fetch, store), lifetime, last_asker_wins=wins)
        return CredentialProvider(KEY, [source], cooldowns(store, self.clock), dependencies(store, self.clock))

    # -- calls at WeChat

    def fetch(self, store: FallbackStore, before_sending: BeforeSending) -> Issued:
        before_sending()
        cause = self.cause(store)
        assert not self.fetching, "two fetch at once"
        self.fetching = True
        try:
            for event in [self.meanwhile.pop() for _ in range(len(self.meanwhile))]:
                event()
        finally:
            self.fetching = False
        if self.down:
            assert self.clock() >= self.failed_at.get(cause, 0) + 1, f"asked again at once: {cause}"
            self.failed_at[cause] = self.clock()
            raise WeChatUnavailable("down")
        self.failed_at.clear()
        return self.wechat.issue()

    def cause(self, store: FallbackStore) -> str:
        """Why a fetch is made. There has to be a reason, and no live copy in memory."""
        stored = self.store.inner.load(KEY)
        state = stored.state(self.clock()) if stored else State.EXPIRED
        if stored is None:
            assert store.copies == 0, "fetched though a live copy is in memory"
        if stored and stored.value in self.refused:
            return "refused"
        assert state is not State.FRESH, "a fetch without a cause"
        return state.name

    # -- events

    @rule(who=PROCESSES)
    def get(self, who: int) -> None:
        stored, asked_at = self.store.inner.load(KEY), self.clock()
        served: Credential | None = None
        try:
            served = self.processes[who].get()
        except CentralServerError:
            live = stored and stored.state(asked_at) is not State.EXPIRED
            remembered = self.stores[who].copies > 0
            assert not remembered if self.store.broken else not live, "a live credential was not served"
        if served:
            assert served.expires_at > asked_at, "an expired credential was served"
            assert not self.undisturbed or self.wechat.is_alive(served.value), "a dead token was served"

    @rule(who=PROCESSES)
    def use(self, who: int) -> None:
        def call(token: str) -> None:
            if not self.wechat.is_alive(token):
                self.refused.add(token)
                raise refusal(40001, "invalid credential", endpoint="/wxa/msg_sec_check")

        with suppress(CentralServerError):
            self.processes[who].use(call)

    @rule(who=PROCESSES)
    def keep_warm(self, who: int) -> None:
        with suppress(StoreUnavailable):
            self.processes[who].keep_warm()

    @rule(who=PROCESSES, seconds=st.sampled_from([0.0, 1.0, 4.0]))
    def another_process_asks_during_the_next_fetch(self, who: int, seconds: float) -> None:
        def event() -> None:
            self.clock.advance(seconds)
            self.get(who)

        self.meanwhile = [event]

    @rule(seconds=TIMES)
    def time_passes(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule(seconds=st.sampled_from([-601, -599, -294, -1, 0, 30]))
    def token_nears_its_end(self, seconds: float) -> None:
        stored = self.store.inner.load(KEY)
        if stored:
            self.clock.advance(max(0, stored.expires_at + seconds - self.clock()))

    @rule()
    def wechat_goes_down(self) -> None:
        self.down = True

    @rule()
    def wechat_comes_back(self) -> None:
        self.down = False

    @rule()
    def another_server_revokes_the_token(self) -> None:
        self.undisturbed = False
        self.wechat.kill()

    @rule()
    def a_process_dies_during_a_fetch(self) -> None:
        self.store.inner.acquire(KEY, "dead", 15)

    @precondition(lambda self: not self.store.broken)
    @rule()
    def the_store_breaks(self) -> None:
        self.store.broken = True

    @precondition(lambda self: self.store.broken)
    @rule()
    def the_store_is_mended(self) -> None:
        self.store.broken = False
        self.clock.advance(1)

    @rule()
    def the_store_is_emptied(self) -> None:
        self.undisturbed = False
        self.failed_at.clear()
        self.store.inner.forget("")
        if isinstance(self.store.inner, SQLiteStore):
            self.store.inner._write("DELETE FROM credentials", ())
        else:
            cast(MemoryStore, self.store.inner)._credentials.clear()

    def teardown(self) -> None:
        """After a while without faults all processes have the same token, and it works."""
        self.meanwhile = []
        self.down = self.store.broken = False
        self.clock.advance(90)
        for _ in range(3):
            for who in range(3):
                self.get(who)
                self.use(who)
            self.clock.advance(2)
        tokens = [process.use(lambda token: token) for process in self.processes]
        assert len(set(tokens)) == 1, "the processes do not agree"
        assert self.wechat.is_alive(tokens[0]), "all have a dead token"
        self.store.inner.close()
        self.folder.cleanup()


class StableModel(Model):
    stable = True


class SQLiteModel(Model):
    sqlite = True


def run(model: type[Model], examples: int) -> None:
    """Random runs, the same every time."""
    run_state_machine_as_test(
        model,
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.generate, Phase.shrink),
        ),
    )


def test_classic_tokens_in_any_order_of_events() -> None:
    run(Model, 60)


def test_stable_tokens_in_any_order_of_events() -> None:
    run(StableModel, 40)


def test_classic_tokens_in_sqlite_in_any_order_of_events() -> None:
    run(SQLiteModel, 15)
