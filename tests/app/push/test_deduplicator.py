"""A message is delivered once, however often WeChat tries."""

import json

import pytest

from app.push import Deduplicator, Message, PushNotForwarded, Reply, read_message
from app.stores import MemoryStore
from tests.doubles import FakeClock

APPID = "wx0000000000000002"


class Server:
    """An account's own server: answers 1, 2, ... or fails while `down`."""

    down = False
    calls = 0

    def __call__(self) -> Reply:
        self.calls += 1
        if self.down:
            raise PushNotForwarded("down")
        return Reply(f"{self.calls}\xff".encode("latin-1"), "text/xml")


def message(number: int = 7) -> Message:
    return read_message(json.dumps({"MsgType": "text", "MsgId": number}).encode())


@pytest.fixture
def deduplicator(clock: FakeClock) -> Deduplicator:
    return Deduplicator(MemoryStore(clock))


def test_answer_is_repeated_as_long_as_the_timestamp_is_accepted(deduplicator: Deduplicator, clock: FakeClock) -> None:
    server = Server()
    first = deduplicator.once(APPID, message(), server)
    clock.advance(599)
    assert first == deduplicator.once(APPID, message(), server) == Reply(b"1\xff", "text/xml")
    assert server.calls == 1


def test_another_message_or_account_is_another_delivery(deduplicator: Deduplicator) -> None:
    server = Server()
    deduplicator.once(APPID, message(7), server)
    deduplicator.once(APPID, message(8), server)
    deduplicator.once("wx0000000000000003", message(7), server)
    assert server.calls == 3


def test_failed_delivery_is_repeated_by_the_next_try(deduplicator: Deduplicator) -> None:
    server = Server()
    server.down = True
    with pytest.raises(PushNotForwarded):
        deduplicator.once(APPID, message(), server)
    server.down = False
    assert deduplicator.once(APPID, message(), server).content == b"2\xff"


def test_try_during_another_does_not_get_success(deduplicator: Deduplicator) -> None:
    server = Server()

    def meanwhile() -> Reply:
        with pytest.raises(PushNotForwarded, match="Another worker"):
            deduplicator.once(APPID, message(), server)
        return server()

    assert deduplicator.once(APPID, message(), meanwhile).content == b"1\xff"


def test_worker_that_dies_delays_a_message_by_five_seconds(deduplicator: Deduplicator, clock: FakeClock) -> None:
    def die() -> Reply:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deduplicator.once(APPID, message(), die)
    clock.advance(5)
    assert deduplicator.once(APPID, message(), Server()).content == b"1\xff"
