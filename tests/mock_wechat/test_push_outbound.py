"""HTTP calls by the mock: allowed addresses and deadlines."""

import socket
import threading
from typing import Any

import pytest

from mock_wechat import MockWeChat
from mock_wechat.push.outbound import CallFailed, Outbound

from .receiver import Receiver

ELSEWHERE = "198.51.100.1"


@pytest.fixture
def outbound() -> Outbound:
    return Outbound()


def name_has(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let every host name resolve to these addresses."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)


def problem_of(outbound: Outbound, url: str, seconds: float = 5.0) -> str:
    with pytest.raises(CallFailed) as caught:
        outbound.download(url, seconds, 100)
    return caught.value.problem


def test_file_is_fetched_with_its_whole_address(outbound: Outbound, receiver: Receiver) -> None:
    receiver.serve("/%E4%B8%AD/a", b"hello")
    assert outbound.download(f"{receiver.url}/中/a?b=中&c=%20", 5.0, 100).body == b"hello"
    assert receiver.gets[0].query == {"b": "中", "c": " "}
    assert receiver.gets[0].headers["host"] == receiver.url.removeprefix("http://")


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "http://127.8.9.10/", "http://localhost/", "http://[::1]/", "https://[::ffff:127.0.0.1]/"],
)
def test_loopback_may_be_called(url: str) -> None:
    assert Outbound().target(url).path == "/"


@pytest.mark.parametrize(
    "url",
    [
        "http://0.0.0.0/", "http://10.0.0.1/", "http://169.254.169.254/latest", "http://[::]/", "http://2130706434/",
        "http://[fe80::1]/", "http://[::ffff:10.0.0.1]/", "http://user@198.51.100.1/", "http://127.0.0.1@198.51.100.1/",
    ],
)  # fmt: skip
def test_everything_else_is_forbidden(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if "2130706434" in url:
        name_has(monkeypatch, "10.0.0.2")  # some systems read a bare number as an address
    with pytest.raises(CallFailed, match="neither loopback nor allowed"):
        Outbound().target(url)


def test_one_foreign_address_of_a_name_is_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    name_has(monkeypatch, "127.0.0.1", ELSEWHERE)
    with pytest.raises(CallFailed, match=ELSEWHERE):
        Outbound().target("http://media.example.com/")


def test_checked_address_is_called(outbound: Outbound, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that answers differently when it is asked again must not lead anywhere else."""
    answers = iter(["127.0.0.1"])
    monkeypatch.setattr(
        "mock_wechat.push.outbound._resolve", lambda *_: (next(answers),)
    )  # a second look-up would raise StopIteration
    receiver.serve("/a", b"hello")
    port = receiver.url.rsplit(":", 1)[1]
    assert outbound.download(f"http://media.example.com:{port}/a", 5.0, 100).body == b"hello"
    assert receiver.gets[0].headers["host"] == f"media.example.com:{port}"


def test_next_address_is_tried_after_a_refusal(
    outbound: Outbound, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mock_wechat.push.outbound._resolve", lambda *_: ("::1", "127.0.0.1"))
    assert outbound.download(receiver.serve("/a", b"hello"), 5.0, 100).body == b"hello"


def test_allowed_network_may_be_called_too() -> None:
    reach = Outbound(["198.51.100.0/24", "2001:db8::/32"])
    assert reach.target(f"https://{ELSEWHERE}:8443/").addresses == (ELSEWHERE,)
    assert reach.target("http://[2001:db8::1]/").port == 80
    with pytest.raises(CallFailed, match="neither loopback nor allowed"):
        reach.target("http://203.0.113.1/")


def test_invalid_network_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="does not appear to be an IPv4 or IPv6 network"):
        MockWeChat(networks=["somewhere"])


@pytest.mark.parametrize(
    "url",
    [
        "ftp://localhost/",
        "localhost",
        "http://",
        "",
        "http://localhost:port/",
        f"http://{'x' * 64}.example/",
        "http://[::1",
    ],
)
def test_invalid_url_is_unreachable(outbound: Outbound, url: str) -> None:
    assert problem_of(outbound, url) == "unreachable"


def test_redirects_are_followed_to_allowed_addresses(outbound: Outbound, receiver: Receiver) -> None:
    receiver.serve("/a", b"hello")
    assert outbound.download(receiver.serve("/b", b"", 302, "/a"), 5.0, 100).body == b"hello"
    assert problem_of(outbound, receiver.serve("/c", b"", 307, f"http://{ELSEWHERE}/a")) == "forbidden"
    assert problem_of(outbound, receiver.serve("/d", b"", 301, "file:///etc/hostname")) == "unreachable"
    assert problem_of(outbound, receiver.serve("/e", b"", 301, "/e")) == "unreachable"


@pytest.mark.parametrize(
    "how", [{"delay_seconds": 600}, {"drip_seconds": 0.02}, {"drip_seconds": 0.02, "drip_headers": True}]
)
def test_deadline_is_for_the_whole_answer(outbound: Outbound, receiver: Receiver, how: dict[str, Any]) -> None:
    assert problem_of(outbound, receiver.serve("/a", bytes(60_000), **how), seconds=0.1) == "timeout"


def test_endless_answer_without_length_times_out(outbound: Outbound) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        lines = []

        def begin() -> None:
            line, _ = listener.accept()
            lines.append(line)  # it stays open
            line.sendall(b"HTTP/1.1 200 OK\r\n\r\nsuccess")

        server = threading.Thread(target=begin)
        server.start()
        assert problem_of(outbound, f"http://127.0.0.1:{listener.getsockname()[1]}/", seconds=0.1) == "timeout"
        server.join()
        lines[0].close()


def test_long_and_cut_answers_are_unreachable(outbound: Outbound, receiver: Receiver) -> None:
    assert problem_of(outbound, receiver.serve("/a", bytes(101))) == "unreachable"
    assert problem_of(outbound, receiver.serve("/b", bytes(80), truncate=True)) == "unreachable"


def test_stop_cuts_running_and_later_calls(outbound: Outbound, receiver: Receiver) -> None:
    problems: list[str] = []
    url = receiver.serve("/a", b"x", delay_seconds=600)
    caller = threading.Thread(target=lambda: problems.append(problem_of(outbound, url, seconds=600)))
    caller.start()
    while not receiver.gets:
        threading.Event().wait(0.001)
    outbound.stop()
    caller.join(timeout=30)
    assert problems == ["unreachable"]
    assert problem_of(outbound, receiver.serve("/b", b"x")) == "unreachable"
    outbound.resume()
    assert outbound.download(receiver.serve("/b", b"x"), 5.0, 100).body == b"x"
