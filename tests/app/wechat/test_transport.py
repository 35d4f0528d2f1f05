"""One HTTP exchange: what counts as an answer, what does not, and that nothing is told."""

import logging
import socket
import ssl
import threading
import traceback
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.exceptions import AccessTokenRefused, CentralServerError, WeChatRefused, WeChatUnavailable
from app.wechat.calls import Call
from app.wechat.transport import Transport
from tests.app.wechat.conftest import Peer

SECRET = "mock-secret-value-0123456789"
CALL = Call("GET", "/cgi-bin/token", {"secret": SECRET}, secrets=[SECRET])


def transport(*hosts: str, read: float = 5, deadline: float = 10) -> Transport:
    return Transport(hosts, connect_timeout_seconds=1, read_timeout_seconds=read, deadline_seconds=deadline)


def failure(sender: Transport, call: Call = CALL) -> CentralServerError:
    """The error, after a look at all that it carries."""
    with pytest.raises(CentralServerError) as caught:
        sender.send(call)
    error = caught.value
    assert error.__context__ is None
    assert error.__cause__ is None
    assert SECRET not in "".join(traceback.format_exception(error)) + repr(vars(error))
    return error


def test_an_answer_is_its_json_object(peer: Peer) -> None:
    peer.answers(b'{"access_token":"t1","expires_in":7200}')
    assert transport(peer.url).send(CALL) == {"access_token": "t1", "expires_in": 7200}


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/json; encoding=utf-8",
        "text/html; charset=iso-8859-1",
        "application/json; charset=gbk",
    ],
)
def test_bytes_are_utf8_whatever_the_header_says(peer: Peer, content_type: str) -> None:
    peer.answers('{"nickname":"张三"}'.encode(), headers=f"Content-Type: {content_type}\r\n")
    assert transport(peer.url).send(CALL) == {"nickname": "张三"}


def test_raw_control_characters_in_strings_are_read(peer: Peer) -> None:
    peer.answers(b'{"nickname":"a\x01\tb"}')
    assert transport(peer.url).send(CALL) == {"nickname": "a\x01\tb"}


def test_an_errcode_is_raised_with_errmsg_and_rid(peer: Peer) -> None:
    peer.answers(b'{"errcode":40001,"errmsg":"invalid credential rid: 64b0ba1d-74e53e36-717abb43"}')
    error = failure(transport(peer.url), Call("POST", "/wxa/msg_sec_check"))
    assert isinstance(error, AccessTokenRefused)
    assert (error.errcode, error.rid, error.endpoint) == (40001, "64b0ba1d-74e53e36-717abb43", "/wxa/msg_sec_check")


@pytest.mark.parametrize(("errcode", "number"), [('"40001"', 40001), ('"0"', 0), ("0", 0), ("-1", -1)])
def test_an_errcode_may_be_a_string(peer: Peer, errcode: str, number: int) -> None:
    peer.answers(f'{{"errcode":{errcode},"errmsg":"x"}}'.encode())
    if number == 0:
        assert transport(peer.url).send(CALL)["errmsg"] == "x"
    else:
        error = failure(transport(peer.url))
        assert isinstance(error, WeChatRefused)
        assert error.errcode == number


def test_a_secret_that_wechat_repeats_is_masked(peer: Peer) -> None:
    peer.answers(f'{{"errcode":40125,"errmsg":"invalid appsecret {SECRET}"}}'.encode())
    error = failure(transport(peer.url))
    assert isinstance(error, WeChatRefused)
    assert error.errmsg == "invalid appsecret ***"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>502 Bad Gateway</html>",
        b'{"access_token":"t1","expi',
        b'["t1"]',
        b"null",
        b'{"errcode":"many"}',
        b'{"errcode":null}',
        b'{"errcode":[1]}',
        b'{"errcode":1e999}',
        b"[" * 100_000,
        b'{"a":"' + b"x" * 1024 * 1024 + b'"}',
    ],
    ids=[
        "empty",
        "html",
        "cut",
        "list",
        "null",
        "errcode text",
        "errcode null",
        "errcode list",
        "errcode infinite",
        "nested",
        "over 1 MB",
    ],
)
def test_anything_but_a_json_object_is_no_answer(peer: Peer, body: bytes) -> None:
    peer.answers(body)
    assert isinstance(failure(transport(peer.url)), WeChatUnavailable)


@pytest.mark.parametrize(
    "status", ["500 Internal Server Error", "502 Bad Gateway", "403 Forbidden", "412 Precondition Failed"]
)
def test_an_http_error_is_no_answer_even_with_json(peer: Peer, status: str) -> None:
    peer.answers(b'{"access_token":"t1","expires_in":7200}', status=status)
    assert status[:3] in str(failure(transport(peer.url)))


def test_a_redirect_is_not_followed(peer: Peer, another_peer: Peer) -> None:
    peer.answers(b"", status="302 Found", headers=f"Location: {another_peer.url}/elsewhere\r\n")
    failure(transport(peer.url))
    assert len(peer.requests) == 1
    assert another_peer.connections == 0


def test_a_truncated_body_is_no_answer(peer: Peer) -> None:
    peer.pieces = [b'HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n{"a":1}', None]
    assert isinstance(failure(transport(peer.url)), WeChatUnavailable)


def test_a_reset_before_the_answer_is_no_answer(peer: Peer) -> None:
    peer.pieces = [None]
    assert isinstance(failure(transport(peer.url)), WeChatUnavailable)


def test_silence_ends_with_the_read_timeout(peer: Peer) -> None:
    peer.pieces = [b"HTTP/1.1 200 OK\r\n"]
    peer.gap = 30
    assert "in time" in str(failure(transport(peer.url, read=0.2)))


@pytest.mark.parametrize("part", ["headers", "body", "chunks"])
def test_a_dripping_answer_ends_with_the_deadline(peer: Peer, part: str) -> None:
    """Each byte arrives well within the read timeout; all of them would take 20 s."""
    whole = {
        "headers": b"HTTP/1.1 200 OK\r\nX-Padding: " + b"x" * 1000,
        "body": b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b" " * 1000,
        "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 200,
    }[part]
    peer.pieces = [bytes([byte]) for byte in whole]
    peer.gap = 0.02
    assert "in time" in str(failure(transport(peer.url, read=5, deadline=0.5)))
    assert peer.sent < len(whole)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (b'{"access_token":"t1","expires_in":7200}', "200 OK", 0),
        (b'{"errcode":0,"errmsg":"ok"}', "200 OK", 0),
        (b'{"errcode":"40001","errmsg":"invalid credential"}', "200 OK", 40001),
        (b'{"errcode":-1,"errmsg":"system error"}', "200 OK", -1),
        (b'{"errcode":40001}', "502 Bad Gateway", None),
        (b'{"errcode":null}', "200 OK", None),
        (b"<html>", "200 OK", None),
    ],
)
def test_the_observer_is_told_the_errcode_of_each_call(peer: Peer, body: bytes, status: str, told: int | None) -> None:
    seen = []
    peer.answers(body, status=status)
    sender = Transport([peer.url], observe=lambda endpoint, errcode: seen.append((endpoint, errcode)))
    for _ in range(2):
        with suppress(CentralServerError):
            sender.send(CALL)
    assert seen == [("/cgi-bin/token", told)] * 2


def test_the_observer_is_told_of_a_call_that_reached_nobody_once() -> None:
    seen = []
    hosts = [f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{free_port()}"]
    with suppress(CentralServerError):
        Transport(hosts, observe=lambda endpoint, errcode: seen.append((endpoint, errcode))).send(CALL)
    assert seen == [("/cgi-bin/token", None)]


def test_the_next_host_is_asked_when_one_cannot_be_reached(peer: Peer) -> None:
    peer.answers(b'{"a":1}')
    assert transport(f"http://127.0.0.1:{free_port()}", peer.url).send(CALL) == {"a": 1}


def test_the_next_host_is_not_asked_once_a_request_was_sent(peer: Peer) -> None:
    """WeChat may have acted on it: in classic mode there would be two new tokens."""
    peer.pieces = [None]
    failure(transport(peer.url, peer.url))
    assert len(peer.requests) == 1


def test_no_host_to_be_reached_is_said() -> None:
    assert "reached" in str(failure(transport(f"http://127.0.0.1:{free_port()}")))


def test_nothing_is_taken_from_the_surroundings(peer: Peer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    peer.answers(b'{"a":1}')
    transport(peer.url).send(CALL)
    assert b"authorization" not in peer.requests[0].lower()


def test_the_proxy_of_the_settings_is_used(peer: Peer) -> None:
    peer.answers(b'{"a":1}')
    sender = Transport(["http://api.weixin.qq.com"], proxy=peer.url)
    assert sender.send(CALL) == {"a": 1}
    assert peer.requests[0].startswith(b"GET http://api.weixin.qq.com/cgi-bin/token?")


def test_json_is_sent_as_raw_utf8(peer: Peer) -> None:
    peer.answers(b'{"errcode":0}')
    transport(peer.url).send(Call("POST", "/wxa/msg_sec_check", json={"content": "特3456书"}))
    assert '{"content": "特3456书"}'.encode() in peer.requests[0]


def test_a_file_is_one_part_with_a_filename_and_a_content_length(peer: Peer) -> None:
    peer.answers(b'{"errcode":0}')
    image = bytes(range(256)) * 2000
    transport(peer.url).send(Call("POST", "/wxa/img_sec_check", file=("image.png", image, "image/png")))
    head, _, body = peer.requests[0].partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head.lower()
    assert b"transfer-encoding" not in head.lower()
    assert b'name="media"; filename="image.png"' in body
    assert image in body


def test_each_thread_has_a_session_of_its_own_and_keeps_it(peer: Peer) -> None:
    sender = transport(peer.url)
    sessions = [sender._exchange._session(), sender._exchange._session()]
    thread = threading.Thread(target=lambda: sessions.append(sender._exchange._session()))
    thread.start()
    thread.join()
    assert sessions[0] is sessions[1]
    assert sessions[0] is not sessions[2]


def test_nothing_about_a_call_is_in_its_repr_or_the_log(peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="app")
    peer.answers(b"no json")
    failure(transport(peer.url))
    assert SECRET not in caplog.text + repr(CALL)


DATE = "Mon, 21 Sep 2026 14:13:20 GMT"


@pytest.mark.parametrize("status", ["200 OK", "302 Found", "404 Not Found"])
def test_knocking_tells_the_hosts_time_whatever_it_answers(peer: Peer, status: str) -> None:
    peer.answers(b"anything", status=status, headers=f"Date: {DATE}\r\nLocation: http://127.0.0.1:1/\r\n")
    assert transport().knock(peer.url) == DATE
    assert peer.requests[0].startswith(b"GET / HTTP/1.1\r\n")


def test_host_may_keep_its_time_to_itself(peer: Peer) -> None:
    peer.answers(b"")
    assert transport().knock(peer.url) is None


def test_knocking_tells_what_is_in_the_way(peer: Peer) -> None:
    peer.pieces = [None]
    for url, obstacle in (("http://127.0.0.1:1", "connection refused"), (peer.url, "connection reset by peer")):
        with pytest.raises(WeChatUnavailable, match=obstacle) as caught:
            transport().knock(url)
        assert caught.value.__context__ is None


def test_knocking_takes_no_longer_than_the_read_timeout(peer: Peer) -> None:
    peer.pieces, peer.gap = [b"HTTP/1.1 "], 30
    with pytest.raises(WeChatUnavailable, match="no answer in time"):
        transport(read=0.05).knock(peer.url)


def test_certificate_that_nobody_signed_is_named(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path / "certificate.pem"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=shake_hands, args=[listener, context])
        thread.start()
        with pytest.raises(WeChatUnavailable, match="its certificate is not accepted: self-signed certificate"):
            transport().knock(f"https://127.0.0.1:{listener.getsockname()[1]}")
        thread.join()


def test_host_whose_certificate_is_not_accepted_is_one_that_cannot_be_reached(tmp_path: Path, peer: Peer) -> None:
    peer.answers(b'{"a":1}')
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path / "certificate.pem"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=shake_hands, args=[listener, context])
        thread.start()
        sender = transport(f"https://127.0.0.1:{listener.getsockname()[1]}", peer.url)
        assert sender.send(CALL) == {"a": 1}
        thread.join()


def shake_hands(listener: socket.socket, context: ssl.SSLContext) -> None:
    """As the server of one TLS connection that the client breaks off."""
    connection, _ = listener.accept()
    with connection, suppress(ssl.SSLError, ConnectionError):
        context.wrap_socket(connection, server_side=True).close()


def self_signed(path: Path) -> Path:
    """A certificate for 127.0.0.1 with its key, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    encoding = serialization.Encoding.PEM
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(encoding)
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + certificate)
    return path
