"""What is tried again, how often and when."""

import pytest

from app.errors import CentralServerError, MinuteLimitReached, WeChatBusy, WeChatRefused, WeChatUnavailable
from app.wechat import Issued, Transport
from app.wechat.calls import FOR_CREDENTIALS, Call, Retry, Trouble
from tests.app.wechat.conftest import Peer, Pieces, answer, client_over
from tests.doubles import FakeClock
from tests.e2e.servers import eventually

TOKEN = answer(b'{"access_token":"t1","expires_in":7200}')
TICKET = answer(b'{"errcode":0,"errmsg":"ok","ticket":"k1","expires_in":7200}')
FINE = answer(b'{"errcode":0,"errmsg":"ok"}')

BROKEN: dict[str, Pieces] = {
    "500": answer(b"", status="500 Internal Server Error"),
    "reset": [None],
    "hung up": [],
    "cut": [b'HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n{"access', None],
    "html": answer(b"<html>busy</html>"),
}
BUSY: dict[str, Pieces] = {"-1": answer(b'{"errcode":-1,"errmsg":"system error"}')}
MINUTE: dict[str, Pieces] = {"45011": answer(b'{"errcode":45011,"errmsg":"api minute-quota reach limit"}')}
LATE: dict[str, Pieces] = {"late": [b"HTTP/1.1 200 OK\r\n"]}
FINAL: dict[str, Pieces] = {
    "40125": answer(b'{"errcode":40125,"errmsg":"invalid appsecret"}'),
    "47001": answer(b'{"errcode":47001,"errmsg":"data format error"}'),
    "403": answer(b"", status="403 Forbidden"),
}


class Bench:
    """A client on a fake clock, with its waits and attempts."""

    def __init__(self, peer: Peer, read_timeout: float = 5) -> None:
        self.clock = FakeClock()
        self.waits: list[float] = []
        self.attempts: list[int | None] = []
        self.transport = Transport(
            [peer.url],
            read_timeout_seconds=read_timeout,
            observe=lambda _endpoint, errcode: self.attempts.append(errcode),
            clock=self.clock,
            sleep=self.waits.append,
        )
        self.client = client_over(self.transport, self.clock)


def cases(*groups: dict[str, Pieces]) -> list[object]:
    return [pytest.param(pieces, id=name) for group in groups for name, pieces in group.items()]


@pytest.mark.parametrize("trouble", cases(BROKEN, BUSY, MINUTE))
@pytest.mark.parametrize("method", ["stable_token", "token", "getticket"])
def test_credential_is_asked_for_three_times(peer: Peer, trouble: Pieces, method: str) -> None:
    bench = Bench(peer)
    peer.turns = [trouble, trouble]
    peer.pieces = TICKET if method == "getticket" else TOKEN
    ask = getattr(bench.client, method)
    issued = ask("t1") if method == "getticket" else ask()
    assert issued == Issued("k1" if method == "getticket" else "t1", 7200)
    assert len(peer.requests) == 3
    assert len(set(peer.requests)) == 1
    first, second = bench.waits
    assert 0.1 <= first <= 0.3
    assert 0.35 <= second <= 0.65


@pytest.mark.parametrize("trouble", cases(BROKEN, BUSY, MINUTE))
def test_third_failure_is_raised_and_each_attempt_is_counted(peer: Peer, trouble: Pieces) -> None:
    bench = Bench(peer)
    peer.pieces = trouble
    with pytest.raises((WeChatUnavailable, WeChatBusy, MinuteLimitReached)) as caught:
        bench.client.token()
    errcode = caught.value.errcode if isinstance(caught.value, WeChatRefused) else None
    assert bench.attempts == [errcode] * 3
    assert len(peer.requests) == 3
    assert caught.value.__context__ is None


def test_silence_is_tried_again_for_a_credential(peer: Peer) -> None:
    bench = Bench(peer, read_timeout=0.2)
    peer.turns, peer.gap = [LATE["late"]], 30
    peer.pieces = TOKEN
    assert bench.client.stable_token() == Issued("t1", 7200)


@pytest.mark.parametrize("final", cases(FINAL))
def test_lasting_error_is_not_repeated(peer: Peer, final: Pieces) -> None:
    bench = Bench(peer)
    peer.pieces = final
    for ask in (bench.client.token, lambda: bench.client.msg_sec_check("t1", {"content": "x"})):
        asked = len(peer.requests)
        with pytest.raises(CentralServerError):
            ask()
        assert len(peer.requests) == asked + 1
    assert bench.waits == []


@pytest.mark.parametrize("trouble", cases(BROKEN, BUSY, MINUTE))
def test_forced_refresh_is_never_repeated(peer: Peer, trouble: Pieces) -> None:
    """WeChat may have killed the token for it, and counts it."""
    bench = Bench(peer)
    peer.pieces = trouble
    with pytest.raises(CentralServerError):
        bench.client.stable_token(force_refresh=True)
    assert len(peer.requests) == 1


@pytest.mark.parametrize("trouble", cases(BROKEN, BUSY))
def test_check_is_repeated_once_and_whole(peer: Peer, trouble: Pieces) -> None:
    image = bytes(range(256)) * 2000
    bench = Bench(peer)
    peer.turns, peer.pieces = [trouble], FINE
    bench.client.img_sec_check("t1", image, "image.png", "image/png")
    assert [image in request for request in peer.requests] == [True, True]
    [wait] = bench.waits
    assert 0.2 <= wait <= 0.5
    peer.turns = [trouble, trouble]
    with pytest.raises(CentralServerError):
        Bench(peer).client.msg_sec_check("t1", {"content": "x"})


@pytest.mark.parametrize("trouble", cases(MINUTE, LATE))
def test_check_is_not_repeated_at_the_minutes_limit_nor_after_silence(peer: Peer, trouble: Pieces) -> None:
    bench = Bench(peer, read_timeout=0.2)
    peer.pieces, peer.gap = trouble, 30
    with pytest.raises(CentralServerError):
        bench.client.msg_sec_check("t1", {"content": "x"})
    eventually(lambda: peer.requests, "the request has arrived")
    assert len(peer.requests) == len(bench.attempts) == 1


@pytest.mark.parametrize(("wait", "attempts"), [(5.0, 2), (9.5, 1), (20.0, 1)])
def test_no_attempt_begins_with_too_little_time_left(peer: Peer, wait: float, attempts: int) -> None:
    bench = Bench(peer)
    peer.pieces = BROKEN["500"]
    call = Call("GET", "/cgi-bin/token", retry=Retry(frozenset(Trouble), ((wait, wait),)))
    with pytest.raises(WeChatUnavailable):
        bench.transport.send(call)
    assert len(peer.requests) == attempts


def test_deadline_bounds_all_attempts_together(peer: Peer) -> None:
    """Three read timeouts would take 30 s."""
    peer.pieces, peer.gap = LATE["late"], 30
    attempts: list[int | None] = []
    sender = Transport(
        [peer.url],
        read_timeout_seconds=10,
        deadline_seconds=0.5,
        observe=lambda _endpoint, errcode: attempts.append(errcode),
    )
    with pytest.raises(WeChatUnavailable, match="in time"):
        sender.send(Call("GET", "/cgi-bin/token", retry=FOR_CREDENTIALS))
    eventually(lambda: peer.requests, "the request has arrived")
    assert len(peer.requests) == len(attempts) == 1
