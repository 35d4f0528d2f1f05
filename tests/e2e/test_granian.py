"""granian as it is deployed. test_counts, test_metrics, test_reload and test_changed_settings run on it as well."""

import json
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from mock_wechat import MockWeChat
from tests.e2e.callers import call, check, sign, statuses, token
from tests.e2e.conftest import Seen
from tests.e2e.nodes import MINI_TOKEN, WORKERS, all_fresh, generation, logged, make_stale, node, workers
from tests.e2e.servers import DEADLINE_SECONDS, GRANIAN, ROOT, Server, eventually, serving, stop
from tests.e2e.test_changed_settings import OTHER_KEY, RIGHT, WRONG, opens
from tests.e2e.test_metrics import mapped
from tests.e2e.test_request_parsing import HEADS, POST
from tests.e2e.uplink import CHECK, RISKY, STABLE, UNHURRIED, Uplink


def test_signature_token_and_check_are_right_and_each_log_line_is_json(
    wechat: MockWeChat, seen: Seen, tmp_path: Path
) -> None:
    with serving(tmp_path, wechat.environment, granian=True) as server:
        signed, given, checked = call([sign(server), token(server, "mini"), check(server, RISKY)])
        seen += [signed.body, checked.body]
        assert wechat.verify(signed.json(), signed.json()["url"]) == {"valid": True}
        assert given.json()["access_token"] == wechat.calls(CHECK)[0].query["access_token"]
        assert checked.json()["suggest"] == "risky"
        assert stop(server.process) == 0
    events = [json.loads(line) for line in server.log.read_text().splitlines()]
    assert {"_granian", "app.web.access_log"} <= {event["logger"] for event in events}
    assert [event for event in events if event["level"] != "info"] == []


def test_stop_completes_calls_and_fetches_under_way_and_leaves_no_metrics(wechat: MockWeChat, tmp_path: Path) -> None:
    store_url = f"sqlite:///{tmp_path}/node/credentials.db"
    with (
        Uplink(wechat) as uplink,
        node(tmp_path / "node", uplink.environment, UNHURRIED, granian=True) as server,
        ThreadPoolExecutor(1) as background,
    ):
        eventually(lambda: workers(server) == WORKERS and all_fresh(server), "both workers serve")
        (folder,) = {file.parent for worker in server.workers() for file in mapped(worker, "gauge")}
        before = generation(store_url, MINI_TOKEN)
        uplink.hold(CHECK)
        calls = background.submit(call, [check(server, f"text {number}") for number in range(20)])
        eventually(lambda: uplink.waiting == 20, "the checks are under way")
        checks_may_go = uplink._may_go
        uplink.hold(STABLE)
        make_stale(store_url, MINI_TOKEN)
        eventually(lambda: uplink.waiting == 21, "a refresher fetches a token")
        server.process.send_signal(signal.SIGTERM)
        eventually(lambda: logged(server, "Stopping worker-") == WORKERS, "both workers stop")
        checks_may_go.set()
        assert statuses(calls.result()) == {200}
        eventually(lambda: len(server.workers()) == 1, "only the worker that fetches is left")
        uplink.release()
        assert server.process.wait(DEADLINE_SECONDS) == 0
    assert generation(store_url, MINI_TOKEN) == before + 1
    assert not folder.exists()


def test_reload_with_a_wrong_setting_is_refused(wechat: MockWeChat, tmp_path: Path) -> None:
    toml = tmp_path / "wechat.toml"
    toml.write_text("")
    environment = {**wechat.environment, "WECHAT_CONFIG": str(toml), "WECHAT_WORKERS": "1"}
    with serving(tmp_path, environment, granian=True) as server:
        before = server.workers()
        toml.write_text(WRONG)
        server.process.send_signal(signal.SIGHUP)
        eventually(lambda: logged(server, "reload refused"), "the log says so")
        assert server.workers() == before
        toml.write_text(RIGHT)
        server.process.send_signal(signal.SIGHUP)
        eventually(lambda: len(server.workers()) == 1 and not server.workers() & before, "the worker is replaced")
        assert opens(server, OTHER_KEY)
        assert "[keys.other] scope: is unknown" in server.log.read_text()


def test_request_with_two_lengths_is_refused_and_what_follows_is_not_answered(
    wechat: MockWeChat, tmp_path: Path
) -> None:
    with serving(tmp_path, wechat.environment, granian=True) as server:
        for head in ("two lengths", "list of lengths", "length and chunked", "chunked and length", "chunked twice"):
            received = answer_to(server, f"{POST}{HEADS[head]}\r\n\r\nabcGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert received.startswith(b"HTTP/1.1 400"), head
            assert received.count(b"HTTP/1.1 ") == 1, head


def answer_to(server: Server, sent: str) -> bytes:
    """All that the server answers until it closes the connection."""
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), timeout=60) as connection:
        connection.sendall(sent.encode())
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_half_heads_and_idle_connections_occupy_no_thread(wechat: MockWeChat, tmp_path: Path) -> None:
    environment = {**wechat.environment, "WECHAT_WORKERS": "1", "WECHAT_THREADS": "4"}
    with serving(tmp_path, environment, granian=True) as server, ExitStack() as callers:
        address = urlsplit(server.url)
        for sent in (b"", b"GET /api/jssdk/sig", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n") * 12:
            connection = socket.create_connection((address.hostname, address.port))
            callers.enter_context(connection).sendall(sent)
        assert statuses(call([sign(server)])) == {200}


def test_port_that_is_taken_stops_the_start(wechat: MockWeChat, tmp_path: Path) -> None:
    with serving(tmp_path, wechat.environment, granian=True) as server:
        environment = {**wechat.environment, "PATH": os.environ["PATH"], "PORT": server.url.rpartition(":")[2]}
        tried = subprocess.run(
            GRANIAN, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False
        )
    assert tried.returncode == 1
    assert "Address already in use" in tried.stderr
    assert "Traceback" not in tried.stderr


def test_settings_are_not_in_the_environment_that_granian_copies_into_each_request(wechat: MockWeChat) -> None:
    environment = {**wechat.environment, "PATH": os.environ["PATH"], "WECHAT_STORE_URL": "memory://"}
    command = (
        sys.executable,
        "-c",
        "import os; from app.serving import granian_server; granian_server._load(); print(list(os.environ))",
    )
    printed = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=True
    ).stdout
    assert "PATH" in printed
    assert "WECHAT_" not in printed
