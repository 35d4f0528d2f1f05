"""One mock per test, on a clock that stands still until a test moves it; each test runs against both shells."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from mock_wechat import MockWeChat, intercept

from .client import MINI, Client, FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=[MockWeChat, intercept], ids=["server", "in process"])
def shell(request: pytest.FixtureRequest) -> Callable[..., MockWeChat]:
    """What carries a test's calls; a file whose subject is the socket itself gives `MockWeChat` alone."""
    carrier: Callable[..., MockWeChat] = request.param
    return carrier


@pytest.fixture
def mock(shell: Callable[..., MockWeChat], clock: FakeClock) -> Iterator[MockWeChat]:
    with shell(clock=clock, seed=1) as mock:
        yield mock


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
