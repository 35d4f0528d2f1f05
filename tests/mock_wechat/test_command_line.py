"""`python -m mock_wechat` and `python -m mock_wechat run -- COMMAND`, as real processes."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from mock_wechat import WEB, MockWeChat
from mock_wechat.__main__ import main
from mock_wechat.addresses import outside_hosts
from mock_wechat.demo import examples, welcome

ROOT = Path(__file__).parents[2]
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start `python -m mock_wechat ...`; kill running processes at the end."""
    processes: list[subprocess.Popen[str]] = []

    def start_one(*arguments: str, **environment: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-m", "mock_wechat", *arguments], env={**os.environ, **environment},
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        processes.append(process)
        return process

    yield start_one
    for process in processes:
        process.kill()
        process.communicate()


def line_of(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


def sh(script: str) -> list[str]:
    return ["run", "--port", "0", "--", "sh", "-c", script]


def is_gone(pid: int) -> bool:
    """Whether the process ends within 20 s."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").exists() and Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_server_prints_environment_and_ends_cleanly(start: Start, number: signal.Signals) -> None:
    process = start("--port", "0", "--seed", "1")
    url = line_of(process).split()[3].rstrip(",")
    assert requests.get(f"{url}/cgi-bin/token", timeout=10).json()["errcode"] == 41002
    assert line_of(process) == ""
    environment = [line_of(process) for _ in range(5)]
    assert environment[0] == f"export WECHAT_API_BASE={url}"
    assert environment[1:3] == ["export WECHAT_APPID=wx0000000000000001", "export WECHAT_SECRET=mock-official-secret"]
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "", "")


def test_taken_port_is_explained(start: Start) -> None:
    with MockWeChat() as mock:
        port = mock.url.rsplit(":", 1)[1]
        for arguments in (["--port", port], ["run", "--port", port, "--", "true"]):
            process = start(*arguments)
            out, err = process.communicate(timeout=20)
            assert process.returncode == 1
            assert err.startswith(f"Port {port} is taken on 127.0.0.1: ")
            assert (out, len(err.splitlines())) == ("", 1)


@pytest.mark.parametrize(
    ("option", "value", "error"),
    [
        ("--network", "somewhere", "'somewhere' does not appear to be an IPv4 or IPv6 network"),
        ("--now", "-1", "must be from 0"),
        ("--now", "noon", "could not convert"),
        ("--push-url", "nowhere", "must be an http or https URL"),
        ("--origin", "http://h5.example/page", "must be scheme, host and port only"),
    ],
)
def test_wrong_option_is_explained(capsys: pytest.CaptureFixture[str], option: str, value: str, error: str) -> None:
    with pytest.raises(SystemExit) as caught:
        main([option, value])
    assert caught.value.code == 2
    assert f"argument {option}: {error}" in capsys.readouterr().err


def test_all_addresses_print_those_that_work_from_outside(start: Start) -> None:
    process = start("--host", "0.0.0.0", "--port", "0", "--control-host", "Mock")
    url = line_of(process).split()[3].rstrip(",")
    exported = dict(line.removeprefix("export ").split("=", 1) for line in (line_of(process) for _ in range(8)) if line)
    assert exported.items() >= {"WECHAT_API_BASE": url.replace("127.0.0.1", "Mock"), "WECHAT_MOCK": "allow"}.items()
    assert process.stderr
    warning, addresses = process.stderr.readline(), process.stderr.readline()
    assert "0.0.0.0 can be reached from other machines" in warning
    own = [base for base in re.findall(r"http://[^,\s]+:\d+", addresses) if "Mock" not in base]
    assert own
    for host in ("mock", *(urlsplit(base).netloc for base in own)):
        answer = requests.get(f"{url}/_mock/state", headers={"Host": host}, timeout=10)
        assert answer.status_code == 200, host
    assert requests.get(f"{url}/_mock/state", headers={"Host": "evil.example"}, timeout=10).status_code == 403


def test_run_gives_its_command_the_address_on_this_machine(start: Start) -> None:
    script = 'echo "$WECHAT_API_BASE $WECHAT_MOCK."'
    process = start("run", "--host", "0.0.0.0", "--port", "0", "--", "sh", "-c", script)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+ \.\n", process.communicate(timeout=20)[0])


def test_hosts_of_a_wildcard_are_this_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "box")
    found = [(socket.AF_INET, 1, 6, "", (address, 0)) for address in ("127.0.1.1", "10.1.2.3", "10.1.2.3")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: found)
    hosts = outside_hosts("0.0.0.0")
    assert (hosts[-2:], "127.0.1.1" in hosts, len(set(hosts))) == (["10.1.2.3", "box"], False, len(hosts))
    assert [outside_hosts(host) for host in ("127.0.0.1", "localhost", "::1", "10.0.0.5")] == [[], [], [], ["10.0.0.5"]]


@pytest.mark.parametrize("arguments", [["run"], ["run", "--"], ["--", "true"], ["walk"], ["--port", "99999"]])
def test_wrong_usage_is_status_2(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: mock-wechat" in capsys.readouterr().err


def test_command_runs_with_the_environment_of_a_mock_that_answers(start: Start) -> None:
    fetch = "import os, urllib.request as u; print(u.urlopen(os.environ['WECHAT_API_BASE'] + '/cgi-bin/token').read())"
    command = ("run", "--port", "0", "--", sys.executable, "-c", fetch)
    out, _ = start(*command, http_proxy="http://127.0.0.1:9").communicate(timeout=20)  # a company's
    assert "41002" in out


@pytest.mark.parametrize(
    ("script", "status"), [("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", 143), ("kill -KILL $$", 137)]
)
def test_status_is_the_commands(start: Start, script: str, status: int) -> None:
    process = start(*sh(script))
    process.communicate(timeout=20)
    assert process.returncode == status


@pytest.mark.parametrize(("command", "status"), [("no-such-command-here", 127), ("/etc/passwd", 126)])
def test_command_that_can_not_start(start: Start, command: str, status: int) -> None:
    process = start("run", "--port", "0", "--", command)
    _, err = process.communicate(timeout=20)
    assert process.returncode == status
    assert err.splitlines()[-1].startswith(f"{command}: ")
    assert "Traceback" not in err


def test_arguments_after_the_dashes_go_to_the_command(start: Start) -> None:
    process = start("run", "--port", "0", "--", "printf", "%s|", "--port", "--", "a b")
    assert process.communicate(timeout=20)[0] == "--port|--|a b|"


@pytest.mark.parametrize("name", ["TERM", "INT", "HUP"])
def test_signal_is_passed_once_to_the_command_only(start: Start, name: str) -> None:
    script = f"""
        trap 'echo got {name}; exit 5' {name}
        (trap 'echo child got it; exit' {name}; echo ready; while :; do sleep 0.05; done) &
        while :; do sleep 0.05; done
    """
    ignored = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup ignores it, and processes inherit that
    process = start(*sh(script))
    signal.signal(signal.SIGHUP, ignored)
    assert line_of(process) == "ready"
    process.send_signal(getattr(signal, f"SIG{name}"))
    assert line_of(process) == f"got {name}"
    rest = process.communicate(timeout=20)[0]
    assert process.returncode == 5
    assert f"got {name}" not in rest
    assert name == "TERM" or "child" not in rest  # at the end everything that is left gets SIGTERM


def test_processes_left_by_the_command_are_ended(start: Start) -> None:
    process = start(*sh("sleep 600 & echo $!; exit 3"))
    left_behind = int(line_of(process))
    assert process.wait(timeout=20) == 3
    assert is_gone(left_behind)


def test_process_that_ignores_sigterm_is_killed(start: Start) -> None:
    process = start(*sh("trap '' TERM; sleep 600 & echo $!; exit 3"))
    left_behind = int(line_of(process))
    assert process.wait(timeout=60) == 3
    assert is_gone(left_behind)


def test_command_does_not_wait_for_a_terminal(start: Start) -> None:
    process = start("run", "--port", "0", "--", "cat")
    assert process.wait(timeout=20) == 0


def test_push_url_is_the_mini_programs(start: Start) -> None:
    process = start("--port", "0", "--push-url", "http://127.0.0.1:1/push")
    url = line_of(process).split()[3].rstrip(",")
    answer = requests.post(f"{url}/_mock/push/check", json={"appid": "wx0000000000000002"}, timeout=10).json()
    assert (answer["url"], answer["valid"]) == ("http://127.0.0.1:1/push", False)


def test_each_run_gets_a_new_store_unless_one_is_set(start: Start) -> None:
    script = 'echo "$WECHAT_STORE_URL" && ls "$(dirname "${WECHAT_STORE_URL#sqlite:///}")" | wc -l'
    url, files = start(*sh(script)).communicate(timeout=20)[0].split()
    assert url.startswith("sqlite:////")
    assert (files, Path(url.removeprefix("sqlite:///")).parent.exists()) == ("0", False)
    out, _ = start(*sh(script), WECHAT_STORE_URL="sqlite:////tmp/mine.db").communicate(timeout=20)
    assert out.splitlines()[0] == "sqlite:////tmp/mine.db"


def test_origin_is_one_of_the_command_and_of_the_mock(start: Start) -> None:
    verify = "/_mock/verify?appid=wx0000000000000001&timestamp=1&nonceStr=n&signature=s&url="
    script = (
        "import os, urllib.request as u\n"
        "page = u.Request(os.environ['WECHAT_API_BASE'] + '" + verify + "http://h5.example:5173/')\n"
        "page.add_header('Origin', 'http://h5.example:5173')\n"
        "answer = u.urlopen(page)\n"
        "print(os.environ['WECHAT_JS_DOMAINS'], os.environ['WECHAT_LOGIN_ORIGINS'])\n"
        "print(os.environ.get('WECHAT_WEB_LOGIN_ORIGINS'))\n"
        "print(answer.headers['Access-Control-Allow-Origin'], answer.read())\n"
    )
    origins = ["--origin", "http://h5.example:5173/", "--origin", "http://shop.example:3000"]
    options = ["run", "--port", "0", *origins, "--", sys.executable, "-c", script]
    listed = "http://h5.example:5173,http://shop.example:3000"
    out, _ = start(*options, WECHAT_JS_DOMAINS="localhost:8000").communicate(timeout=20)
    assert out.startswith(f"localhost:8000,h5.example:5173,shop.example:3000 {listed}\nNone\nhttp://h5.example:5173 ")
    assert "getticket was never called" in out  # not domain_not_listed
    out, _ = start(*options, WECHAT_WEB_APPID=WEB.appid).communicate(timeout=20)
    assert out.splitlines()[1] == listed


def test_demo_prints_examples_once_the_server_answers(start: Start, tmp_path: Path) -> None:
    (tmp_path / "healthz").write_text("ok")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        taken = start(*sh("true"), PORT=str(port), WECHAT_DEMO_KEY="the-demo-key")
        _, err = taken.communicate(timeout=20)
        assert (taken.returncode, f"Port {port} is taken" in err) == (1, True)
    serve = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", str(tmp_path), str(port)]
    process = start("run", "--port", "0", "--", *serve, PORT=str(port), WECHAT_DEMO_KEY="the-demo-key")
    lines = iter(lambda: line_of(process), f"  curl http://127.0.0.1:{port}/healthz")
    assert "The server is up, with a mock in place of WeChat. Ctrl-C stops both." in lines
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)


def test_welcome_has_addresses_key_and_examples() -> None:
    text = welcome("http://127.0.0.1:8000", "http://127.0.0.1:9100", "the-demo-key", ["http://localhost:5173"])
    for needed in ("http://127.0.0.1:8000/\n", "http://127.0.0.1:9100/_mock/", "the-demo-key", "http://localhost:5173"):
        assert needed in text
    assert all(f"  {line}\n" in text for line in examples("http://127.0.0.1:8000", "the-demo-key"))
