"""A provider and all its dependencies, on one fake clock."""

from collections.abc import Callable
from dataclasses import replace

from app.credentials import CredentialProvider, lifetimes
from app.errors import WeChatRefused, WeChatUnavailable
from app.stores import Credential, Key, MemoryStore, Store
from app.wechat import Issued, refusal
from tests.doubles import FakeClock, Issuer, cooldowns, dependencies

KEY = Key("wx0000000000000001", "access_token")
DOWN = WeChatUnavailable("WeChat, /test: could not be reached.")


def refused(endpoint: str = "/wxa/msg_sec_check") -> WeChatRefused:
    return refusal(40001, "invalid credential", endpoint=endpoint)


class Harness:
    """One process with a provider; others share its clock, store and WeChat."""

    def __init__(self, *, stable: bool = False, waiters: int = 16) -> None:
        self.clock = FakeClock()
        self.store = MemoryStore(self.clock)
        self.wechat = Issuer()
        self.dependencies = dependencies(self.store, self.clock, waiters=waiters)
        self.cooldowns = cooldowns(self.store, self.clock)
        self.source = (
            self.wechat.source(lifetimes.stable_token, force=True)
            if stable
            else self.wechat.source(lifetimes.classic_token, last_asker_wins=True)
        )
        self.provider = self.another_process()

    def another_process(self) -> CredentialProvider:
        return CredentialProvider(KEY, [self.source], self.cooldowns, self.dependencies)

    def another_node(self, egress: str, store: Store | None = None) -> CredentialProvider:
        store = store or self.store
        of_node = cooldowns(store, self.clock, egress=egress)
        return CredentialProvider(KEY, [self.source], of_node, replace(self.dependencies, store=store))

    def with_dependencies(self, **changed: object) -> CredentialProvider:
        """The provider, rebuilt with other dependencies."""
        self.dependencies = replace(self.dependencies, **changed)  # type: ignore[arg-type] # names are the tests'
        self.provider = self.another_process()
        return self.provider

    def age(self, seconds: float) -> None:
        """Fetch a credential, and let it grow this old. A classic one is STALE at 6,600 s."""
        self.provider.get()
        self.clock.advance(seconds)

    def issued(self, value: str, ago: float = 0) -> Credential:
        """A first classic token as another process gets it."""
        return lifetimes.classic_token(None, Issued(value, 7200), self.clock() - ago)

    def saving(self, credential: Credential) -> Callable[[], None]:
        """Another process saves this as the first one."""

        def save() -> None:
            self.store.save(KEY, credential, 0)

        return save

    def refuse(self, *values: str) -> Callable[[str], str]:
        """A call that WeChat refuses with these tokens; else it answers the token."""

        def call(token: str) -> str:
            if token in values:
                raise refused()
            return token

        return call
