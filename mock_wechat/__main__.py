"""The command line: `python -m mock_wechat` serves, `python -m mock_wechat run -- COMMAND` serves one command."""

import argparse
import errno
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from ipaddress import ip_network

from .accounts import MINI, OFFICIAL
from .clock import LAST_SECOND
from .mock import MockWeChat
from .push.settings import push_url
from .run import run
from .wire import is_loopback


def main(arguments: Sequence[str]) -> int:
    """Returns the exit status."""
    own, command = _cut_command(arguments)
    options = _parser().parse_args(own)
    if (options.mode == "run") != bool(command):
        _say("Usage: python -m mock_wechat run [OPTION...] -- COMMAND [ARGUMENT...]")
        return 2
    mock = MockWeChat(
        accounts=(OFFICIAL, replace(MINI, push_url=options.push_url)),
        host=options.host,
        port=options.port,
        seed=options.seed,
        now=options.now,
        still=options.still,
        control_hosts=options.control_host,
        networks=options.network,
    )
    try:
        mock.start()
    except OSError as problem:
        _say(_why(problem, options.host, options.port))
        return 1
    try:
        if not is_loopback(options.host):
            _say(f"Careful: {options.host} can be reached from other machines, and this mock trusts whoever calls it.")
        return _run(mock, command) if command else _serve(mock)
    finally:
        mock.stop()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m mock_wechat",
        description="A mock of WeChat's API, for tests only.",
        epilog="`run -- COMMAND` runs COMMAND with the environment that points a client at the mock, and ends with it.",
    )
    parser.add_argument("mode", nargs="?", choices=("serve", "run"), default="serve", help="default: serve")
    parser.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1")
    parser.add_argument("--port", type=int, default=9100, choices=range(65536), metavar="PORT", help="default: 9100")
    parser.add_argument("--seed", type=int, help="make tokens, tickets, codes and rids repeat")
    parser.add_argument("--still", action="store_true", help="WeChat's clock moves only when it is told to")
    parser.add_argument("--now", type=_second, metavar="UNIX_SECONDS", help="where WeChat's clock begins; default: now")
    parser.add_argument(
        "--control-host", action="append", default=[], metavar="NAME", help="a name, beside loopback's, for /_mock/"
    )
    parser.add_argument(
        "--network",
        action="append",
        default=[],
        type=_network,
        metavar="CIDR",
        help="beside loopback, it may call this address or network for pushes and media",
    )
    parser.add_argument("--push-url", type=_push_url, metavar="URL", help="where the mini program's message push goes")
    return parser


def _second(given: str) -> float:
    try:
        second = float(given)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a number") from None
    if not 0 <= second <= LAST_SECOND:
        raise argparse.ArgumentTypeError(f"must be from 0 to {LAST_SECOND}")
    return second


def _push_url(given: str) -> str:
    try:
        return push_url(given)
    except ValueError as problem:
        raise argparse.ArgumentTypeError(str(problem)) from None


def _network(given: str) -> str:
    try:
        return str(ip_network(given))
    except ValueError as problem:
        raise argparse.ArgumentTypeError(str(problem)) from None


def _cut_command(arguments: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """What stands before and behind the first `--`."""
    position = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:position], arguments[position + 1 :]


def _serve(mock: MockWeChat) -> int:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    lines = [f"Mock WeChat on {mock.url}, for tests only. Steer it at {mock.url}/_mock/.", ""]
    lines += [f"export {name}={value}" for name, value in mock.environment.items()]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
    stop.wait()
    return 0


def _run(mock: MockWeChat, command: Sequence[str]) -> int:
    _say(f"Mock WeChat on {mock.url}, for tests only.")
    return run(command, mock.environment)


def _why(problem: OSError, host: str, port: int) -> str:
    if problem.errno == errno.EADDRINUSE:
        another = "choose another with --port (make run: MOCK_PORT=)"
        return f"Port {port} is taken on {host}: stop what listens there, or {another}."
    return f"Can't listen on {host}, port {port}: {problem.strerror or problem}."


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
