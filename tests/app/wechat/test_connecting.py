"""Connecting: bounded as a whole, and to the next host where there is no connection to be had."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from app.exceptions import WeChatUnavailable
from app.wechat import Transport, addresses, connections
from app.wechat.calls import Call
from tests.app.wechat.conftest import Peer
from tests.doubles import FakeClock

CALL = Call("GET", "/cgi-bin/token")
FINE = b'{"a":1}'

AddressInfo = tuple[int, int, int, str, tuple[str, int]]


def transport(*hosts: str, connect: float = 3, deadline: float = 10, clock: FakeClock | None = None) -> Transport:
    return Transport(
        hosts, connect_timeout_seconds=connect, deadline_seconds=deadline, aside_seconds=30, clock=clock or FakeClock()
    )


def unreachable(sender: Transport) -> None:
    with pytest.raises(WeChatUnavailable, match="could not be reached"):
        sender.send(CALL)


# -- the next host


@dataclass
class Network:
    """Where connections are made, and the ports that take none while they are `down`."""

    down: set[int] = field(default_factory=set)
    made: list[int] = field(default_factory=list)

    def connect(self, address: tuple[str, int], *_: Any) -> socket.socket:
        self.made.append(address[1])
        if address[1] in self.down:
            raise ConnectionRefusedError(111, "Connection refused")
        return socket.create_connection(address)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    network = Network()
    monkeypatch.setattr(connections, "create_connection", network.connect)
    return network


def test_host_that_cannot_be_reached_is_left_alone_for_a_while(
    network: Network, peer: Peer, another_peer: Peer
) -> None:
    clock = FakeClock()
    peer.answers(FINE)
    another_peer.answers(FINE)
    sender = transport(peer.url, another_peer.url, clock=clock)
    network.down = {peer.port}
    for _ in range(3):
        sender.send(CALL)
    assert network.made == [peer.port, *[another_peer.port] * 3]
    network.down = set()
    clock.advance(30)
    sender.send(CALL)
    sender.send(CALL)
    assert network.made[4:] == [peer.port, peer.port]


def test_all_threads_know_of_the_host_that_is_set_aside(network: Network, peer: Peer, another_peer: Peer) -> None:
    another_peer.answers(FINE)
    network.down = {peer.port}
    sender = transport(peer.url, another_peer.url)
    for _ in range(2):
        thread = threading.Thread(target=sender.send, args=[CALL])
        thread.start()
        thread.join()
    assert network.made == [peer.port, another_peer.port, another_peer.port]


def test_with_all_aside_the_first_is_asked_first(network: Network, peer: Peer, another_peer: Peer) -> None:
    network.down = {peer.port, another_peer.port}
    sender = transport(peer.url, another_peer.url)
    unreachable(sender)
    peer.answers(FINE)
    network.down = {another_peer.port}
    assert sender.send(CALL) == {"a": 1}
    assert network.made == [peer.port, another_peer.port, peer.port]


def test_name_that_nobody_knows_is_a_host_that_cannot_be_reached(peer: Peer) -> None:
    peer.answers(FINE)
    assert transport("http://nowhere.invalid", peer.url).send(CALL) == {"a": 1}


def test_proxy_that_refuses_the_tunnel_is_no_host(peer: Peer) -> None:
    peer.answers(b"", status="403 Forbidden")
    sender = Transport(["https://api.weixin.qq.com"], proxy=peer.url)
    unreachable(sender)
    assert peer.requests[0].startswith(b"CONNECT api.weixin.qq.com:443 ")


# -- the time that it takes


class Resolver:
    """Tells what names lead to, or does not until `let_go`."""

    def __init__(self, *found: str) -> None:
        self.found = found
        self.let_go = threading.Event()
        self.asked = 0

    def getaddrinfo(self, _host: str, port: int, *_: Any) -> list[AddressInfo]:
        self.asked += 1
        if not self.found:
            self.let_go.wait(30)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in self.found]


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Resolver]]:
    made: list[Resolver] = []

    def resolve(*found: str) -> Resolver:
        made.append(Resolver(*found))
        monkeypatch.setattr(addresses, "getaddrinfo", made[-1].getaddrinfo)
        return made[-1]

    yield resolve
    for resolver in made:
        resolver.let_go.set()


class Impatience:
    """Addresses that never answer: each takes exactly the time that it is given."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, but: str = "") -> None:
        self.clock = FakeClock(0.0)
        self.given: list[float] = []
        self.but = but
        monkeypatch.setattr("app.wechat.deadline.time", self)
        monkeypatch.setattr(connections, "create_connection", self.connect)

    def monotonic(self) -> float:
        return self.clock()

    def connect(self, address: tuple[str, int], timeout: float, *_: Any) -> socket.socket:
        self.given.append(timeout)
        if address[0] == self.but:
            return socket.create_connection(("127.0.0.1", address[1]))
        self.clock.advance(timeout)
        raise TimeoutError("timed out")


def test_all_addresses_of_a_name_together_have_the_connect_timeout(
    resolve: Callable[..., Resolver], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve(*(f"192.0.2.{number}" for number in range(1, 21)))
    net = Impatience(monkeypatch)
    unreachable(transport("http://many.example", connect=3))
    assert sum(net.given) == pytest.approx(3)
    assert min(net.given) > 0.5  # a slow network needs its time


def test_what_is_left_of_the_deadline_bounds_connecting(
    resolve: Callable[..., Resolver], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve("192.0.2.1", "192.0.2.2")
    net = Impatience(monkeypatch)
    unreachable(transport("http://a.example", "http://b.example", connect=30, deadline=4))
    assert sum(net.given) == pytest.approx(4)
    assert net.given == pytest.approx([1, 1, 1, 1])  # the second host has its half


def test_an_address_that_answers_is_found_behind_those_that_do_not(
    resolve: Callable[..., Resolver], monkeypatch: pytest.MonkeyPatch, peer: Peer
) -> None:
    peer.answers(FINE)
    resolve("192.0.2.1", "192.0.2.2", "192.0.2.3")
    net = Impatience(monkeypatch, but="192.0.2.3")
    assert transport(f"http://some.example:{peer.port}", connect=3).send(CALL) == {"a": 1}
    assert net.given == pytest.approx([1, 1, 1])


def test_many_addresses_at_which_nobody_answers_take_one_connect_timeout(
    resolve: Callable[..., Resolver], unanswering: int
) -> None:
    resolve(*(f"127.0.1.{number}" for number in range(1, 41)))
    began = time.monotonic()
    unreachable(transport(f"http://many.example:{unanswering}", connect=0.5))
    assert time.monotonic() - began < 10  # each for itself: 20 s


def test_resolver_that_does_not_answer_is_not_waited_for(resolve: Callable[..., Resolver], peer: Peer) -> None:
    resolver = resolve()
    peer.answers(FINE)
    assert transport("http://api.example", peer.url, connect=0.2).send(CALL) == {"a": 1}
    assert resolver.asked == 1


def test_address_needs_no_resolver(resolve: Callable[..., Resolver], peer: Peer) -> None:
    peer.answers(FINE)
    resolver = resolve("192.0.2.1")
    assert transport(peer.url).send(CALL) == {"a": 1}
    assert resolver.asked == 0


def test_tls_that_nobody_answers_takes_no_longer_than_the_connect_timeout(peer: Peer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        peer.answers(FINE)
        sender = transport(f"https://127.0.0.1:{silent.getsockname()[1]}", peer.url, connect=0.2)
        assert sender.send(CALL) == {"a": 1}
