"""HTTPS and the HTTPS proxy: what clients see, start and stop."""

import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from wechatpy import WeChatClient  # type: ignore[import-untyped]  # it has no types

import mock_wechat
from mock_wechat import OFFICIAL, MockWeChat
from mock_wechat.__main__ import main
from mock_wechat.extras import MissingExtra
from mock_wechat.hosts import HOSTS
from mock_wechat.tls import TLS, servers

TOKEN = "https://api.weixin.qq.com/cgi-bin/token"
REFUSED = b"This proxy of a mock WeChat answers api.weixin.qq.com, "


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TLS]:
    """The listeners of one mock for the whole module."""
    tls = TLS(port=0, proxy_port=0, folder=tmp_path_factory.mktemp("tls") / "new" / "ca")
    with MockWeChat(tls=tls):
        yield tls


@pytest.fixture
def lines() -> Iterator[Callable[[str | None], socket.socket]]:
    """Connections to an address, closed at the end."""
    with ExitStack() as all_lines:
        yield lambda address: all_lines.enter_context(connect(address))


def connect(address: str | None) -> socket.socket:
    parts = urlsplit(f"//{str(address).removeprefix('http://')}")
    return socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=10)


def secure(line: socket.socket, tls: TLS, host: str) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=tls.certificates.ca)
    context.verify_flags |= ssl.VERIFY_X509_STRICT  # Python's default from 3.13
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context.wrap_socket(line, server_hostname=host)


def ask(line: socket.socket, target: str, method: str = "GET") -> tuple[int, bytes]:
    connection = HTTPConnection("api.weixin.qq.com")
    connection.sock = line
    connection.request(method, target)
    answer = connection.getresponse()
    return answer.status, answer.read()


def tunnel(line: socket.socket, target: str) -> str:
    """The status line of a CONNECT."""
    line.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += line.recv(1)
    return head.partition(b"\r\n")[0].decode()


def test_every_host_of_wechat_is_answered(tls: TLS, lines: Callable[[str | None], socket.socket]) -> None:
    for host in HOSTS:
        with secure(lines(tls.address), tls, host) as line:
            assert line.selected_alpn_protocol() == "http/1.1"
            status, body = ask(line, "/cgi-bin/token")
            assert (status, b"41002" in body) == (200, True)
            assert b"41002" in ask(line, "/cgi-bin/token")[1]  # the connection is kept


def test_other_names_get_no_valid_certificate(tls: TLS, lines: Callable[[str | None], socket.socket]) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        secure(lines(tls.address), tls, "qyapi.weixin.qq.com")


def test_tunnel_ends_at_the_mock(tls: TLS, lines: Callable[[str | None], socket.socket]) -> None:
    line = lines(tls.proxy_url)
    assert tunnel(line, "API.weixin.qq.com:443") == "HTTP/1.1 200 Connection established"
    with secure(line, tls, "api.weixin.qq.com") as inside:
        assert b"41002" in ask(inside, "/cgi-bin/token")[1]
        assert ask(inside, "api.weixin.qq.com:443", "CONNECT")[0] == 501


@pytest.mark.parametrize(
    "target",
    ["example.com:443", "api.weixin.qq.com:80", "127.0.0.1:443", "api.weixin.qq.com.example.com:443", "[::1:443", "/"],
)
def test_other_tunnels_are_refused(tls: TLS, lines: Callable[[str | None], socket.socket], target: str) -> None:
    line = lines(tls.proxy_url)
    assert tunnel(line, target) == "HTTP/1.1 403 Mock WeChat connects to WeChat's hosts only"
    assert line.recv(1000).startswith(REFUSED)


@pytest.mark.parametrize(
    ("url", "status", "body"),
    [
        ("http://api.weixin.qq.com/sns/userinfo", 200, b'{"errcode":43003,"errmsg":"require https, rid: '),
        (TOKEN, 200, b'{"errcode":41002,'),
        ("http://api.weixin.qq.com:8080/", 403, REFUSED),
        ("http://example.com/", 403, REFUSED),
        ("/cgi-bin/token", 403, REFUSED),
        ("http://api.weixin.qq.com:x/", 403, REFUSED),
    ],
)
def test_requests_without_a_tunnel(
    tls: TLS, lines: Callable[[str | None], socket.socket], url: str, status: int, body: bytes
) -> None:
    answered = ask(lines(tls.proxy_url), url)
    assert (answered[0], answered[1][: len(body)]) == (status, body)


def test_wechatpy_needs_variables_only(tls: TLS, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in tls.environment({}).items():
        monkeypatch.setenv(name, value)
    client = WeChatClient(OFFICIAL.appid, OFFICIAL.secret)
    assert client.jsapi.get_jsapi_ticket().isascii()
    client._http.close()
    with pytest.raises(requests.exceptions.ProxyError, match="403 Mock WeChat connects to WeChat's hosts only"):
        requests.get("https://example.com/", timeout=10)


def test_command_gets_the_variables(tmp_path: Path) -> None:
    fetch = f"import urllib.request as u; print(u.urlopen('{TOKEN}').read())"
    options = ["--port", "0", "--tls-proxy", "0", "--ca-folder", str(tmp_path), "--", sys.executable, "-c", fetch]
    command = [sys.executable, "-m", "mock_wechat", "run", *options]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=50, check=False)
    assert "41002" in done.stdout, done.stderr


def test_stop_cuts_handshakes_tunnels_and_requests(
    tmp_path: Path, lines: Callable[[str | None], socket.socket]
) -> None:
    tls = TLS(port=0, proxy_port=0, folder=tmp_path)
    with MockWeChat(tls=tls) as mock:
        mock.fail("/cgi-bin/token", delay_seconds=600)
        silent, plain, waiting = lines(tls.address), lines(tls.proxy_url), lines(tls.proxy_url)
        tunnel(plain, "mp.weixin.qq.com:443")
        tunnel(waiting, "api.weixin.qq.com:443")
        waiting = secure(waiting, tls, "api.weixin.qq.com")
        idle = secure(lines(tls.address), tls, "api.weixin.qq.com")
        ask(idle, "/cgi-bin/nothing")
        waiting.sendall(b"GET /cgi-bin/token HTTP/1.1\r\n\r\n")
        while not mock.calls("/cgi-bin/token"):
            threading.Event().wait(0.001)
        mock.stop()
        assert [line.recv(1) for line in (silent, plain, idle, waiting)] == [b"", b"", b"", b""]
        assert (tls.address, tls.proxy_url) == (None, None)
        idle.close()
        waiting.close()


def test_handshake_has_a_time_limit(
    tls: TLS, lines: Callable[[str | None], socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "HANDSHAKE_SECONDS", 0.01)
    assert lines(tls.address).recv(1) == b""


def test_failed_start_leaves_no_port_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        tls = TLS(port=0, proxy_port=taken.getsockname()[1], folder=tmp_path)
        mock = MockWeChat(tls=tls)
        with pytest.raises(OSError, match="Address already in use"):
            mock.start()
    assert tls.address is None
    with pytest.raises(RuntimeError):
        _ = mock.url


def test_missing_package_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delattr(mock_wechat.tls, "ca")
    monkeypatch.delitem(sys.modules, "mock_wechat.tls.ca")
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(MissingExtra, match="HTTPS needs the extra 'tls'"):
        MockWeChat(tls=TLS(proxy_port=0, folder=tmp_path)).start()
    assert main(["--port", "0", "--tls", "0", "--ca-folder", str(tmp_path)]) == 1
    assert "mock-wechat[tls]" in capsys.readouterr().err


def test_unusable_folder_is_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert main(["--port", "0", "--tls", "0", "--ca-folder", str(tmp_path / "file" / "ca")]) == 1
    assert capsys.readouterr().err == f"Can't use {tmp_path / 'file' / 'ca'}: Not a directory.\n"
