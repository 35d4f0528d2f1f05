"""The command line: `python -m mock_wechat` serves, `python -m mock_wechat run -- COMMAND` serves one command."""

import argparse
import errno
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from ipaddress import ip_network
from typing import TypeVar
from urllib.parse import urlsplit

from .demo import port as command_port
from .demo import wait_until_healthy, welcome
from .mock import MockWeChat
from .run import child_environment, is_taken, run
from .state.accounts import MINI, OFFICIAL, push_url
from .state.clock import MAX_SECONDS
from .wire import is_loopback

T = TypeVar("T")


def main(arguments: Sequence[str]) -> int:
    """Returns the exit status."""
    position = arguments.index("--") if "--" in arguments else len(arguments)
    command = arguments[position + 1 :]
    options = _parser().parse_args(arguments[:position])
    if (options.mode == "run") != bool(command):
        _say("Usage: python -m mock_wechat run [OPTION...] -- COMMAND [ARGUMENT...]")
        return 2
    try:
        mock = _started(options)
    except OSError as problem:
        _say(_why(problem, options.host, options.port))
        return 1
    try:
        if not is_loopback(options.host):
            _say(f"Warning: {options.host} can be reached from other machines, and this mock trusts every caller.")
        return _run(mock, command, options.origin) if command else _serve(mock)
    finally:
        mock.stop()


def _started(options: argparse.Namespace) -> MockWeChat:
    domains, hosts = OFFICIAL.js_domains, list(options.control_host)
    if options.origin:
        origin = urlsplit(options.origin)
        domains = (*domains, origin.netloc)
        hosts.append(str(origin.hostname))
    mock = MockWeChat(
        accounts=(replace(OFFICIAL, js_domains=domains), replace(MINI, push_url=options.push_url)),
        host=options.host,
        port=options.port,
        seed=options.seed,
        now=options.now,
        still=options.still,
        control_hosts=hosts,
        networks=options.network,
    )
    mock.start()
    return mock


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m mock_wechat",
        description="A mock of WeChat's API, for tests only.",
        epilog="`run -- COMMAND` runs COMMAND with the environment that points a client at the mock, and ends with it. "
        "Each run gets a new SQLite store, unless WECHAT_STORE_URL is set.",
    )
    add = parser.add_argument
    add("mode", nargs="?", choices=("serve", "run"), default="serve", help="default: serve")
    add("--host", default="127.0.0.1", help="default: 127.0.0.1")
    add("--port", type=int, default=9100, choices=range(65536), metavar="PORT", help="default: 9100")
    add("--seed", type=int, help="make tokens, tickets, codes and rids repeat")
    add("--still", action="store_true", help="move WeChat's clock only on demand")
    add("--now", type=_checked(_second), metavar="UNIX_SECONDS", help="start of WeChat's clock; default: now")
    hosts = "a host name for /_mock/, beside loopback's"
    add("--control-host", action="append", default=[], metavar="NAME", help=hosts)
    networks = "an address or network that the mock may call for pushes and media, beside loopback"
    networks_type = _checked(lambda given: str(ip_network(given)))
    add("--network", action="append", default=[], type=networks_type, metavar="CIDR", help=networks)
    add("--push-url", type=_checked(push_url), metavar="URL", help="where the mini program's message push goes")
    origins = "an origin whose pages server and mock accept, such as http://localhost:5173"
    add("--origin", type=_checked(_origin), metavar="URL", help=origins)
    return parser


def _checked(check: Callable[[str], T]) -> Callable[[str], T]:
    def read(given: str) -> T:
        try:
            return check(given)
        except ValueError as problem:
            raise argparse.ArgumentTypeError(str(problem)) from None

    return read


def _second(given: str) -> float:
    try:
        second = float(given)
    except ValueError:
        raise ValueError("must be a number") from None
    if not 0 <= second <= MAX_SECONDS:
        raise ValueError(f"must be from 0 to {MAX_SECONDS}")
    return second


def _origin(given: str) -> str:
    url = urlsplit(push_url(given))
    if url.path not in ("", "/") or url.query or url.fragment or "@" in url.netloc:
        raise ValueError("must be scheme, host and port alone, such as http://localhost:5173")
    return f"{url.scheme}://{url.netloc}"


def _serve(mock: MockWeChat) -> int:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    lines = [f"Mock WeChat on {mock.url}, for tests only. Control plane: {mock.url}/_mock/.", ""]
    lines += [f"export {name}={value}" for name, value in mock.environment.items()]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
    stop.wait()
    return 0


def _run(mock: MockWeChat, command: Sequence[str], origin: str | None) -> int:
    """With WECHAT_DEMO_KEY set, COMMAND is the demo's server: print how to use it when it answers."""
    key = os.environ.get("WECHAT_DEMO_KEY")
    port = command_port(os.environ) if key else 0
    if key and is_taken(port):
        _say(f"Port {port} is taken: stop what listens there, or choose another: make run PORT={port + 1}")
        return 1

    def greet(ended: threading.Event) -> None:
        server = f"http://127.0.0.1:{port}"
        if key and wait_until_healthy(server, ended):
            sys.stdout.write(welcome(server, mock.url, key, origin))
            sys.stdout.flush()

    _say(f"Mock WeChat on {mock.url}, for tests only.")
    with child_environment(mock.environment, origin) as environment:
        return run(command, environment, greet if key else None)


def _why(problem: OSError, host: str, port: int) -> str:
    if problem.errno == errno.EADDRINUSE:
        another = "choose another with --port (make run: MOCK_PORT=)"
        return f"Port {port} is taken on {host}: stop what listens there, or {another}."
    return f"Can't listen on {host}, port {port}: {problem.strerror or problem}."


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
