"""What the central server refuses is remembered, but never longer than we are ready to wait."""

import pytest

from app.central import ACCESS_TOKEN, JSAPI_TICKET, CentralClient
from app.errors import CentralRefused, CentralUnavailable, DayLimitReached, WeChatError
from app.stores import MemoryStore
from app.wechat import Cooldowns, refusal
from tests.app.central.conftest import APPID, Central
from tests.doubles import FakeClock, cooldowns


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def of_account(clock: FakeClock) -> Cooldowns:
    return cooldowns(MemoryStore(clock), clock, appid=APPID, secret="")


@pytest.fixture
def server() -> Central:
    return Central()


@pytest.fixture
def client(server: Central, of_account: Cooldowns) -> CentralClient:
    return CentralClient(APPID, server, of_account, wait_seconds=60)  # type: ignore[arg-type] # a double


@pytest.mark.parametrize(
    "error", [CentralRefused("no"), refusal(40164, "ip", endpoint="/x"), refusal(89506, "no", endpoint="/x")]
)
def test_refusal_is_kept_for_a_minute_and_the_server_left_alone(
    client: CentralClient, server: Central, clock: FakeClock, error: WeChatError
) -> None:
    server.failure = error
    for _ in range(6):
        with pytest.raises(type(error)) as caught:
            client.current(ACCESS_TOKEN)
        clock.advance(9)
    assert len(server.asked) == 1
    assert str(caught.value) == str(error)
    assert caught.value.retry_after == pytest.approx(60 - 5 * 9)
    clock.advance(6)
    server.failure = None
    assert client.current(ACCESS_TOKEN).value == "t2"


def test_refusal_ends_when_the_server_said_it_would(client: CentralClient, server: Central, clock: FakeClock) -> None:
    server.failure = refusal(40164, "ip", endpoint="/x", retry_after=7)
    with pytest.raises(WeChatError):
        client.current(ACCESS_TOKEN)
    clock.advance(7)
    server.failure = None
    assert client.current(ACCESS_TOKEN)


def test_days_quota_there_is_asked_after_every_minute(client: CentralClient, server: Central, clock: FakeClock) -> None:
    server.failure = refusal(45009, "quota", endpoint="/x", retry_after=3600)
    for _ in range(600):
        with pytest.raises(DayLimitReached):
            client.current(ACCESS_TOKEN)
        clock.advance(1)
    assert len(server.asked) == 10


def test_refusal_binds_the_successors_too_but_no_other_endpoint(client: CentralClient, server: Central) -> None:
    server.failure = CentralRefused("The API key has no scope token.")
    with pytest.raises(CentralRefused):
        client.successor(ACCESS_TOKEN, "t1")
    server.failure = None
    with pytest.raises(CentralRefused):
        client.current(ACCESS_TOKEN)
    assert client.current(JSAPI_TICKET)
    assert server.asked == [("/api/access_token", "t1"), ("/api/jsapi_ticket", None)]


def test_outage_begins_no_cooldown_here(client: CentralClient, server: Central) -> None:
    server.failure = CentralUnavailable("down", retry_after=5)
    with pytest.raises(CentralUnavailable):
        client.current(ACCESS_TOKEN)
    server.failure = None
    assert client.current(ACCESS_TOKEN)
