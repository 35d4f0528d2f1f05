"""What is said of a Redis that does not answer: where it is and why, and nothing of what was sent."""

import socket

import pytest

from app.exceptions import StoreUnavailable
from app.stores import RedisShelf
from tests.e2e.servers import free_port
from tests.redis_server import RedisServer


def said(url: str) -> str:
    with pytest.raises(StoreUnavailable) as caught:
        RedisShelf(url, "test:", timeout_seconds=0.05).get("note")
    assert caught.value.__cause__ is caught.value.__context__ is None
    return str(caught.value)


def test_nobody_listens() -> None:
    port = free_port()
    assert said(f"redis://shop:pa55word@127.0.0.1:{port}/0") == f"Redis: 127.0.0.1:{port}: connection refused"


def test_somebody_listens_and_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert said(f"redis://:pa55word@127.0.0.1:{port}") == f"Redis: 127.0.0.1:{port}: timed out"


def test_name_has_no_address() -> None:
    assert said("redis://:pa55word@nowhere.invalid") == "Redis: nowhere.invalid:6379: no address for that name"


def test_password_is_wrong(redis_server: RedisServer) -> None:
    text = said(f"redis://shop:pa55word@127.0.0.1:{redis_server.port}/0")
    assert text == f"Redis: 127.0.0.1:{redis_server.port}: AuthenticationError"
