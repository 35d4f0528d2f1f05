"""An exchange whose answer is read part by part: what is sent, on which connection, and never twice."""

import io
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from app.wechat import Hosts, NoAnswer, Opened, Opener
from tests.app.wechat.conftest import Peer, Pieces, answer
from tests.app.wechat.test_transport import self_signed, shake_hands
from tests.doubles import FakeClock
from tests.e2e.servers import eventually, free_port

FINE = answer(b'{"errcode":0}')
TARGET = "/wxa/msg_sec_check?access_token=mock-token-0123456789"
BODY = bytes(range(256)) * 1000


def opener(
    *hosts: str,
    clock: FakeClock | None = None,
    connect: float = 0.5,
    read: float = 5,
    longest: float = 10,
    proxy: str | None = None,
) -> Opener:
    return Opener(
        Hosts(hosts),
        connect_timeout_seconds=connect,
        read_timeout_seconds=read,
        longest_seconds=longest,
        proxy=proxy,
        clock=clock or FakeClock(),
    )


def opened(
    sender: Opener, method: str = "GET", target: str = TARGET, body: bytes | None = None, *, once: bool = False
) -> Opened:
    file = None if body is None else io.BytesIO(body)
    return sender.open(method, target, {"User-Agent": "u"}, file, len(body or b""), once=once)


def whole(answer: Opened) -> bytes:
    """The body, after which the connection is free."""
    body = b""
    try:
        while not answer.ended:
            body += answer.read(1000)
    finally:
        answer.close()
    return body


def failure(ask: Callable[[], object]) -> NoAnswer:
    """The error, checked for the token."""
    with pytest.raises(NoAnswer) as caught:
        ask()
    assert caught.value.__context__ is None
    assert "mock-token" not in repr(vars(caught.value))
    return caught.value


# -- what is sent


def test_request_is_sent_byte_for_byte(peer: Peer) -> None:
    peer.pieces = FINE
    target = "/wxa/a?x=%7e%zz&y=100%&z=\"<>{}|^`'#&access_token=t1"
    assert whole(opened(opener(peer.url), "POST", target, BODY)) == b'{"errcode":0}'
    head, _, body = peer.requests[0].partition(b"\r\n\r\n")
    assert head.decode().split("\r\n") == [
        f"POST {target} HTTP/1.1",
        f"Host: 127.0.0.1:{peer.port}",
        "Accept-Encoding: identity",
        "User-Agent: u",
        f"Content-Length: {len(BODY)}",
    ]
    assert body == BODY


def test_bytes_that_no_target_may_have_are_percent_encoded(peer: Peer) -> None:
    peer.pieces = FINE
    as_wsgi_has_it = "/a?name=张 三\x01".encode().decode("latin-1")
    opened(opener(peer.url), target=as_wsgi_has_it).close()
    assert peer.requests[0].startswith(b"GET /a?name=%E5%BC%A0%20%E4%B8%89%01 HTTP/1.1\r\n")


@pytest.mark.parametrize(("method", "body", "length"), [("GET", None, 0), ("POST", None, 1), ("POST", b"", 1)])
def test_empty_body_has_a_length_too(peer: Peer, method: str, body: bytes | None, length: int) -> None:
    peer.pieces = FINE
    opened(opener(peer.url), method, body=body).close()
    assert peer.requests[0].count(b"Content-Length: 0\r\n") == length
    assert b"chunked" not in peer.requests[0]


def test_body_is_rewound_and_read_in_blocks(peer: Peer) -> None:
    peer.pieces = FINE
    sizes = []

    class File(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            sizes.append(size)
            return super().read(size)

    file = File(BODY)
    for _ in range(2):
        opener(peer.url).open("POST", TARGET, {}, file, len(BODY)).close()
    assert [request.endswith(BODY) for request in peer.requests] == [True, True]
    assert set(sizes) == {64 * 1024}


def test_environment_is_ignored(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    peer.pieces = FINE
    assert whole(opened(opener(peer.url)))


# -- what comes back


def test_answer_is_read_as_it_is_sent(peer: Peer) -> None:
    packed = b"\x1f\x8b not really gzip"
    peer.answers(packed, status="302 Found", headers="Content-Encoding: gzip\r\nLocation: http://127.0.0.1:1/\r\n")
    came = opened(opener(peer.url))
    assert (came.status, came.headers["content-encoding"], whole(came)) == (302, "gzip", packed)


def test_part_is_returned_before_the_next_one_is_sent(peer: Peer) -> None:
    peer.pieces = [b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n0123456789", b"0123456789"]
    peer.gap = 5
    came = opened(opener(peer.url))
    assert came.read(100) == b"0123456789"
    assert not came.ended
    came.close()


def test_answer_before_the_whole_body_was_sent_is_read() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def refuse() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(FINE[0] or b"")

        thread = threading.Thread(target=refuse)
        thread.start()
        sender = opener(f"http://127.0.0.1:{listener.getsockname()[1]}")
        assert whole(opened(sender, "POST", body=b"0" * 20_000_000)) == b'{"errcode":0}'
        thread.join()


# -- connections


@pytest.mark.parametrize(
    ("idle", "once", "connections"), [(4.9, False, 1), (5.0, False, 2), (0, True, 2)], ids=["kept", "old", "once"]
)
def test_connection_is_kept_for_five_seconds(peer: Peer, idle: float, once: bool, connections: int) -> None:
    peer.pieces, peer.keeps = FINE, 5
    clock = FakeClock()
    sender = opener(peer.url, clock=clock)
    whole(opened(sender))
    clock.advance(idle)
    whole(opened(sender, once=once))
    assert (peer.connections, len(peer.requests)) == (connections, 2)


@pytest.mark.parametrize(
    "pieces",
    [
        FINE,
        answer(b"", status="204 No Content"),
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"],
    ],
    ids=["length", "empty", "chunked"],
)
def test_connection_is_kept_after_each_kind_of_whole_answer(peer: Peer, pieces: Pieces) -> None:
    peer.pieces, peer.keeps = pieces, 5
    sender = opener(peer.url)
    for _ in range(2):
        whole(opened(sender))
    assert peer.connections == 1


@pytest.mark.parametrize("headers", ["", "Connection: close\r\n"])
def test_connection_is_closed_after_an_unread_answer_or_where_wechat_says_so(peer: Peer, headers: str) -> None:
    peer.answers(b"x" * 1000, headers=headers)
    peer.keeps = 5
    sender = opener(peer.url)
    first = opened(sender)
    if headers:
        whole(first)
    first.close()
    first.close()
    whole(opened(sender))
    assert peer.connections == 2


def test_old_connections_are_closed_when_another_one_is_kept(peer: Peer) -> None:
    peer.pieces, peer.keeps = FINE, 5
    clock = FakeClock()
    sender = opener(peer.url, clock=clock)
    first, second = opened(sender), opened(sender)
    whole(first)
    clock.advance(5)
    whole(second)
    assert len(sender._connections._kept[peer.url]) == 1


def test_connection_that_wechat_has_closed_is_not_used(peer: Peer) -> None:
    peer.pieces = FINE
    sender = opener(peer.url)
    whole(opened(sender))
    kept, _ = sender._connections._kept[peer.url][0]
    eventually(lambda: not kept.is_connected, "connection closed")
    whole(opened(sender))
    assert len(peer.requests) == 2


def test_nothing_is_sent_again_on_another_connection(peer: Peer) -> None:
    """The peer reads the second request of the kept connection and hangs up."""
    peer.turns, peer.keeps = [FINE, [None]], 2
    sender = opener(peer.url)
    whole(opened(sender))
    assert failure(lambda: opened(sender, "POST", body=b"{}")).connected
    assert (peer.connections, len(peer.requests)) == (1, 2)


# -- hosts


def test_next_host_is_asked_only_if_the_first_one_was_not_reached(peer: Peer, another_peer: Peer) -> None:
    peer.pieces = another_peer.pieces = FINE
    peer.keeps = 2
    hosts = Hosts([f"http://127.0.0.1:{free_port()}", peer.url, another_peer.url])
    sender = Opener(hosts)
    whole(opened(sender, "POST", body=BODY))
    assert hosts.in_order()[-1] != another_peer.url
    peer.pieces = [None]
    failure(lambda: opened(sender))
    assert (len(peer.requests), len(another_peer.requests)) == (2, 0)


def test_reached_host_is_asked_first(peer: Peer) -> None:
    peer.pieces = FINE
    dead = f"http://127.0.0.1:{free_port()}"
    hosts = Hosts([dead, peer.url])
    hosts.unreachable(peer.url)
    opened(Opener(hosts)).close()
    assert hosts.in_order() == [peer.url, dead]


def test_host_that_was_never_connected_has_seen_nothing(
    unanswering: int, peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(tmp_path / "certificate.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))  # of the environment, so ignored
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    peer.answers(b"", status="403 Forbidden")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=shake_hands, args=[listener, context], daemon=True)
        thread.start()
        for sender, reason in (
            (opener(f"http://127.0.0.1:{free_port()}"), "connection refused"),
            (opener(f"http://127.0.0.1:{unanswering}"), "in time"),
            (opener("http://nowhere.invalid"), ""),
            (opener(f"https://127.0.0.1:{listener.getsockname()[1]}"), "its certificate is not accepted: self-signed"),
            (opener("https://api.weixin.qq.com", proxy=peer.url), ""),
        ):
            error = failure(lambda sender=sender: opened(sender))  # type: ignore[misc] # mypy knows no default here
            assert not error.connected
            assert reason in error.reason.lower()


def test_proxy_gets_whole_urls_and_its_password(peer: Peer) -> None:
    peer.pieces = FINE
    proxy = peer.url.replace("//", "//user:p%40ss@")
    whole(opened(opener("http://api.weixin.qq.com", proxy=proxy)))
    with suppress(NoAnswer):
        opened(opener("https://api.weixin.qq.com", proxy=proxy))
    forwarded, tunneled = peer.requests
    assert forwarded.startswith(
        f"GET http://api.weixin.qq.com{TARGET} HTTP/1.1\r\nHost: api.weixin.qq.com\r\n".encode()
    )
    assert tunneled.startswith(b"CONNECT api.weixin.qq.com:443 ")
    assert b"mock-token" not in tunneled
    assert [b"roxy-authorization: basic dxnlcjpwqhnz" in each.lower() for each in peer.requests] == [True, True]


# -- no answer


@pytest.mark.parametrize(
    "pieces",
    [[None], [], [b"HTTP/1.1 200 OK\r\nContent-Le", None], [b"nonsense\r\n\r\n"]],
    ids=["reset", "hung up", "reset in the head", "not HTTP"],
)
def test_without_an_answer_wechat_may_have_seen_the_call(peer: Peer, pieces: Pieces) -> None:
    peer.pieces = pieces
    error = failure(lambda: opened(opener(peer.url)))
    assert (error.connected, error.late) == (True, False)


@pytest.mark.parametrize(
    "pieces",
    [
        [b'HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n{"a":1}'],
        [b'HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n{"a":1}', None],
        [b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{"a":1}\r\n'],
    ],
    ids=["cut", "cut and reset", "last chunk missing"],
)
def test_cut_answer_is_an_error_and_its_connection_closed(peer: Peer, pieces: Pieces) -> None:
    peer.pieces = pieces
    sender = opener(peer.url)
    came = opened(sender)
    assert failure(lambda: whole(came)).connected
    came.close()
    assert not sender._connections._kept


def test_silence_ends_with_the_read_timeout(peer: Peer) -> None:
    peer.pieces, peer.gap = [b"HTTP/1.1 200 OK\r\n"], 30
    assert failure(lambda: opened(opener(peer.url, read=0.1))).late


def test_answer_may_take_longer_than_connecting(peer: Peer) -> None:
    peer.pieces, peer.gap = [b"HTTP/1.1 200 OK\r\n", b"Content-Length: 0\r\n\r\n"], 0.3
    assert whole(opened(opener(peer.url, connect=0.2))) == b""


def test_body_that_nobody_takes_ends_with_the_read_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sender = opener(f"http://127.0.0.1:{listener.getsockname()[1]}", read=0.1)
        assert failure(lambda: opened(sender, "POST", body=b"0" * 20_000_000)).late


@pytest.mark.parametrize("way", ["down", "up"])
def test_slow_exchange_ends_with_the_deadline(peer: Peer, way: str) -> None:
    """Each part comes or goes within the read timeout."""
    peer.pieces = [b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", *([b" "] * 1000)]
    peer.gap = 0.02
    sender = opener(peer.url, longest=0.0 if way == "up" else 0.2)
    if way == "up":
        assert failure(lambda: opened(sender, "POST", body=BODY)).late
    else:
        assert failure(lambda: whole(opened(sender))).late
    assert peer.sent < 500
