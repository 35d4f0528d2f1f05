"""A provider in central mode: how often it reads, what it serves meanwhile, how it replaces a refused token."""

from collections.abc import Callable

import pytest

from app.central import ACCESS_TOKEN, CentralClient
from app.credentials import CredentialProvider, central
from app.errors import AccessTokenRefused, CentralRefused, CentralUnavailable, WeChatError
from app.stores import Key, MemoryStore
from app.wechat import Issued, refusal
from tests.app.central.conftest import APPID, Central
from tests.doubles import FakeClock, cooldowns, dependencies

KEY = Key(APPID, "access_token")
DOWN = CentralUnavailable("The central server central.example.com: could not be reached.")


class Staging:
    """A provider that reads from `production`, on one fake clock."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.production = Production(self.clock)
        self.store = MemoryStore(self.clock)
        self.cooldowns = cooldowns(self.store, self.clock, appid=APPID, secret="")
        self.client = CentralClient(APPID, self.production, self.cooldowns, wait_seconds=60)  # type: ignore[arg-type] # a double
        self.provider = self.another_process()

    def another_process(self) -> CredentialProvider:
        return CredentialProvider(
            KEY, [central(self.client, ACCESS_TOKEN)], self.cooldowns, dependencies(self.store, self.clock)
        )


class Production(Central):
    """Has `value`, which it promises until `ends_at`."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self.clock = clock
        self.value = "t1"
        self.ends_at = clock() + 6900

    def issued(self) -> Issued:
        return Issued(self.value, int(self.ends_at - self.clock()))


@pytest.fixture
def staging() -> Staging:
    return Staging()


def refused(*values: str) -> Callable[[str], str]:
    """A call that WeChat refuses with these tokens."""

    def call(token: str) -> str:
        if token in values:
            raise refusal(40001, "invalid credential", endpoint="/wxa/msg_sec_check")
        return token

    return call


def test_many_processes_read_once_a_minute(staging: Staging) -> None:
    processes = [staging.another_process() for _ in range(4)]
    for _ in range(600):
        assert {process.get().value for process in processes} == {"t1"}
        staging.clock.advance(1)
    assert len(staging.production.asked) == 10


def test_outage_of_production_fails_no_caller_until_its_promise_ends(staging: Staging) -> None:
    ends_at = staging.provider.get().expires_at
    assert ends_at == staging.production.ends_at
    staging.production.failure = DOWN
    while staging.clock() < ends_at:
        assert staging.provider.get().value == "t1"
        staging.clock.advance(5)
    with pytest.raises(CentralUnavailable, match="could not be reached") as caught:
        staging.provider.get()
    assert caught.value.retry_after == pytest.approx(1)
    reads = len(staging.production.asked)
    with pytest.raises(CentralUnavailable):  # remembered, for all processes
        staging.another_process().get()
    assert len(staging.production.asked) == reads


def test_refused_token_is_reported_to_production_and_its_successor_used(staging: Staging) -> None:
    staging.provider.get()
    staging.production.value = "t2"
    assert staging.provider.use(refused("t1")) == "t2"
    assert staging.production.asked == [(ACCESS_TOKEN.path, None), (ACCESS_TOKEN.path, "t1")]


def test_token_that_is_always_refused_causes_few_requests(staging: Staging) -> None:
    for _ in range(1000):
        with pytest.raises(AccessTokenRefused):
            staging.provider.use(refused("t1"))
        staging.clock.advance(0.06)
    assert sum(rejected is not None for _, rejected in staging.production.asked) <= 7


def test_refresh_passes_the_refused_value_on(staging: Staging) -> None:
    staging.provider.get()
    staging.production.value = "t2"
    assert staging.provider.refresh("t1").value == "t2"
    assert staging.provider.refresh("t1").value == "t2"
    assert [rejected for _, rejected in staging.production.asked] == [None, "t1"]


@pytest.mark.parametrize("error", [CentralRefused("no such key"), refusal(40164, "ip", endpoint="/x")])
def test_refusal_fails_callers_only_without_a_valid_credential(staging: Staging, error: WeChatError) -> None:
    staging.production.failure = error
    for _ in range(50):
        with pytest.raises(type(error)):
            staging.another_process().get()
        staging.clock.advance(1)
    assert len(staging.production.asked) == 1
    staging.clock.advance(10)
    staging.production.failure = None
    staging.provider.get()
    staging.production.failure = error
    for _ in range(300):
        assert staging.provider.get().value == "t1"
        staging.clock.advance(1)
    assert len(staging.production.asked) <= 2 + 5
