"""Connections that are kept for the next call: which are used again, and that a dead one costs nobody a call."""

import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from app.exceptions import WeChatUnavailable
from app.wechat import Transport
from app.wechat.calls import FOR_CHECKS, Call
from tests.app.wechat.conftest import Peer, answer
from tests.doubles import FakeClock

FINE = answer(b'{"errcode":0}')
CHECK = Call("POST", "/wxa/msg_sec_check", json={"content": "特3456书"}, retry=FOR_CHECKS)
ONCE = Call("POST", "/cgi-bin/stable_token", json={"force_refresh": True})


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def attempts() -> list[int | None]:
    """The errcode of each attempt, as the metrics see them."""
    return []


@pytest.fixture
def sender(peer: Peer, clock: FakeClock, attempts: list[int | None]) -> Transport:
    peer.pieces = FINE
    return Transport(
        [peer.url], clock=clock, sleep=clock.sleep, observe=lambda _endpoint, errcode: attempts.append(errcode)
    )


def has_hung_up(sender: Transport) -> Callable[[], bool]:
    """Whether the peer's end of the connection that is kept has arrived."""
    adapter: Any = sender._exchange._session().get_adapter("http://")
    (pool,) = adapter.poolmanager.pools._container.values()
    return lambda: any(connection and not connection.is_connected for connection in pool.pool.queue)


def until(condition: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < give_up_at


def test_connection_is_used_again(sender: Transport, peer: Peer) -> None:
    peer.keeps = 5
    for _ in range(3):
        sender.send(CHECK)
    assert (peer.connections, len(peer.requests)) == (1, 3)


def test_connection_that_the_peer_closed_is_not_used_again(
    sender: Transport, peer: Peer, attempts: list[int | None]
) -> None:
    sender.send(CHECK)
    until(has_hung_up(sender))
    sender.send(CHECK)
    assert (peer.connections, len(peer.requests)) == (2, 2)
    assert attempts == [0, 0]


def test_call_on_a_dead_connection_is_repeated_whole_on_a_new_one(
    sender: Transport, peer: Peer, clock: FakeClock, attempts: list[int | None]
) -> None:
    """The peer reads the request and hangs up without a byte, as a NAT or a balancer that forgot the connection."""
    peer.keeps = 2
    began = clock()
    for _ in range(3):
        sender.send(CHECK)
    *_, dead, whole = peer.requests
    assert len(peer.requests) == 4
    assert dead == whole
    assert attempts == [0, 0, 0]
    assert clock() == began


def test_reset_of_a_kept_connection_is_repeated_too(sender: Transport, peer: Peer, attempts: list[int | None]) -> None:
    peer.keeps = 5
    peer.turns = [FINE, [None]]
    sender.send(CHECK)
    sender.send(CHECK)
    assert len(peer.requests) == 3
    assert attempts == [0, 0]


def test_new_connection_that_is_hung_up_is_an_attempt_that_failed(
    sender: Transport, peer: Peer, attempts: list[int | None]
) -> None:
    peer.pieces = []
    with pytest.raises(WeChatUnavailable):
        sender.send(CHECK)
    assert len(peer.requests) == 2
    assert attempts == [None, None]


def test_kept_connection_that_breaks_off_in_the_answer_is_an_attempt_that_failed(
    sender: Transport, peer: Peer, attempts: list[int | None]
) -> None:
    peer.keeps = 5
    peer.turns = [FINE, [b"HTTP/1.1 200 OK\r\nContent-Le", None]]
    sender.send(CHECK)
    sender.send(CHECK)
    assert attempts == [0, None, 0]


def test_call_that_must_not_be_repeated_has_a_new_connection(sender: Transport, peer: Peer) -> None:
    peer.keeps = 5
    sender.send(CHECK)
    sender.send(ONCE)
    assert peer.connections == 2


@pytest.mark.parametrize(("idle", "connections"), [(29.0, 1), (30.0, 2), (-60.0, 2)])
def test_connection_that_was_idle_for_long_is_not_used_again(
    sender: Transport, peer: Peer, clock: FakeClock, idle: float, connections: int
) -> None:
    peer.keeps = 5
    sender.send(CHECK)
    clock.advance(idle)
    sender.send(CHECK)
    assert peer.connections == connections


@pytest.mark.parametrize("through_proxy", [False, True])
def test_kernel_looks_whether_the_peer_is_still_there(peer: Peer, *, through_proxy: bool) -> None:
    peer.pieces, peer.keeps = FINE, 5
    sender = Transport(["http://api.weixin.qq.com"], proxy=peer.url) if through_proxy else Transport([peer.url])
    sender.send(CHECK)
    adapter: Any = sender._exchange._session().get_adapter("http://")
    manager = adapter.proxy_manager[peer.url] if through_proxy else adapter.poolmanager
    (pool,) = manager.pools._container.values()
    (connection,) = [kept for kept in pool.pool.queue if kept]
    assert connection.sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    assert connection.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 10
