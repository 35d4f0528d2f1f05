"""One mock per test on a still clock; each test runs with the server and the in-process mock."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from mock_wechat import MockWeChat, intercept

from .client import MINI, Client, FakeClock
from .receiver import Receiver


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=[MockWeChat, intercept], ids=["server", "in process"])
def shell(request: pytest.FixtureRequest) -> Callable[..., MockWeChat]:
    """The server or the in-process mock; tests of the socket itself override it with `MockWeChat`."""
    carrier: Callable[..., MockWeChat] = request.param
    return carrier


@pytest.fixture
def mock(shell: Callable[..., MockWeChat], clock: FakeClock) -> Iterator[MockWeChat]:
    with shell(clock=clock, seed=1) as mock:
        yield mock


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def push_seconds() -> float:
    """How long a receiver may take: long, where a test does not wait for its end."""
    return 60.0


@pytest.fixture
def client(mock: MockWeChat) -> Iterator[Client]:
    with Client(mock.url) as client:
        yield client


@pytest.fixture
def client_from(mock: MockWeChat) -> Iterator[Callable[[str], Client]]:
    """Clients that come from an IP address of the test's choice."""
    with ExitStack() as clients:
        yield lambda ip: clients.enter_context(Client(mock.url, ip))


@pytest.fixture
def mini_token(client: Client) -> str:
    token: str = client.token(MINI)["access_token"]
    return token
