"""One HTTP exchange: what counts as an answer, and no secret in errors."""

import gzip
import socket
import ssl
import threading
import traceback
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.errors import AccessTokenRefused, CentralServerError, WeChatRefused, WeChatUnavailable
from app.wechat import Transport
from app.wechat.calls import Call
from tests.app.wechat.conftest import Peer, Pieces

SECRET = "mock-secret-value-0123456789"
CALL = Call("GET", "/cgi-bin/token", {"secret": SECRET}, secrets=[SECRET])


def transport(*hosts: str, read: float = 5, deadline: float = 10) -> Transport:
    return Transport(hosts, connect_timeout_seconds=1, read_timeout_seconds=read, deadline_seconds=deadline)


def failure(sender: Transport, call: Call = CALL) -> CentralServerError:
    """The error, checked for secrets."""
    with pytest.raises(CentralServerError) as caught:
        sender.send(call)
    error = caught.value
    assert error.__context__ is None
    assert error.__cause__ is None
    assert SECRET not in "".join(traceback.format_exception(error)) + repr(vars(error))
    return error


@pytest.mark.parametrize("content_type", ["text/plain", "application/json; charset=gbk"])
def test_body_is_utf8_despite_its_header(peer: Peer, content_type: str) -> None:
    peer.answers('{"nickname":"张\x01三"}'.encode(), headers=f"Content-Type: {content_type}\r\n")
    assert transport(peer.url).send(CALL) == {"nickname": "张\x01三"}


def test_errcode_is_raised_with_errmsg_and_rid(peer: Peer) -> None:
    peer.answers(b'{"errcode":40001,"errmsg":"invalid credential rid: 64b0ba1d-74e53e36-717abb43"}')
    error = failure(transport(peer.url), Call("POST", "/wxa/msg_sec_check"))
    assert isinstance(error, AccessTokenRefused)
    assert (error.errcode, error.rid, error.endpoint) == (40001, "64b0ba1d-74e53e36-717abb43", "/wxa/msg_sec_check")


@pytest.mark.parametrize(("errcode", "number"), [('"40001"', 40001), ('"0"', 0), ("0", 0), ("-1", -1)])
def test_errcode_may_be_a_string(peer: Peer, errcode: str, number: int) -> None:
    peer.answers(f'{{"errcode":{errcode},"errmsg":"x"}}'.encode())
    if number == 0:
        assert transport(peer.url).send(CALL)["errmsg"] == "x"
    else:
        error = failure(transport(peer.url))
        assert isinstance(error, WeChatRefused)
        assert error.errcode == number


def test_secret_in_errmsg_is_masked(peer: Peer) -> None:
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
    ids=lambda body: repr(body[:12]),
)
def test_anything_but_a_json_object_is_no_answer(peer: Peer, body: bytes) -> None:
    peer.answers(body)
    assert isinstance(failure(transport(peer.url)), WeChatUnavailable)


@pytest.mark.parametrize("status", ["502 Bad Gateway", "403 Forbidden"])
def test_http_error_is_no_answer_even_with_json(peer: Peer, status: str) -> None:
    peer.answers(b'{"access_token":"t1","expires_in":7200}', status=status)
    assert status[:3] in str(failure(transport(peer.url)))


def test_redirect_is_not_followed(peer: Peer, another_peer: Peer) -> None:
    peer.answers(b"", status="302 Found", headers=f"Location: {another_peer.url}/elsewhere\r\n")
    failure(transport(peer.url))
    assert (len(peer.requests), another_peer.connections) == (1, 0)


@pytest.mark.parametrize(
    "pieces",
    [
        [None],
        [b'HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n{"a":1}'],
        [b'HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n{"a":1}', None],
        [b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{"a":1}\r\n'],
        [b"HTTP/1.1 200 OK\r\nContent-Le", None],
    ],
    ids=["reset", "cut", "cut and reset", "last chunk missing", "reset in the head"],
)
def test_cut_answer_is_no_answer(peer: Peer, pieces: Pieces) -> None:
    peer.pieces = pieces
    assert isinstance(failure(transport(peer.url)), WeChatUnavailable)


def test_silence_ends_with_the_read_timeout(peer: Peer) -> None:
    peer.pieces, peer.gap = [b"HTTP/1.1 200 OK\r\n"], 30
    assert "in time" in str(failure(transport(peer.url, read=0.2)))


@pytest.mark.parametrize("part", ["body", "chunks", "compressed"])
def test_dripping_body_ends_with_the_deadline(peer: Peer, part: str) -> None:
    """Each byte arrives well within the read timeout; all of them would take 20 s."""
    packed = gzip.compress(bytes(range(256)) * 4)
    head, body = {
        "body": (b"Content-Length: 1000", b" " * 1000),
        "chunks": (b"Transfer-Encoding: chunked", b"1\r\n \r\n" * 200),
        "compressed": (b"Content-Encoding: gzip\r\nContent-Length: 9999", packed + b" " * 1000),
    }[part]
    peer.pieces = [b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n", *(bytes([byte]) for byte in body)]
    peer.gap = 0.02
    failure(transport(peer.url, read=5, deadline=0.5))
    assert peer.sent < len(body)


@pytest.mark.parametrize(
    ("body", "status", "errcode"),
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
def test_observer_gets_the_errcode_of_each_call(peer: Peer, body: bytes, status: str, errcode: int | None) -> None:
    seen = []
    peer.answers(body, status=status)
    sender = Transport([peer.url], observe=lambda *attempt: seen.append(attempt))
    for _ in range(2):
        with suppress(CentralServerError):
            sender.send(CALL)
    assert seen == [("/cgi-bin/token", errcode)] * 2


def test_environment_is_ignored(peer: Peer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    peer.answers(b'{"a":1}')
    transport(peer.url).send(CALL)
    assert b"authorization" not in peer.requests[0].lower()


def test_file_is_one_part_with_a_filename_and_a_content_length(peer: Peer) -> None:
    peer.answers(b'{"errcode":0}')
    image = bytes(range(256)) * 2000
    transport(peer.url).send(Call("POST", "/wxa/img_sec_check", file=("image.png", image, "image/png")))
    head, _, body = peer.requests[0].partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head.lower()
    assert b"transfer-encoding" not in head.lower()
    assert b'name="media"; filename="image.png"' in body
    assert image in body


PEM = serialization.Encoding.PEM
DATE = "Mon, 21 Sep 2026 14:13:20 GMT"


@pytest.mark.parametrize("status", ["200 OK", "302 Found", "404 Not Found"])
@pytest.mark.parametrize("date", [DATE, None])
def test_probe_returns_the_date_of_any_answer(peer: Peer, status: str, date: str | None) -> None:
    peer.answers(b"anything", status=status, headers=f"Date: {date}\r\n" if date else "")
    assert transport().probe(peer.url) == date
    assert peer.requests[0].startswith(b"GET / HTTP/1.1\r\n")


def test_probe_raises_the_reason(peer: Peer) -> None:
    peer.pieces = [None]
    for url, reason in (("http://127.0.0.1:1", "connection refused"), (peer.url, "connection reset by peer")):
        with pytest.raises(WeChatUnavailable, match=reason) as caught:
            transport().probe(url)
        assert caught.value.__context__ is None
    peer.pieces, peer.gap = [b"HTTP/1.1 "], 30
    with pytest.raises(WeChatUnavailable, match="in time"):
        transport(read=0.05).probe(peer.url)


def test_host_with_an_unaccepted_certificate_is_unreachable(tmp_path: Path, peer: Peer) -> None:
    peer.answers(b'{"a":1}')
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path / "certificate.pem"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"https://127.0.0.1:{listener.getsockname()[1]}"
        thread = threading.Thread(target=shake_hands, args=[listener, context])
        thread.start()
        with pytest.raises(WeChatUnavailable, match="its certificate is not accepted: self-signed certificate"):
            transport().probe(host)
        assert transport(host, peer.url).send(CALL) == {"a": 1}
        thread.join()


def shake_hands(listener: socket.socket, context: ssl.SSLContext) -> None:
    """As the server of two TLS connections that the client breaks off."""
    for _ in range(2):
        connection, _ = listener.accept()
        with connection, suppress(ssl.SSLError, ConnectionError):
            context.wrap_socket(connection, server_side=True).close()


def self_signed(path: Path) -> Path:
    """A certificate for 127.0.0.1 with its key, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, datetime(2026, 1, 1), datetime(2099, 1, 1))  # noqa: DTZ001 -- X.509 means UTC
    private = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + builder.sign(key, hashes.SHA256()).public_bytes(PEM))
    return path
