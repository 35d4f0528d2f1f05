"""Whose word about the caller's address counts."""

from collections.abc import Iterable
from ipaddress import ip_network
from typing import Any

import pytest
from werkzeug.test import create_environ, run_wsgi_app

from app.web.proxies import ProxyAware, client_address

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"), ip_network("127.0.0.1/32"))


@pytest.mark.parametrize(
    ("remote_addr", "x_forwarded_for", "expected"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.7", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.7, 10.2.0.3", "198.51.100.7"),
        ("10.0.0.1", "10.1.1.1, 10.2.2.2", "10.1.1.1"),
        ("10.0.0.1", "1.1.1.1, not an address", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7:51234", "198.51.100.7"),
        ("fd00::1", "[2001:db8::7]:443", "2001:db8::7"),
        ("::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("", "198.51.100.7", ""),
    ],
    ids=[
        "direct",
        "untrusted sender's header is ignored",
        "trusted sender's header counts",
        "trusted sender without a header",
        "what stands left of the untrusted one is invention",
        "through two trusted proxies",
        "all trusted: the farthest",
        "nonsense stops the walk",
        "with a port",
        "IPv6 in brackets",
        "IPv4 in IPv6",
        "Unix socket",
    ],
)
def test_client_is_the_first_untrusted_address_from_the_right(
    remote_addr: str, x_forwarded_for: str, expected: str
) -> None:
    assert client_address(remote_addr, x_forwarded_for, TRUSTED) == expected


def test_loopback_is_not_trusted_unless_the_setting_says_so() -> None:
    assert client_address("127.0.0.1", "198.51.100.7", ()) == "127.0.0.1"


def seen_by_application(remote_addr: str, headers: dict[str, str]) -> dict[str, Any]:
    """The environ that reaches an application behind ProxyAware."""
    seen: dict[str, Any] = {}

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        seen.update(environ)
        start_response("204 No Content", [])
        return []

    environ = create_environ(headers=headers, environ_base={"REMOTE_ADDR": remote_addr})
    run_wsgi_app(ProxyAware(application, TRUSTED), environ)
    return seen


def test_forwarded_headers_of_an_untrusted_sender_never_arrive() -> None:
    forwarded = {"X-Forwarded-For": "1.1.1.1", "X-Forwarded-Proto": "https", "Forwarded": "for=1.1.1.1"}
    environ = seen_by_application("203.0.113.9", forwarded)
    assert environ["REMOTE_ADDR"] == "203.0.113.9"
    assert not [name for name in environ if "FORWARDED" in name]


def test_trusted_sender_names_the_caller() -> None:
    environ = seen_by_application("10.0.0.1", {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"})
    assert environ["REMOTE_ADDR"] == "198.51.100.7"
    assert environ["HTTP_X_FORWARDED_PROTO"] == "https"
