"""The in-process mode: which hosts it answers, what callers see, and what it leaves unchanged."""

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests
import responses
from requests.adapters import HTTPAdapter

import mock_wechat
from mock_wechat import OFFICIAL, MockWeChat, intercept

TOKEN = "https://api.weixin.qq.com/cgi-bin/token"
ASKED = {"grant_type": "client_credential", "appid": OFFICIAL.appid, "secret": OFFICIAL.secret}


class Hello(BaseHTTPRequestHandler):
    """Another host, unrelated to WeChat."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *args: object) -> None:
        """Print nothing."""


@pytest.fixture
def other_host() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Hello) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def naps() -> list[float]:
    return []


@pytest.fixture
def mock(naps: list[float]) -> Iterator[MockWeChat]:
    with intercept(others="refuse", sleep=naps.append, clock=lambda: 1_795_225_164.0) as mock:
        yield mock


@pytest.mark.parametrize("host", ["api", "api2", "sh.api", "sz.api", "hk.api", "API"])
def test_every_domain_of_the_api_is_answered(mock: MockWeChat, host: str) -> None:
    answer = requests.get(f"https://{host}.weixin.qq.com/cgi-bin/token", params=ASKED, timeout=5)
    assert answer.json()["expires_in"] == 7200
    assert mock.calls()[0].headers["host"] == f"{host}.weixin.qq.com".lower()


@pytest.mark.parametrize(
    "url", ["https://mp.weixin.qq.com/", "https://api.weixin.qq.com.example.com/", "http://127.0.0.1:9/"]
)
def test_other_hosts_are_refused_by_choice(mock: MockWeChat, url: str) -> None:
    with pytest.raises(requests.ConnectionError, match="Connection refused"):
        requests.get(url, timeout=5)
    assert mock.calls() == []


def test_other_hosts_are_called_by_default(other_host: str) -> None:
    with intercept() as mock:
        assert requests.get(other_host, timeout=5).text == "hello"
        assert mock.calls() == []


def test_invalid_others_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="others must be 'pass' or 'refuse', not 'maybe'"):
        intercept(others="maybe")  # type: ignore[arg-type]  # what a caller without a type checker may write


@pytest.mark.usefixtures("mock")
def test_plain_http_is_43003() -> None:
    answer = requests.get("http://api.weixin.qq.com/cgi-bin/token", timeout=5).json()
    assert answer["errcode"] == 43003
    assert answer["errmsg"].startswith("require https rid: 6b00f64c-")


def test_hosts_are_given_back_at_the_end() -> None:
    before = HTTPAdapter.send
    with intercept() as mock:
        assert HTTPAdapter.send is not before
        mock.stop()
        assert HTTPAdapter.send is before
    assert HTTPAdapter.send is before


def test_outer_responses_mock_keeps_its_hosts() -> None:
    with responses.RequestsMock() as outer, intercept():
        outer.add("GET", "https://example.com/", body="theirs")
        assert requests.get("https://example.com/", timeout=5).text == "theirs"
        assert "access_token" in requests.get(TOKEN, params=ASKED, timeout=5).json()


def test_responses_keeps_no_copies_of_calls(mock: MockWeChat) -> None:
    for _ in range(3):
        requests.get(TOKEN, params=ASKED, timeout=5)
    switch: Any = vars(mock)["_requests_mock"]
    assert len(switch.calls) == 1
    assert sum(len(answer.calls) for answer in switch.registered()) == 1
    assert len(mock.calls()) == 3


def test_query_headers_and_body_arrive(mock: MockWeChat) -> None:
    query = "?access_token=a%2Bb&x=%E4%B8%AD&x=2&empty=#fragment"
    headers: dict[str, str | bytes | None] = {"X-One": "1", "User-Agent": b"mine"}
    requests.post("https://api.weixin.qq.com/wxa/msg_sec_check" + query, headers=headers, data="{中}", timeout=5)
    call = mock.calls()[0]
    assert (call.method, call.path, call.client) == ("POST", "/wxa/msg_sec_check", "127.0.0.1")
    assert call.query == {"access_token": "a+b", "x": "中", "empty": ""}
    assert (call.headers["x-one"], call.headers["user-agent"], call.headers["content-length"]) == ("1", "mine", "5")
    assert call.body == "{中}"


@pytest.mark.parametrize("body", [{"a": "b c"}, b"a=b+c", io.BytesIO(b"a=b+c"), iter([b"a=", b"b+c"])], ids=type)
def test_bodies_of_every_kind_arrive_whole(mock: MockWeChat, body: Any) -> None:
    requests.post("https://api.weixin.qq.com/cgi-bin/stable_token", data=body, timeout=5)
    assert mock.calls()[0].body == "a=b+c"


def test_dropped_call_is_a_connection_error_with_its_request(mock: MockWeChat) -> None:
    mock.fail("/cgi-bin/token", drop="before")
    with pytest.raises(requests.ConnectionError, match="Remote end closed connection without response") as caught:
        requests.get(TOKEN, params=ASKED, timeout=5)
    assert caught.value.request is not None
    assert not isinstance(caught.value, requests.Timeout)


def test_idle_connection_drop_fails_the_next_call(mock: MockWeChat) -> None:
    mock.fail("/cgi-bin/token", drop="idle")
    assert "access_token" in requests.get(TOKEN, params=ASKED, timeout=5).json()
    with pytest.raises(requests.ConnectionError, match="Remote end closed connection"):
        requests.get(TOKEN, params=ASKED, timeout=5)
    assert len(mock.calls()) == 1
    assert "access_token" in requests.get(TOKEN, params=ASKED, timeout=5).json()


@pytest.mark.parametrize("timeout", [5, (1, 5)])
def test_late_answer_is_a_read_timeout(mock: MockWeChat, naps: list[float], timeout: Any) -> None:
    mock.fail("/cgi-bin/token", delay_seconds=600)
    with pytest.raises(requests.ReadTimeout, match=r"Read timed out\. \(read timeout=5"):
        requests.get(TOKEN, params=ASKED, timeout=timeout)
    assert naps == [5]


def test_answer_within_the_timeout_is_returned(mock: MockWeChat, naps: list[float]) -> None:
    mock.fail("/cgi-bin/token", delay_seconds=4, times=2)
    for timeout in (5, None):
        assert "access_token" in requests.get(TOKEN, params=ASKED, timeout=timeout).json()
    assert naps == [4, 4]


def test_dripping_body_passes_read_timeouts(mock: MockWeChat, naps: list[float]) -> None:
    mock.fail("/cgi-bin/token", -1, drip_seconds=2)
    length = len(requests.get(TOKEN, timeout=5).content)
    assert naps == [2] * length  # no read waits longer than 5 s: a read timeout does not bound it


def test_missing_library_is_named(tmp_path: Path) -> None:
    (tmp_path / "responses.py").write_text("raise ImportError('not here')\n")
    script = "import mock_wechat\ntry:\n    mock_wechat.intercept()\nexcept ImportError as error:\n    print(error)\n"
    printed = run_python(script, [str(tmp_path)])
    assert printed.startswith("mock_wechat.intercept() needs the extra 'intercept' (not here)")


def test_server_needs_neither_requests_nor_responses() -> None:
    script = "import sys, json, mock_wechat\nprint(json.dumps([name for name in sys.modules]))\n"
    assert {"requests", "responses", "cryptography", "PIL", "segno"}.isdisjoint(json.loads(run_python(script, [])))


def run_python(script: str, before: list[str]) -> str:
    """The output of a fresh interpreter, with folders before its own libraries."""
    begin = f"import sys\nsys.path[:0] = {[*before, str(Path(mock_wechat.__file__).parents[1])]!r}\n"
    run = subprocess.run(
        [sys.executable, "-c", begin + script], capture_output=True, text=True, timeout=60, check=True
    )  # fmt: skip
    return run.stdout
