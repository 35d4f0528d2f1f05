"""The other central server over the wire: requests, meaning of the answers, no secret in errors."""

import json
import traceback
from typing import Any

import pytest

from app.central import ACCESS_TOKEN, JSAPI_TICKET, CentralServer, Endpoint
from app.errors import (
    AccessTokenRefused,
    AddressRefused,
    CentralRefused,
    CentralUnavailable,
    DayLimitReached,
    MinuteLimitReached,
    SecretRefused,
    WeChatBusy,
    WeChatError,
    WeChatRefused,
)
from app.wechat import Issued
from tests.app.central.conftest import APPID
from tests.app.wechat.conftest import Peer

KEY = "key-of-the-staging-server-0123"
TOKEN = '{"access_token":"t1","expires_in":6904,"expires_at":1795241309,"cache_seconds":60}'


def server(url: str, deadline: float = 10) -> CentralServer:
    return CentralServer(url, KEY, connect_timeout_seconds=1, deadline_seconds=deadline)


def problem(peer: Peer, status: str, headers: str = "", **document: Any) -> None:
    """The peer answers with an RFC 9457 document."""
    closing = f"Connection: close\r\nContent-Type: application/problem+json\r\n{headers}"
    peer.answers(json.dumps(document).encode(), status=status, headers=closing)


def failure(peer: Peer, endpoint: Endpoint = ACCESS_TOKEN, rejected: str | None = None) -> WeChatError:
    """The error, checked for secrets."""
    asked = server(peer.url)
    with pytest.raises(WeChatError) as caught:
        asked.current(endpoint, APPID) if rejected is None else asked.successor(endpoint, APPID, rejected)
    error = caught.value
    assert error.__context__ is None
    assert error.__cause__ is None
    assert KEY not in "".join(traceback.format_exception(error)) + repr(vars(error))
    return error


def test_current_token_is_requested_with_appid_and_key(peer: Peer) -> None:
    peer.answers(TOKEN.encode())
    assert server(peer.url).current(ACCESS_TOKEN, APPID) == Issued("t1", 6904)
    (request,) = peer.requests
    assert request.startswith(f"GET /api/access_token?account={APPID} HTTP/1.1\r\n".encode())
    assert f"Authorization: Bearer {KEY}\r\n".encode() in request


def test_ticket_has_its_own_endpoint_and_field(peer: Peer) -> None:
    peer.answers(b'{"ticket":"k1","expires_in":300}')
    assert server(peer.url).current(JSAPI_TICKET, APPID) == Issued("k1", 300)
    assert peer.requests[0].startswith(b"GET /api/jsapi_ticket?account=")


@pytest.mark.parametrize("endpoint", [ACCESS_TOKEN, JSAPI_TICKET])
def test_successor_is_requested_with_the_refused_value(peer: Peer, endpoint: Endpoint) -> None:
    peer.answers(json.dumps({endpoint.field_name: "v2", "expires_in": 6904}).encode())
    assert server(peer.url).successor(endpoint, APPID, "v1").value == "v2"
    head, _, body = peer.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(f"POST {endpoint.path}/refresh HTTP/1.1".encode())
    assert json.loads(body) == {"rejected": "v1", "account": APPID}


@pytest.mark.parametrize(
    "body",
    [
        b"{}", b"[]", b"null", b"<html>", b"", b'{"access_token":"t1"}', b'{"access_token":"t1","expires_in":0}',
        b'{"access_token":"","expires_in":60}', b'{"access_token":"a\\nb","expires_in":60}',
        b'{"access_token":"t1","expires_in":"60"}', b'{"access_token":"t1","expires_in":86401}',
    ],
)  # fmt: skip
def test_answer_without_a_usable_credential_is_none(peer: Peer, body: bytes) -> None:
    peer.answers(body)
    error = failure(peer)
    assert isinstance(error, CentralUnavailable)
    assert str(error).startswith(f"The central server 127.0.0.1:{peer.port}: ")


def test_unreachable_server_is_named() -> None:
    with pytest.raises(CentralUnavailable, match=r"The central server 127\.0\.0\.1:1: could not be reached\."):
        server("http://127.0.0.1:1").current(ACCESS_TOKEN, APPID)


@pytest.mark.parametrize("status", ["401 UNAUTHORIZED", "403 FORBIDDEN"])
def test_error_for_a_refused_key_names_the_setting_and_the_servers_detail(peer: Peer, status: str) -> None:
    problem(peer, status, type="/problems/key-not-allowed", detail="The API key of staging has no scope token.")
    error = failure(peer)
    assert isinstance(error, CentralRefused)
    assert "refuses WECHAT_CENTRAL_KEY: HTTP 40" in str(error)
    assert str(error).endswith(", The API key of staging has no scope token.")


def test_unknown_account_is_a_refusal(peer: Peer) -> None:
    problem(peer, "404 NOT FOUND", type="/problems/account-unknown", detail="There is no account 'wx1'.")
    error = failure(peer)
    assert isinstance(error, CentralRefused)
    assert "refuses our request for /api/access_token: HTTP 404, There is no account 'wx1'." in str(error)


def test_key_and_refused_value_are_masked(peer: Peer) -> None:
    problem(peer, "403 FORBIDDEN", detail=f"You sent {KEY} and refused-value-1")
    assert str(failure(peer, rejected="refused-value-1")).endswith(", You sent *** and ***")


@pytest.mark.parametrize(
    ("status", "document", "expected"),
    [
        ("503 X", {"errcode": 40164, "type": "/problems/wechat-configuration"}, AddressRefused),
        ("503 X", {"errcode": 40001, "type": "/problems/wechat-configuration"}, SecretRefused),
        ("503 X", {"errcode": 45009, "type": "/problems/wechat-day-limit"}, DayLimitReached),
        ("429 X", {"errcode": 45011, "type": "/problems/wechat-minute-limit"}, MinuteLimitReached),
        ("503 X", {"errcode": -1, "type": "/problems/wechat-busy"}, WeChatBusy),
        ("502 X", {"errcode": 40097, "type": "/problems/wechat-refused"}, WeChatRefused),
    ],
)
def test_wechats_error_there_is_the_same_error_here(
    peer: Peer, status: str, document: dict[str, Any], expected: type[WeChatRefused]
) -> None:
    problem(peer, status, "Retry-After: 43\r\n", errmsg="text", rid="6b0129e9-3d7a0e1e-14358691", **document)
    error = failure(peer)
    assert type(error) is expected
    assert isinstance(error, WeChatRefused)
    assert (error.errcode, error.errmsg, error.rid) == (document["errcode"], "text", "6b0129e9-3d7a0e1e-14358691")
    assert error.retry_after == 43


@pytest.mark.parametrize(
    ("kind", "errcode", "expected"),
    [
        ("wechat-configuration", 40001, SecretRefused),
        ("wechat-token-refused", 40001, AccessTokenRefused),
        ("wechat-busy", 48001, WeChatBusy),
        ("wechat-refused", 48001, WeChatRefused),
    ],
)
def test_ticket_that_failed_at_its_token_raises_the_tokens_error(
    peer: Peer, kind: str, errcode: int, expected: type[WeChatRefused]
) -> None:
    problem(peer, "503 X", type=f"/problems/{kind}", errcode=errcode, errmsg="text")
    assert type(failure(peer, JSAPI_TICKET)) is expected


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("Retry-After: 7\r\n", 7), ("", None), ("Retry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n", None),
     ("Retry-After: -1\r\n", None), (f"Retry-After: {'9' * 40}\r\n", 86400)],
)  # fmt: skip
def test_retry_after_is_kept(peer: Peer, header: str, seconds: float | None) -> None:
    problem(peer, "503 X", header, type="/problems/credential-unavailable", detail="There is none.")
    error = failure(peer)
    assert isinstance(error, CentralUnavailable)
    assert str(error).endswith(": HTTP 503, There is none.")
    assert error.retry_after == seconds


def test_observer_gets_endpoint_and_errcode(peer: Peer) -> None:
    seen: list[tuple[str, int | None]] = []
    asked = CentralServer(peer.url, KEY, observe=lambda path, errcode: seen.append((path, errcode)))
    peer.answers(TOKEN.encode(), headers="Connection: close\r\n")
    asked.current(ACCESS_TOKEN, APPID)
    problem(peer, "503 X", errcode=40164, errmsg="")
    with pytest.raises(AddressRefused):
        asked.current(ACCESS_TOKEN, APPID)
    problem(peer, "401 X")
    with pytest.raises(CentralRefused):
        asked.successor(JSAPI_TICKET, APPID, "v1")
    assert seen == [("/api/access_token", 0), ("/api/access_token", 40164), ("/api/jsapi_ticket", None)]
