"""Which host is asked, which connection is used again, and that a closed one costs no caller a call."""

import math
import socket
import time

import pytest

from app.errors import WeChatUnavailable
from app.wechat import Transport
from app.wechat.calls import FOR_CHECKS, Call
from app.wechat.exchange import deadline, seconds_left
from tests.app.wechat.conftest import Peer, answer
from tests.doubles import FakeClock
from tests.e2e.servers import free_port

FINE = answer(b'{"errcode":0}')
CHECK = Call("POST", "/wxa/msg_sec_check", json={"content": "特3456书"}, retry=FOR_CHECKS)
ONCE = Call("POST", "/cgi-bin/stable_token", json={"force_refresh": True})


@pytest.fixture
def attempts() -> list[int | None]:
    """The errcode of each attempt, as the metrics see them."""
    return []


@pytest.fixture
def sender(peer: Peer, clock: FakeClock, attempts: list[int | None]) -> Transport:
    peer.pieces, peer.keeps = FINE, 5
    return Transport([peer.url], clock=clock, sleep=clock.sleep, observe=lambda _endpoint, code: attempts.append(code))


# -- kept connections


def test_connection_is_used_again(sender: Transport, peer: Peer) -> None:
    for _ in range(3):
        sender.send(CHECK)
    assert (peer.connections, len(peer.requests)) == (1, 3)


@pytest.mark.parametrize(("idle", "connections"), [(4.0, 1), (5.0, 2), (-60.0, 2)])
def test_idle_connection_is_not_used_again(
    sender: Transport, peer: Peer, clock: FakeClock, idle: float, connections: int
) -> None:
    sender.send(CHECK)
    clock.advance(idle)
    sender.send(CHECK)
    assert peer.connections == connections


def test_call_that_must_not_be_repeated_has_a_new_connection(sender: Transport, peer: Peer) -> None:
    sender.send(CHECK)
    sender.send(ONCE)
    assert peer.connections == 2


def test_call_on_a_closed_connection_is_repeated_whole_and_uncounted(
    sender: Transport, peer: Peer, clock: FakeClock, attempts: list[int | None]
) -> None:
    """The peer reads the request and hangs up without a byte, as a NAT or a balancer that forgot the connection."""
    peer.keeps = 2
    began = clock()
    for _ in range(3):
        sender.send(CHECK)
    *_, dead, whole = peer.requests
    assert (len(peer.requests), attempts, clock()) == (4, [0, 0, 0], began)
    assert dead == whole


def test_kept_connection_that_is_reset_is_repeated_uncounted(
    sender: Transport, peer: Peer, attempts: list[int | None]
) -> None:
    peer.turns = [FINE, [None]]
    sender.send(CHECK)
    sender.send(CHECK)
    assert (len(peer.requests), attempts) == (3, [0, 0])


# -- hosts


def transport(*hosts: str, clock: FakeClock | None = None, connect: float = 3, deadline: float = 10) -> Transport:
    return Transport(hosts, connect_timeout_seconds=connect, deadline_seconds=deadline, clock=clock or FakeClock())


def test_unreachable_host_is_asked_last_for_a_while(peer: Peer, clock: FakeClock) -> None:
    peer.pieces = FINE
    port = free_port()
    sender = transport(f"http://127.0.0.1:{port}", peer.url, clock=clock)
    sender.send(CHECK)
    with socket.create_server(("127.0.0.1", port)) as first:
        clock.advance(29.9)
        sender.send(CHECK)
        first.setblocking(False)
        with pytest.raises(BlockingIOError):
            first.accept()
    assert len(peer.requests) == 2


@pytest.mark.parametrize("seconds", [30.0, -3600.0])
def test_host_is_asked_first_again_afterwards_and_when_the_clock_is_set_back(
    peer: Peer, another_peer: Peer, clock: FakeClock, seconds: float
) -> None:
    peer.pieces = another_peer.pieces = FINE
    sender = transport(peer.url, another_peer.url, clock=clock)
    sender.hosts.unreachable(peer.url)
    sender.send(CHECK)
    clock.advance(seconds)
    sender.send(CHECK)
    assert (len(another_peer.requests), len(peer.requests)) == (1, 1)


def test_unknown_name_is_an_unreachable_host(peer: Peer) -> None:
    peer.pieces = FINE
    assert transport("http://nowhere.invalid", peer.url).send(CHECK) == {"errcode": 0}


def test_next_host_is_not_asked_once_a_request_was_sent(peer: Peer) -> None:
    """WeChat may have acted on it: in classic mode there would be two new tokens."""
    peer.pieces = [None]
    with pytest.raises(WeChatUnavailable, match="reset"):
        transport(peer.url, peer.url).send(ONCE)
    assert len(peer.requests) == 1


def test_unreachable_hosts_are_one_observed_attempt() -> None:
    seen = []
    hosts = [f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{free_port()}"]
    with pytest.raises(WeChatUnavailable, match="could not be reached"):
        Transport(hosts, observe=lambda endpoint, errcode: seen.append((endpoint, errcode))).send(ONCE)
    assert seen == [(ONCE.endpoint, None)]


def test_proxy_of_the_settings_is_used(peer: Peer) -> None:
    peer.pieces = FINE
    assert Transport(["http://api.weixin.qq.com"], proxy=peer.url).send(CHECK) == {"errcode": 0}
    assert peer.requests[0].startswith(b"POST http://api.weixin.qq.com/wxa/msg_sec_check ")


def test_proxy_that_refuses_the_tunnel_is_an_unreachable_host(peer: Peer) -> None:
    peer.answers(b"", status="403 Forbidden")
    with pytest.raises(WeChatUnavailable, match="could not be reached"):
        Transport(["https://api.weixin.qq.com"], proxy=peer.url).send(CHECK)
    assert peer.requests[0].startswith(b"CONNECT api.weixin.qq.com:443 ")


def test_addresses_that_never_answer_are_bounded_by_the_connect_timeout(unanswering: int, peer: Peer) -> None:
    peer.pieces = FINE
    began = time.monotonic()
    sender = transport(f"http://127.0.0.1:{unanswering}", peer.url, connect=0.1)
    assert sender.send(CHECK) == {"errcode": 0}
    assert time.monotonic() - began < 5


# -- deadlines


def test_inner_deadline_never_outlives_the_outer_one() -> None:
    assert seconds_left() == math.inf
    with deadline(50):
        with deadline(100):
            assert 40 < seconds_left() <= 50
        with deadline(10):
            assert seconds_left() <= 10
        assert 40 < seconds_left() <= 50
    assert seconds_left() == math.inf
